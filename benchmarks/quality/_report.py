"""One line of the quality table, and the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A measured figure. ``floor`` is a lower bound unless ``upper`` is set; None = printed only."""

    operator: str
    data: str
    n: int
    metric: str
    value: float
    floor: float | None = None
    upper: bool = False

    @property
    def ok(self) -> bool:
        if self.floor is None:
            return True
        return self.value <= self.floor if self.upper else self.value >= self.floor


def markdown(rows: list[Row]) -> str:
    lines = [
        "| operator | set | pictures | metric | measured | floor | |",
        "|---|---|---:|---|---:|---:|---|",
    ]
    for row in rows:
        bound = "" if row.floor is None else f"{'<=' if row.upper else '>='} {row.floor:g}"
        verdict = "" if row.floor is None else ("met" if row.ok else "**missed**")
        cells = (row.operator, row.data, str(row.n), row.metric, f"{row.value:.3f}", bound, verdict)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
