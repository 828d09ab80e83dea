"""Curves and the confusion matrix drawn with Pillow, for the one-page picture of an evaluation."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

__all__ = ["Curve", "Frame", "curves", "draw"]

_INK, _FAINT, _GOOD, _BAD = (29, 35, 48), (200, 204, 214), (40, 120, 90), (190, 60, 40)
_Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    title: str
    x: str
    points: list[_Point]
    log: bool
    diagonal: bool


def curves(figures: dict[str, Any]) -> list[Curve]:
    """Reliability and learning curve, as far as the figures have them."""
    found = []
    bins = [(row["score"], row["accuracy"]) for row in figures["reliability"]]
    if bins:
        found.append(Curve("Reliability: share that is right", "score", bins, False, True))
    steps = [
        (row["pictures_per_class"], row["accuracy"]) for row in figures.get("learning_curve", ())
    ]
    if len(steps) > 1:
        found.append(Curve("Learning curve: accuracy", "pictures per class", steps, True, False))
    return found


class Frame:
    """Maps values to pixels; the vertical axis ends at 1 and begins below the lowest point."""

    left = 46

    def __init__(self, width: int, height: int, points: Sequence[_Point], log: bool) -> None:
        self.width, self.bottom, self._log = width, height - 8, log
        lowest = min(y for _, y in points)
        self.low = math.floor(10 * max(0.0, lowest - 0.02)) / 10 if log else 0.0
        xs = [x for x, _ in points]
        self._from, self._to = (min(xs), max(xs)) if log else (0.0, 1.0)
        self.levels = [self.low + (1 - self.low) * step / 4 for step in range(5)]
        self.stations = xs if log else [0.0, 0.25, 0.5, 0.75, 1.0]

    def at(self, point: _Point) -> _Point:
        x, y = point
        if self._log:
            across = math.log(max(x, 1e-9) / self._from) / max(
                1e-9, math.log(self._to / self._from)
            )
        else:
            across = (x - self._from) / (self._to - self._from)
        up = (y - self.low) / (1 - self.low)
        return self.left + across * (self.width - self.left - 16), self.bottom - up * (
            self.bottom - 14
        )


def draw(figures: dict[str, Any]) -> bytes:
    """A PNG: headline, confusion matrix, curves. Classes are numbered where the font lacks a letter."""
    labels, counts = figures["labels"], figures["confusion"]
    cell = max(10, min(46, 520 // len(labels)))
    matrix = cell * len(labels)
    chosen = curves(figures)
    width = 190 + matrix + 40 + (460 if chosen else 0)
    height = max(90 + matrix + 30, 70 + 310 * len(chosen), 220)
    image = Image.new("RGB", (width, height), (250, 250, 250))
    pen = ImageDraw.Draw(image)
    headline = f"{figures['accuracy']:.1%} right of {figures['pictures']} held-out pictures"
    pen.text((16, 14), headline, fill=_INK, font=ImageFont.load_default(22))
    _matrix(pen, (190, 70), cell, labels, counts)
    for number, curve in enumerate(chosen):
        _curve(pen, curve, (190 + matrix + 40, 60 + 310 * number))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _matrix(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    cell: int,
    labels: Sequence[str],
    counts: Sequence[Sequence[int]],
) -> None:
    font = ImageFont.load_default(max(9, min(14, cell - 3)))
    left, top = corner
    for row, (label, line) in enumerate(zip(labels, counts, strict=True)):
        total, y = max(1, sum(line)), top + row * cell
        pen.text((left - 8, y + cell / 2), _name(label, row), fill=_INK, font=font, anchor="rm")
        for column, count in enumerate(line):
            x, share = left + column * cell, count / total
            shade = _GOOD if row == column else _BAD
            fill = tuple(round(250 + (value - 250) * 0.85 * share) for value in shade)
            pen.rectangle((x, y, x + cell - 1, y + cell - 1), fill=fill, outline=_FAINT)
            if count and cell >= 18:
                ink = (255, 255, 255) if share > 0.55 else _INK
                pen.text((x + cell / 2, y + cell / 2), str(count), fill=ink, font=font, anchor="mm")


def _name(label: str, number: int) -> str:
    short = label if len(label) <= 22 else label[:21] + "..."
    return short if short.isascii() else f"class {number + 1}"


def _curve(pen: ImageDraw.ImageDraw, curve: Curve, corner: tuple[int, int]) -> None:
    small = ImageFont.load_default(12)
    frame, (left, top) = Frame(440, 260, curve.points, curve.log), corner

    def place(point: _Point) -> _Point:
        x, y = frame.at(point)
        return left + x, top + y

    pen.text((left + frame.left, top - 6), curve.title, fill=_INK, font=ImageFont.load_default(15))
    for level in frame.levels:
        y = place((curve.points[0][0], level))[1]
        pen.line((left + frame.left, y, left + 424, y), fill=_FAINT)
        pen.text((left + frame.left - 6, y), f"{level:.2f}", fill=_INK, font=small, anchor="rm")
    for station in frame.stations:
        x = place((station, frame.low))[0]
        pen.text((x, top + frame.bottom + 10), f"{station:g}", fill=_INK, font=small, anchor="mm")
    if curve.diagonal:
        pen.line((*place((0, 0)), *place((1, 1))), fill=_FAINT, width=2)
    spots = [place(point) for point in curve.points]
    if len(spots) > 1:
        pen.line([value for spot in spots for value in spot], fill=_GOOD, width=3, joint="curve")
    for x, y in spots:
        pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=_GOOD)
    pen.text((left + 230, top + frame.bottom + 26), curve.x, fill=_INK, font=small, anchor="mm")
