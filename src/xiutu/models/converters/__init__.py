"""Converters from what packages carry to ONNX: member files in, bytes of the store's file out."""

import tomllib
from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path

from xiutu.models.converters import efficientnet, ffdnet, magenta, ncnn
from xiutu.models.converters.quantise import quantise

__all__ = ["CONVERTERS"]

Converter = Callable[[list[Path]], bytes]


def _copy(members: list[Path]) -> bytes:
    return members[0].read_bytes()


def _eight_bit(convert: Converter, table: str, members: list[Path]) -> bytes:
    text = resources.files(__name__).joinpath("ranges.toml").read_text("utf-8")
    ranges = {name: (low, high) for name, (low, high) in tomllib.loads(text)[table].items()}
    return quantise(convert(members), ranges)


CONVERTERS: dict[str, Converter] = {
    "none": _copy,
    "efficientnet": efficientnet.convert,
    "ffdnet": ffdnet.convert,
    "ffdnet_int8": partial(_eight_bit, ffdnet.convert, "ffdnet_color"),
    "magenta": magenta.convert,
    "ncnn": ncnn.convert,
    "ncnn_restoring": partial(ncnn.convert, result="restored"),
    "span_x2_int8": partial(_eight_bit, ncnn.convert, "span_x2"),
}
"""Name in the catalogue -> function. Deterministic: the catalogue pins the output's hash."""
