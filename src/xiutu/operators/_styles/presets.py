"""The 30 named presets of ``customize_stylization``: numbers, names, style vectors.

A number stands for its style for ever. The vectors were read off pictures that ``scripts/presets``
draws (``python -m scripts.presets`` writes ``presets.npy`` anew).
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["NAMES", "Preset", "presets", "vector_of"]

NAMES: tuple[tuple[str, str, str], ...] = (
    ("ink_wash", "Ink wash", "水墨"),
    ("night_swirls", "Starry night", "星夜"),
    ("watercolour", "Watercolour", "水彩"),
    ("impasto", "Impasto", "厚涂油画"),
    ("pointillism", "Pointillism", "点彩"),
    ("fauve", "Fauvism", "野兽派"),
    ("cubism", "Cubism", "立体派"),
    ("de_stijl", "De Stijl", "风格派"),
    ("pastel", "Pastel", "粉彩"),
    ("charcoal", "Charcoal", "炭笔"),
    ("red_chalk", "Red chalk", "红粉笔"),
    ("woodcut", "Woodcut", "木刻"),
    ("wave_print", "Wave print", "浮世绘海浪"),
    ("engraving", "Engraving", "铜版画"),
    ("blueprint", "Blueprint", "蓝图"),
    ("ink_comic", "Ink comic", "墨线漫画"),
    ("poster", "Travel poster", "旅行海报"),
    ("neon", "Neon", "霓虹"),
    ("stained_glass", "Stained glass", "彩绘玻璃"),
    ("mosaic", "Mosaic", "马赛克镶嵌"),
    ("porcelain", "Blue-and-white porcelain", "青花瓷"),
    ("gold_spirals", "Gold leaf", "金箔"),
    ("marbling", "Marbling", "湿拓"),
    ("batik", "Batik", "蜡染"),
    ("embroidery", "Embroidery", "刺绣"),
    ("nebula", "Nebula", "星云"),
    ("ember", "Ember", "余烬"),
    ("blossom", "Cherry blossom", "樱花"),
    ("bamboo", "Bamboo", "翠竹"),
    ("frost", "Frost", "霜花"),
)
"""(name of the drawing in ``scripts/presets``, English, Chinese), by number."""


@dataclass(frozen=True)
class Preset:
    """``id``: the ``style_id`` 0..29 of the wire; ``en``, ``zh``: what people read."""

    id: int
    key: str
    en: str
    zh: str


@cache
def presets() -> tuple[Preset, ...]:
    """All presets in the order of their numbers."""
    return tuple(Preset(i, *names) for i, names in enumerate(NAMES))


def vector_of(style_id: int) -> NDArray[np.float32]:
    """Style vector (100 numbers) of a preset."""
    return _vectors()[style_id]


@cache
def _vectors() -> NDArray[np.float32]:
    data = resources.files(__package__).joinpath("presets.npy").read_bytes()
    vectors = np.asarray(np.load(BytesIO(data), allow_pickle=False), np.float32)
    if vectors.shape != (len(NAMES), 100):
        raise ValueError(f"presets.npy holds {vectors.shape}, {len(NAMES)} x 100 is due")
    return vectors
