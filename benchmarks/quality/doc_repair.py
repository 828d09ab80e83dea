"""doc_repair: PSNR and SSIM against the clean page, and whether a reader (tesseract) gains by it.

Sets: documents/synthetic (drawn pages with shade, shadow, stain, bleed-through, watermark) and
documents/dirty (Kaggle "Denoising Dirty Documents"). Character error rate: edit distance between what
tesseract reads on a page and what it reads on the clean page, both enlarged three times (bicubic),
divided by the length of the latter; pooled over the set.
"""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from benchmarks.quality._metrics import Array, psnr, ssim
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.doc_repair import Params, apply

NAME = "doc_repair"


def measure() -> list[Row]:
    synthetic = _pages("documents/synthetic/dirty", "documents/synthetic/clean")
    kaggle = _pages("documents/dirty", "documents/clean")
    rows = [*_fidelity("documents/synthetic", synthetic, 13.0, 0.92)]
    rows += _fidelity("documents/dirty", kaggle, 5.0, None)
    return rows + _reading("documents/dirty", kaggle)


def _pages(dirty: str, clean: str) -> list[tuple[Array, Array, Array]]:
    """Triples of dirty, repaired and clean page."""
    pages = []
    for path in files(dirty):
        page = read(path)
        target = read(next(p for p in files(clean) if p.stem == path.stem))
        pages.append((page, np.asarray(apply(page, Params())), target))
    return pages


def _fidelity(
    data: str, pages: list[tuple[Array, Array, Array]], gain: float, similarity: float | None
) -> list[Row]:
    gains = [psnr(repaired, clean) - psnr(dirty, clean) for dirty, repaired, clean in pages]
    likeness = [ssim(repaired, clean) for _, repaired, clean in pages]
    n = len(pages)
    return [
        Row(NAME, data, n, "PSNR gain, mean (dB)", float(np.mean(gains)), gain),
        Row(NAME, data, n, "PSNR gain, worst page (dB)", float(np.min(gains))),
        Row(NAME, data, n, "SSIM, mean", float(np.mean(likeness)), similarity),
    ]


def _reading(data: str, pages: list[tuple[Array, Array, Array]]) -> list[Row]:
    if shutil.which("tesseract") is None:
        raise SystemExit(
            "the character error rate needs the tesseract program: apt-get install tesseract-ocr"
        )
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        texts = list(pool.map(_read_text, [page for triple in pages for page in triple]))
    before, after, length = [], [], []
    for dirty, repaired, clean in zip(texts[0::3], texts[1::3], texts[2::3], strict=True):
        before.append(_distance(dirty, clean))
        after.append(_distance(repaired, clean))
        length.append(max(len(clean), 1))
    rise = max(100 * (a - b) / n for a, b, n in zip(after, before, length, strict=True))
    n = len(pages)
    total = sum(length)
    fall = 100 * (1 - sum(after) / max(sum(before), 1))
    return [
        Row(NAME, data, n, "character error rate of the input (%)", 100 * sum(before) / total),
        Row(NAME, data, n, "character error rate of the result (%)", 100 * sum(after) / total),
        Row(NAME, data, n, "fall of the pooled character error rate (%)", fall, 20.0),
        Row(NAME, data, n, "largest rise of a page (points)", rise, 1.0, upper=True),
    ]


def _read_text(page: Array) -> str:
    """What tesseract reads on the page at three times its size, white space collapsed."""
    large = cv2.resize(page, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    ok, png = cv2.imencode(".png", large[:, :, ::-1])
    assert ok
    done = subprocess.run(
        ["tesseract", "stdin", "stdout"],
        input=png.tobytes(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return " ".join(done.stdout.decode("utf-8").split())


def _distance(a: str, b: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]
