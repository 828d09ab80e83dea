"""``python -m scripts.strips [OPERATOR ...]``: the before/after strips of ``docs/operators.md``.

One row of ``TABLE`` an operator: source picture, damage, parameters, what is seen. Input left, result
right, 972 px wide. Needs the evaluation pictures (``XIUTU_EVAL``) for those from Pexels. ``make docs`` puts
every strip that is there on the page, with its caption and credit.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

import xiutu
from scripts import strip_damage as damage
from scripts.strip_sources import SOURCES
from xiutu.operators._registry import implemented

__all__ = ["FOLDER", "TABLE", "Strip", "lines"]

Array = NDArray[np.uint8]
FOLDER = Path(__file__).parents[1] / "docs" / "img" / "strips"
WIDTH, HEIGHT, GAP = 480, 320, 12


@dataclass(frozen=True)
class Strip:
    """``before`` and ``zh`` say what the left half shows; ``fit`` shows all of a picture, else a 3:2 cut."""

    source: str
    damage: Callable[[Array], Array]
    before: str
    zh: str
    params: Mapping[str, object] = field(default_factory=dict)
    fit: bool = False


TABLE: dict[str, Strip] = {
    "colourize": Strip("astronaut", damage.grey, "the photo in grey", "灰度照片"),
    "style_trans": Strip(
        "cat",
        damage.same,
        "the photo; right: color_pencil",
        "原图，右为彩铅",
        {"option": "color_pencil"},
    ),
    "selfie_anime": Strip("astronaut", damage.same, "the portrait", "人像原图"),
    "customize_stylization": Strip("coffee", damage.same, "the photo", "原图", {"style_id": 1}),
    "dehaze": Strip("apple", damage.hazy, "haze drawn in", "人工加雾"),
    "contrast_enhance": Strip("roast", damage.dark, "two stops too dark", "欠曝两档"),
    "image_quality_enhance": Strip(
        "cat", damage.small, "240 x 160 px, enlarged plainly", "240 x 160 直接放大"
    ),
    "stretch_restore": Strip(
        "coffee", damage.stretched, "1.5 times too wide", "横向拉伸 1.5 倍", fit=True
    ),
    "inpainting": Strip(
        "biscuit", damage.labelled, "with a label", "带标签", {"rectangle": [damage.LABEL]}
    ),
    "image_definition_enhance": Strip(
        "vegetables", damage.jpeg, "JPEG of quality 12", "JPEG 质量 12"
    ),
    "color_enhance": Strip("berries", damage.dull, "dull, with a cold cast", "灰暗偏冷"),
    "remove_moire": Strip("corn", damage.screen, "photo of a screen (drawn)", "屏幕翻拍（模拟）"),
    "doc_repair": Strip(
        "page", damage.photographed, "photographed page (drawn)", "翻拍文档（模拟）"
    ),
    "denoise": Strip("salad", damage.noisy, "noise of sigma 25", "噪声 σ=25", {"option": 67}),
    "segment": Strip("cat", damage.same, "the photo", "原图"),
    "sky_seg": Strip("rocket", damage.same, "the photo; right: the score map", "原图，右为概率图"),
}


def lines(operator: str) -> list[str]:
    """Picture, captions and credit for the page; nothing where there is no strip."""
    if operator not in TABLE or not (FOLDER / f"{operator}.jpg").exists():
        return []
    row = TABLE[operator]
    credit = SOURCES[row.source].credit
    return [
        f"![{operator}: before and after](img/strips/{operator}.jpg)",
        "",
        f"Left: {row.before}; right: {_call(operator, row)}. 左：{row.zh}；右：处理结果。 Picture: {credit}.",
        "",
    ]


def _call(operator: str, row: Strip) -> str:
    shown = {name: value for name, value in row.params.items() if name != "rectangle"}
    return f"`{operator}`" + "".join(f", `{name}` {value}" for name, value in shown.items())


def _strip(operator: str) -> Array:
    row = TABLE[operator]
    before = row.damage(SOURCES[row.source].load())
    after = xiutu.run(operator, before, **row.params)
    if isinstance(after, dict):
        after = after["scoremap"]
    halves = [_panel(before, whole=row.fit), _panel(_plain(after), whole=row.fit)]
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    return np.hstack([halves[0], gap, halves[1]])


def _plain(picture: Array) -> Array:
    """RGB; cut-outs on a chequered ground."""
    if picture.ndim == 2:
        return np.repeat(picture[:, :, None], 3, axis=2)
    if picture.shape[2] == 3:
        return picture
    y, x = np.indices(picture.shape[:2]) // 16
    ground = np.where((x + y) % 2, 255, 214)[:, :, None]
    alpha = picture[:, :, 3:] / 255
    return np.rint(picture[:, :, :3] * alpha + ground * (1 - alpha)).astype(np.uint8)


def _panel(picture: Array, *, whole: bool) -> Array:
    """480 x 320: the middle of the picture, or all of it on white."""
    height, width = picture.shape[:2]
    scales = (WIDTH / width, HEIGHT / height)
    scale = min(scales) if whole else max(scales)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(picture, size, interpolation=way))
    panel = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    h, w = min(HEIGHT, size[1]), min(WIDTH, size[0])
    into, out = ((HEIGHT - h) // 2, (WIDTH - w) // 2), ((size[1] - h) // 2, (size[0] - w) // 2)
    cut = scaled[out[0] : out[0] + h, out[1] : out[1] + w]
    panel[into[0] : into[0] + h, into[1] : into[1] + w] = cut
    return panel


def main() -> int:
    """Exit code 1 when a wanted operator has no row or is not in this version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help="default: all there are")
    wanted = parser.parse_args().operators or list(implemented())
    FOLDER.mkdir(parents=True, exist_ok=True)
    failed = 0
    for operator in wanted:
        if operator not in TABLE:
            print(f"{operator}: no strip, add a row to TABLE in scripts/strips.py", file=sys.stderr)
        elif operator not in implemented():
            print(f"{operator}: not in this version", file=sys.stderr)
        else:
            path = FOLDER / f"{operator}.jpg"
            options = {"quality": 82, "optimize": True, "progressive": True}
            Image.fromarray(_strip(operator)).save(path, "JPEG", **options)
            print(f"written: {path.name}, {path.stat().st_size / 1e3:.0f} kB")
            continue
        failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
