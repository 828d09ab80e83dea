"""Charts as SVG, drawn by the server: bars over time and lines over time. Looks are in the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

__all__ = ["Bar", "bars", "lines", "share"]

WIDTH, HEIGHT = 960, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 12, 26


@dataclass(frozen=True)
class Bar:
    """``good`` at the bottom, ``bad`` on top of it; ``title`` is what the pointer shows."""

    label: str
    good: float
    bad: float
    title: str


def bars(rows: Sequence[Bar], title: str) -> Markup:
    """A stacked bar for each row. ``title`` is read to people who do not see it."""
    top = _nice(max((row.good + row.bad for row in rows), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(rows))
    parts = [_frame(top, "")]
    for index, row in enumerate(rows):
        left, wide = _LEFT + index * step + step * 0.12, step * 0.76
        low = _y(row.good, top)
        parts.append(f"<g><title>{escape(row.title)}</title>")
        parts.append(_rect("good", left, low, wide, HEIGHT - _BOTTOM - low))
        if row.bad:
            high = _y(row.good + row.bad, top)
            parts.append(_rect("bad", left, high, wide, low - high))
        # The whole column shows the title, also where a bar is low.
        parts.append(_rect("hit", _LEFT + index * step, _TOP, step, HEIGHT - _TOP - _BOTTOM))
        parts.append("</g>")
    parts.append(_labels([row.label for row in rows], step))
    return _svg(parts, title)


def lines(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
    title: str,
    unit: str,
) -> Markup:
    """One line for each series (class of the style sheet, values); None leaves a gap."""
    top = _nice(max((v for _, values in series for v in values if v is not None), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    parts = [_frame(top, unit)]
    for name, values in series:
        run: list[str] = []
        for index, value in enumerate([*values, None]):
            if value is not None:
                run.append(f"{_LEFT + (index + 0.5) * step:.1f},{_y(value, top):.1f}")
            elif run:
                # A single point would be an invisible line.
                points = " ".join(run if len(run) > 1 else [run[0], run[0]])
                parts.append(
                    f'<polyline class="line {escape(name)}" stroke-linecap="round" points="{points}"/>'
                )
                run = []
    parts.append(_labels(labels, step))
    return _svg(parts, title)


def share(part: float, whole: float, title: str) -> Markup:
    """A thin bar that is filled to ``part / whole``."""
    wide = 0.0 if whole <= 0 else min(100.0, max(0.0, 100 * part / whole))
    return Markup(
        '<span class="meter" role="img" aria-label="{}"><svg viewBox="0 0 100 8" '
        'preserveAspectRatio="none"><rect width="{:.2f}" height="8"/></svg></span>'
    ).format(title, wide)


def _svg(parts: Sequence[str], title: str) -> Markup:
    head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, HEIGHT, title
    )
    return head + Markup("".join(parts) + "</svg>")  # noqa: S704 - built above, labels escaped


def _nice(most: float) -> float:
    """The end of the axis: 1, 2 or 5 times a power of ten, or 4 at least."""
    if most <= 4:
        return 4
    power = 10 ** floor(log10(most))
    return float(next(power * m for m in (1, 2, 3, 4, 5, 6, 8, 10) if power * m >= most))


def _y(value: float, top: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - value / top)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(0, height):.1f}"'
    fill = ' fill="transparent"' if kind == "hit" else ""
    return f'<rect class="{kind}" {shape}{fill}/>'


def _frame(top: float, unit: str) -> str:
    parts = []
    for quarter in range(5):
        value = top * quarter / 4
        y = _y(value, top)
        text = f"{value:,.0f}" if value == int(value) else f"{value:.1f}"
        parts.append(f'<path class="axis" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}{escape(unit)}</text>'
        )
    return "".join(parts)


def _labels(labels: Sequence[str], step: float) -> str:
    every = max(1, ceil(len(labels) / 12))
    return "".join(
        f'<text x="{_LEFT + (index + 0.5) * step:.1f}" y="{HEIGHT - 8}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for index, label in enumerate(labels)
        if index % every == 0
    )
