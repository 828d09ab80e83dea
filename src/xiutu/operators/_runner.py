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
from xiutu.errors import MissingSource
from xiutu.image.decode import decode
from xiutu.image.encode import encode, encode_png
from xiutu.image.header import read_header, sniff
from xiutu.image.pdf import page_number, render_page
from xiutu.image.picture import Picture
from xiutu.models import threads
from xiutu.operators._base import Params, Result, Rgb
from xiutu.operators._params import build, picture_names
from xiutu.operators._registry import Implementation, get

__all__ = ["Executed", "estimate", "execute", "inputs_of", "prepare", "run_picture"]


_LONGEST_PAGE = 4096  # px, where the contract gave no bound for rendered pages


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


def inputs_of(operator: str, data: bytes) -> dict[str, bytes]:
    """A file under the name of the input it is for: ``pdf_file`` for a PDF where the operator takes it."""
    return {"pdf_file" if _takes_pdf(operator) and sniff(data) == "pdf" else "image": data}


def execute(operator: str, inputs: Mapping[str, bytes], params: Mapping[str, object]) -> Executed:
    """Run one operator on encoded pictures.

    ``inputs`` maps ``image`` (and further picture inputs of the operator: ``style``) to file bytes,
    or ``pdf_file`` to a PDF of which page ``pdf_file_num`` is rendered; ``params`` are plain values.
    Raises the errors of ``xiutu.errors``; limits were checked by the caller, but those of a page are
    checked here.
    """
    prepare()
    implementation = get(operator)
    marks = [time.perf_counter()]
    told: dict[str, bytes | str] = {}
    values = dict(params)
    for name in picture_names(implementation.params):
        if name in inputs:
            values[name] = decode(inputs[name]).rgb
    number = values.pop("pdf_file_num", 1) if _takes_pdf(operator) else None
    if "pdf_file" in inputs:
        checked, picture, told = _page(implementation, inputs["pdf_file"], number, values)
    elif "image" in inputs:
        checked, picture = _picture(implementation, inputs["image"], values)
    else:
        raise MissingSource
    marks.append(time.perf_counter())
    result = implementation.apply(picture.rgb, checked)
    marks.append(time.perf_counter())
    named = result if isinstance(result, dict) else {_result_field(operator): result}
    fields = told | {
        name: value if isinstance(value, str) else _encoded(value, picture)
        for name, value in named.items()
    }
    marks.append(time.perf_counter())
    decoded, applied, encoded = (after - before for before, after in pairwise(marks))
    return Executed(fields, {"decode": decoded, "apply": applied, "encode": encoded})


def run_picture(implementation: Implementation, rgb: Rgb, params: Mapping[str, object]) -> Result:
    """Apply an operator to an array: its one picture, or all it answers by response field."""
    prepare()
    checked = build(implementation.params, params)
    if implementation.check is not None:
        implementation.check(checked, rgb.shape[1], rgb.shape[0])
    return implementation.apply(np.ascontiguousarray(rgb), checked)


def _picture(
    implementation: Implementation, data: bytes, params: Mapping[str, object]
) -> tuple[Params, Picture]:
    header = read_header(data)
    checked = build(implementation.params, params)
    if implementation.check is not None:
        implementation.check(checked, header.width, header.height)
    return checked, decode(data, header)


def _page(
    implementation: Implementation, data: bytes, number: object, params: Mapping[str, object]
) -> tuple[Params, Picture, dict[str, bytes | str]]:
    """As ``_picture`` for a page, and what the answer tells of its document."""
    checked = build(implementation.params, params)
    limits = contract.operator(implementation.id).image_limits["pdf_file"]
    shortest, longest = limits.min_short_side_px or 1, limits.max_long_side_px or _LONGEST_PAGE
    page = render_page(data, page_number(number), shortest=shortest, longest=longest)
    if implementation.check is not None:
        implementation.check(checked, *page.picture.size)
    return checked, page.picture, {"pdf_file_size": str(page.pages)}


def _takes_pdf(operator: str) -> bool:
    return "pdf_file" in contract.operator(get(operator).id).image_limits


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
