"""A classifier somebody made elsewhere: an ONNX file with a description of its input.

The file is a stranger's, so this process never opens it: a child process with bounds on memory and time
reads it, refuses what reaches outside (external data, operators beyond the standard sets) and runs it once
on a grey picture. After that worker processes load it, and nobody else.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xiutu.classify.card import MODEL, Card, Input
from xiutu.classify.files import Files
from xiutu.classify.names import checked_label
from xiutu.classify.values import Model
from xiutu.errors import BadModel, InvalidParameter

if TYPE_CHECKING:
    from xiutu.classify.models import Models

__all__ = ["LARGEST", "Description", "import_model"]

LARGEST = 512 * 1024 * 1024
"""Bytes of a model file."""

_SECONDS = 120.0


@dataclass(frozen=True)
class Description:
    """What the file does not say itself. ``scale``, ``mean`` and ``std`` as in ``card.Input``; sides
    are read from the model where it fixes them.
    """

    labels: tuple[str, ...]
    logits: bool = False
    scale: float = 1 / 255
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    side: int = 224

    def check(self) -> None:
        """Raises ``InvalidParameter``."""
        labels = [checked_label(label) for label in self.labels]
        if len(labels) < 2 or len(set(labels)) != len(labels):
            raise InvalidParameter("at least two labels are due, each once")
        if min(self.std) <= 0 or not 0 < self.scale <= 1 or not 8 <= self.side <= 2048:
            raise InvalidParameter("std and scale must be above 0, scale at most 1, side 8 to 2048")


def import_model(
    models: "Models", files: Files, name: str, source: Path, description: Description
) -> Model:
    """Check and keep a model. Raises ``BadModel`` or ``InvalidParameter``."""
    description.check()
    if not source.is_file():
        raise InvalidParameter(f"{source} does not exist")
    if source.stat().st_size > LARGEST:
        raise BadModel(f"a model has at most {LARGEST >> 20} MB")
    files.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=files.folder) as name_of_folder:
        folder = Path(name_of_folder) / "model"
        folder.mkdir()
        shutil.copyfile(source, folder / MODEL)  # what is checked is what is kept
        found = _inspected(folder / MODEL, description)
        card = Card(
            kind="imported",
            input=found.input,
            output=found.output,
            labels=description.labels,
            output_kind="logits" if description.logits else "probabilities",
            sha256=hashlib.sha256((folder / MODEL).read_bytes()).hexdigest(),
            about={"file": source.name},
        )
        card.write(folder)
        return models.add_imported(name, {"file": source.name}, folder)


@dataclass(frozen=True)
class _Found:
    input: Input
    output: str


def _inspected(model: Path, description: Description) -> _Found:
    """Let the child look. Raises ``BadModel`` with what it says."""
    request = json.dumps(asdict(description) | {"model": str(model)})
    command = [sys.executable, "-m", "xiutu.classify.inspection"]
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command,
            input=request.encode(),
            capture_output=True,
            timeout=_SECONDS,
            env=environment,
            cwd=model.parent,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadModel(f"the model did not answer within {_SECONDS:.0f} s") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise BadModel(f"the model made its process end ({done.returncode})") from None
    if "error" in answer:
        raise BadModel(str(answer["error"]))
    given = Input(**{k: v for k, v in answer["input"].items() if k not in ("mean", "std")})
    given = replace(given, mean=description.mean, std=description.std)
    return _Found(given, str(answer["output"]))
