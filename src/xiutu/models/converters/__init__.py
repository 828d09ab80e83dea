"""Converters from what packages carry to ONNX: member files in, bytes of the store's file out."""

from collections.abc import Callable
from pathlib import Path

from xiutu.models.converters import ffdnet, hed, ncnn

__all__ = ["CONVERTERS"]


def _copy(members: list[Path]) -> bytes:
    return members[0].read_bytes()


CONVERTERS: dict[str, Callable[[list[Path]], bytes]] = {
    "none": _copy,
    "ffdnet": ffdnet.convert,
    "hed": hed.convert,
    "ncnn": ncnn.convert,
}
"""Name in the catalogue -> function. Deterministic: the catalogue pins the output's hash."""
