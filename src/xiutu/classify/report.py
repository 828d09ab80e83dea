"""The evaluation as files: ``evaluation.json`` for programs, ``.html`` and ``.png`` for people."""

import base64
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from xiutu.classify.charts import curves, draw
from xiutu.classify.facts import thumbnail
from xiutu.models.store import write_atomic

__all__ = ["EVALUATION", "HTML", "PNG", "write_report"]

EVALUATION, HTML, PNG = "evaluation.json", "evaluation.html", "evaluation.png"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem;
  color: #1d2330; background: #fafafa }}
h2 {{ margin-top: 2.2rem; font-size: 1.15rem }}
table {{ border-collapse: collapse }}
td, th {{ padding: .25rem .6rem; border-bottom: 1px solid #dde; text-align: right }}
th:first-child, td:first-child {{ text-align: left }}
.big b {{ font-size: 1.6rem; margin-right: .4rem }} .big span {{ margin-right: 2rem }}
.wide {{ overflow-x: auto }} .cell {{ min-width: 2.2rem; text-align: center }}
.worst {{ display: flex; flex-wrap: wrap; gap: 1rem }}
figure {{ margin: 0; width: 168px }} figure img {{ max-width: 160px; max-height: 160px }}
figcaption {{ font-size: .8rem; overflow-wrap: anywhere }}
svg text {{ font: 11px system-ui, sans-serif; fill: #556 }}
</style></head><body>
<h1>{title}</h1>
<p class="big"><span><b>{accuracy:.1%}</b>right</span><span><b>{f1:.3f}</b>macro F1</span>
<span><b>{pictures}</b>pictures held out</span><span><b>{error:.3f}</b>calibration error</span></p>
<p>{about}</p>
<h2>Classes</h2><div class="wide"><table><tr><th>class</th><th>pictures</th><th>precision</th>
<th>recall</th><th>F1</th></tr>{classes}</table></div>
<h2>Confusion: rows are what it is, columns what it was taken for</h2>
<div class="wide"><table>{confusion}</table></div>
{curves}
<h2>Worst mistakes</h2>{mistakes}
</body></html>
"""


def write_report(folder: Path, figures: dict[str, Any], pictures: Sequence[bytes]) -> None:
    """``pictures`` are the files of the mistakes, in their order; they go into the page."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, ensure_ascii=False, indent=1)
    write_atomic(folder / EVALUATION, (text + "\n").encode())
    write_atomic(folder / HTML, _page(figures, pictures).encode())
    write_atomic(folder / PNG, draw(figures))


def _page(figures: dict[str, Any], pictures: Sequence[bytes]) -> str:
    about = (
        ""
        if "head" not in figures
        else (
            f"Head: {escape(figures['head'])}, chosen by cross-validation; learnt from "
            f"{figures['trained_on']} pictures, measured on others."
        )
    )
    if "known_share" in figures:
        about += f" {figures['known_share']:.0%} of the held-out pictures count as known."
    return _PAGE.format(
        title="Evaluation",
        accuracy=figures["accuracy"],
        f1=figures["macro_f1"],
        pictures=figures["pictures"],
        error=figures["calibration_error"],
        about=about,
        classes="".join(map(_class_row, figures["classes"])),
        confusion=_confusion(figures["labels"], figures["confusion"]),
        curves="".join(
            f"<h2>{escape(curve.title)}</h2>{_svg(curve.points, curve.x, curve.log, curve.diagonal)}"
            for curve in curves(figures)
        ),
        mistakes=_mistakes(figures["mistakes"], pictures),
    )


def _class_row(row: dict[str, Any]) -> str:
    numbers = "".join(f"<td>{row[name]:.3f}</td>" for name in ("precision", "recall", "f1"))
    return f"<tr><td>{escape(row['name'])}</td><td>{row['pictures']}</td>{numbers}</tr>"


def _confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    head = "".join(f'<th class="cell">{escape(label)}</th>' for label in labels)
    lines = [f"<tr><th></th>{head}</tr>"]
    for number, (label, row) in enumerate(zip(labels, counts, strict=True)):
        total = max(1, sum(row))
        cells = "".join(
            f'<td class="cell" style="background:rgba({"40,120,90" if at == number else "190,60,40"},'
            f'{0.75 * count / total:.2f})">{count or ""}</td>'
            for at, count in enumerate(row)
        )
        lines.append(f"<tr><th>{escape(label)}</th>{cells}</tr>")
    return "".join(lines)


def _svg(points: Sequence[tuple[float, float]], x_title: str, log: bool, diagonal: bool) -> str:
    from xiutu.classify.charts import Frame

    frame = Frame(440, 260, points, log)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(frame.at, points))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#28785a"/>'
        for x, y in map(frame.at, points)
    )
    ticks = "".join(
        f'<text x="{frame.left - 6}" y="{frame.at((points[0][0], value))[1] + 4:.1f}" '
        f'text-anchor="end">{value:g}</text>'
        for value in frame.levels
    ) + "".join(
        f'<text x="{frame.at((value, 0))[0]:.1f}" y="{frame.bottom + 16}" '
        f'text-anchor="middle">{value:g}</text>'
        for value in frame.stations
    )
    line = ""
    if diagonal:
        (x0, y0), (x1, y1) = frame.at((frame.low, frame.low)), frame.at((1, 1))
        line = f'<line x1="{x0}" y1="{y0}" x2="{x1}" y2="{y1}" stroke="#bbc" stroke-dasharray="4"/>'
    return (
        f'<svg viewBox="0 0 440 290" width="440" role="img">{line}<polyline points="{path}" '
        f'fill="none" stroke="#28785a" stroke-width="2"/>{dots}{ticks}'
        f'<text x="230" y="284" text-anchor="middle">{escape(x_title)}</text></svg>'
    )


def _mistakes(rows: Sequence[dict[str, Any]], pictures: Sequence[bytes]) -> str:
    if not rows:
        return "<p>None.</p>"
    figures = []
    for row, data in zip(rows, pictures, strict=True):
        shown = base64.b64encode(thumbnail(data)).decode("ascii")
        figures.append(
            f'<figure><img alt="" src="data:image/jpeg;base64,{shown}"><figcaption>'
            f"{escape(row['is'])}, taken for <b>{escape(row['taken_for'])}</b> ({row['score']:.2f})"
            f"<br>{escape(row['picture'])}</figcaption></figure>"
        )
    return f'<div class="worst">{"".join(figures)}</div>'
