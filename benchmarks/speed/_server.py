"""The server that is measured, and calls of it that are ready to be sent."""

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.server import PREFIX, RunningServer
from xiutu.settings import load

__all__ = ["FORM", "Request", "serving"]

FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Request:
    """A call, encoded once: what a client does with its own bytes is not the server's time."""

    url: str
    body: bytes
    app: str = ""

    @classmethod
    def of(
        cls, operator: str, data: bytes, params: Mapping[str, Any], token: str, app: str = ""
    ) -> "Request":
        """A form with a picture; ``app`` is a name to know the caller by."""
        text = quote(base64.b64encode(data).decode(), safe="")
        plain = {k: v if isinstance(v, str) else json.dumps(v) for k, v in params.items()}
        body = f"image={text}&{urlencode(plain)}".encode()
        return cls(f"{PREFIX}{operator}?access_token={token}", body, app)


@contextmanager
def serving(**settings: str) -> Iterator[RunningServer]:
    """`xiutu serve` on an empty data folder, with the weights that are here already."""
    models = str(load().models_folder)
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningServer(Path(folder), XIUTU_MODELS=models, **settings) as server,
    ):
        yield server
