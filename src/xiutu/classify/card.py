"""The card beside a model's ONNX file: what goes in, what comes out, what it is called."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from xiutu.errors import BadModel

__all__ = ["CARD", "MODEL", "Card", "Input"]

CARD, MODEL = "card.json", "model.onnx"
FORMAT = 1


@dataclass(frozen=True)
class Input:
    """How a picture becomes the model's input.

    RGB, resized to ``width`` x ``height`` pixels whatever its aspect ratio (Pillow, bilinear), then
    ``(value * scale - mean) / std`` for each channel unless ``dtype`` is uint8; ``layout`` NHWC or
    NCHW; one picture at a time where ``batch`` is False.
    """

    name: str
    width: int
    height: int
    layout: str = "NHWC"
    dtype: str = "uint8"
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    batch: bool = True


@dataclass(frozen=True)
class Card:
    """``output`` holds a row for each picture with a number for each of ``labels``: ``probabilities``,
    or ``logits`` to be put through a softmax. ``known`` names the open-set score, if there is one.
    """

    kind: str
    input: Input
    output: str
    labels: tuple[str, ...]
    output_kind: str = "probabilities"
    known: str | None = None
    sha256: str = ""
    about: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT} | asdict(self), ensure_ascii=False, indent=1)
        (folder / CARD).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Card":
        """Raises ``BadModel`` when it is not there or not understood."""
        try:
            values = json.loads((folder / CARD).read_text(encoding="utf-8"))
            if values.pop("format") != FORMAT:
                raise BadModel(f"{folder.name}: the card is of another format")
            given = values.pop("input")
            given |= {name: tuple(given[name]) for name in ("mean", "std")}
            values["labels"] = tuple(values["labels"])
            return cls(input=Input(**given), **values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadModel(f"the card of model {folder.name} cannot be read: {error}") from None
