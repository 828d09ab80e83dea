"""Bytes in, bytes out: what a worker process, the CLI and the library run for one call.

The steps are the same everywhere: header, limits of the caller, decode, apply, carry the alpha channel
round, encode. Which response field a picture belongs to comes from the contract.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu import contract
from xiutu.errors import InternalError, MissingSource
from xiutu.image.decode import decode
from xiutu.image.encode import encode, encode_png
from xiutu.image.header import read_header
from xiutu.image.picture import Picture
from xiutu.models import threads
from xiutu.operators._base import Rgb
from xiutu.operators._params import build
from xiutu.operators._registry import Implementation, get

__all__ = ["Executed", "estimate", "execute", "prepare", "run_picture"]


@dataclass(frozen=True)
class Executed:
    """Answer of one call: encoded pictures (bytes) and texts by response field, and seconds by step."""

    fields: dict[str, bytes | str]
    timings: dict[str, float]


@cache
def prepare() -> None:
    """Process-wide library settings, once: our thread count, no OpenCL probing."""
    cv2.setNumThreads(threads())
    cv2.ocl.setUseOpenCL(False)


def estimate(operator: str, pixels: int) -> float:
    """Megabytes a call on a picture of ``pixels`` may take at its peak, input and result included."""
    return get(operator).cost.megabytes(pixels) + 3 * 3 * pixels / 1e6


def execute(operator: str, inputs: Mapping[str, bytes], params: Mapping[str, object]) -> Executed:
    """Run one operator on encoded pictures.

    ``inputs`` maps ``image`` (and further picture inputs of the operator) to file bytes; ``params`` are
    plain values. Raises the errors of ``xiutu.errors``; limits were checked by the caller.
    """
    prepare()
    implementation = get(operator)
    if "image" not in inputs:
        raise MissingSource
    marks = [time.perf_counter()]
    header = read_header(inputs["image"])
    checked = build(implementation.params, params)
    if implementation.check is not None:
        implementation.check(checked, header.width, header.height)
    picture = decode(inputs["image"], header)
    marks.append(time.perf_counter())
    result = implementation.apply(picture.rgb, checked)
    marks.append(time.perf_counter())
    named = result if isinstance(result, dict) else {_result_field(operator): result}
    fields = {
        name: value if isinstance(value, str) else _encoded(value, picture)
        for name, value in named.items()
    }
    marks.append(time.perf_counter())
    decoded, applied, encoded = (after - before for before, after in pairwise(marks))
    return Executed(fields, {"decode": decoded, "apply": applied, "encode": encoded})


def run_picture(implementation: Implementation, rgb: Rgb, params: Mapping[str, object]) -> Rgb:
    """Apply an operator to an array; for operators that answer one picture."""
    prepare()
    checked = build(implementation.params, params)
    if implementation.check is not None:
        implementation.check(checked, rgb.shape[1], rgb.shape[0])
    result = implementation.apply(np.ascontiguousarray(rgb), checked)
    if isinstance(result, dict):
        raise InternalError(f"{implementation.id} answers several fields, use execute")
    return result


def _result_field(operator: str) -> str:
    return contract.operator(operator).response.result_image_field


def _encoded(pixels: NDArray[np.uint8], source: Picture) -> bytes:
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        return encode_png(pixels)  # masks and cut-outs carry their own meaning: always lossless
    alpha = source.alpha
    if alpha is not None and alpha.shape != pixels.shape[:2]:
        size = (pixels.shape[1], pixels.shape[0])
        alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return encode(Picture(pixels, alpha), source.format)
