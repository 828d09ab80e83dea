"""Where the public evaluation pictures are, and how they are read."""

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(os.environ.get("XIUTU_EVAL", Path(__file__).parents[3] / "shared" / "data" / "eval"))


def files(folder: str, pattern: str = "*") -> list[Path]:
    """Sorted picture files of one set; stops with a clear sentence where the set is absent."""
    found = sorted(p for p in (ROOT / folder).glob(pattern) if p.is_file())
    if not found:
        raise SystemExit(f"no pictures in {ROOT / folder}: set XIUTU_EVAL to the evaluation data")
    return found


def read(path: Path) -> NDArray[np.uint8]:
    """RGB uint8 H x W x 3, orientation as stored."""
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    bgr = cv2.imread(str(path), flags)
    if bgr is None:
        raise SystemExit(f"cannot read {path}")
    return np.ascontiguousarray(bgr[:, :, ::-1]).astype(np.uint8)
