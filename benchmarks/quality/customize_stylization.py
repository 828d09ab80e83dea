"""Presets that differ, and style pictures whose colours arrive.

Every pair of the 30 presets on two photographs (distance: ``_looks``); the palette of seven paintings
on the same photographs, before (photograph to painting) and after (result to painting). Whether a
preset deserves its name no number tells; the floors (own) only guard against two falling together and
against a style that does not arrive.
"""

from itertools import combinations

import numpy as np

from benchmarks.quality._looks import Look, look, palette_distance
from benchmarks.quality._report import Row
from benchmarks.quality._sets import files, read
from xiutu.operators.customize_stylization import PRESETS, Params, apply

NAME = "customize_stylization"
PHOTOS = ("photos/food", "people")
LEAST = 0.45
NEARER = 0.25


def measure() -> list[Row]:
    photos = [read(files(folder)[2]) for folder in PHOTOS]
    data = " + ".join(PHOTOS)
    totals = dict.fromkeys(combinations(PRESETS, 2), 0.0)
    for photo in photos:
        looks = {preset: look(apply(photo, Params(style_id=preset.id))) for preset in PRESETS}
        for a, b in totals:
            totals[a, b] += looks[a].distance(looks[b]) / len(photos)
    ranked = sorted(totals.items(), key=lambda item: item[1])
    (a, b), least = ranked[0]
    mean = float(np.mean(list(totals.values())))
    rows = [
        Row(NAME, data, len(photos), f"least: {a.en} - {b.en}", least, floor=LEAST),
        *(Row(NAME, data, len(photos), f"next: {a.en} - {b.en}", d) for (a, b), d in ranked[1:6]),
        Row(NAME, data, len(photos), "mean of 435 pairs", mean),
    ]
    return rows + _style_pictures(photos)


def _style_pictures(photos: list[np.ndarray]) -> list[Row]:
    paintings = [read(path) for path in files("style")]
    before: list[float] = []
    after: list[float] = []
    untouched: list[Look] = [look(photo) for photo in photos]
    for painting in paintings:
        wanted = look(painting)
        for photo, plain in zip(photos, untouched, strict=True):
            result = look(apply(photo, Params(style=painting)))
            before.append(palette_distance(plain, wanted))
            after.append(palette_distance(result, wanted))
    count = len(before)
    gain = float(np.mean(before) - np.mean(after))
    return [
        Row(NAME, "style", count, "palette to the style picture, photo", float(np.mean(before))),
        Row(NAME, "style", count, "palette to the style picture, result", float(np.mean(after))),
        Row(NAME, "style", count, "palette nearer by", gain, floor=NEARER),
    ]
