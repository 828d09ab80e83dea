"""``python -m scripts.console_pictures [OPERATOR ...]``: the pictures of the console.

For every operator in ``scripts/strips.py``: ``OP-sample.jpg`` (the built-in sample to try), and
``OP-before.jpg`` / ``OP-after.jpg`` (480 x 320, the cards); besides them a small picture for each style and
each mask. Credits are those of ``scripts/strip_sources.py``, and are shown in the console. Needs the
evaluation pictures (``XIUTU_EVAL``) for those from Pexels.
"""

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import xiutu
from scripts.strip_sources import SOURCES
from scripts.strips import TABLE, _panel, _plain
from xiutu import contract
from xiutu.operators._base import Result
from xiutu.operators._params import build
from xiutu.operators._registry import get, implemented

Array = NDArray[np.uint8]
FOLDER = Path(__file__).parents[1] / "src/xiutu/web/static/pictures"
LARGEST = 960
SMALL = (132, 88)


def main() -> int:
    """Exit code 1 when an operator has no row in the table of strips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help="default: all there are")
    wanted = parser.parse_args().operators or list(TABLE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    told = {operator: SOURCES[row.source].credit for operator, row in TABLE.items()}
    (FOLDER / "credits.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    for operator in wanted:
        if operator not in TABLE:
            print(f"{operator}: no row in scripts/strips.py", file=sys.stderr)
            return 1
        _operator(operator)
    return 0


def _operator(operator: str) -> None:
    row = TABLE[operator]
    before = row.damage(SOURCES[row.source].load())
    _save(f"{operator}-sample", _within(before, LARGEST), 88)
    _save(f"{operator}-before", _panel(before, whole=row.fit), 80)
    if operator not in implemented():
        return
    made = get(operator).apply(before, build(get(operator).params, row.params))
    after = _picture(made)
    _save(f"{operator}-after", _panel(_plain(after), whole=row.fit), 80)
    small = _within(before, 480)
    if operator == "style_trans":
        (option,) = contract.operator(operator).plain_params[:1]
        for style in option.enum or ():
            _save(f"style-{style}", _tiny(xiutu.run(operator, small, option=style)), 80)
    if operator == "customize_stylization":
        for style_id in range(30):
            _save(f"preset-{style_id}", _tiny(xiutu.run(operator, small, style_id=style_id)), 80)
    if operator == "selfie_anime":
        for mask_id in range(1, 9):
            drawn = xiutu.run(operator, small, type="anime_mask", mask_id=mask_id)
            _save(f"mask-{mask_id}", _tiny(drawn[:, 90:390]), 80)


def _picture(made: Result) -> Array:
    if not isinstance(made, dict):
        return made
    return next(value for value in made.values() if not isinstance(value, str))


def _within(picture: Array, longest: int) -> Array:
    """Not longer than that, never enlarged."""
    height, width = picture.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _tiny(picture: Array) -> Array:
    """132 x 88, the middle of it."""
    height, width = picture.shape[:2]
    scale = max(SMALL[0] / width, SMALL[1] / height)
    size = (round(width * scale), round(height * scale))
    scaled = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    top, left = (size[1] - SMALL[1]) // 2, (size[0] - SMALL[0]) // 2
    return scaled[top : top + SMALL[1], left : left + SMALL[0]]


def _save(name: str, picture: Array, quality: int) -> None:
    path = FOLDER / f"{name}.jpg"
    options = {"quality": quality, "optimize": True, "progressive": True}
    Image.fromarray(picture).save(path, "JPEG", **options)
    print(f"written: {path.name}, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
