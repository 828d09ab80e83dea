"""Operators as people see them: name, picture, what it does, whether this server has it."""

from collections.abc import Mapping
from dataclasses import dataclass

from xiutu import contract
from xiutu.contract.services import services
from xiutu.operators._registry import implemented
from xiutu.web.assets import FOLDER, base
from xiutu.web.visit import Visit

__all__ = ["Card", "cards", "names"]


@dataclass(frozen=True)
class Card:
    """``before`` / ``after`` are addresses of pictures, empty where there is none."""

    id: str
    name: str
    group: str
    purpose: str
    status: str
    served: bool
    before: str
    after: str
    sample: str


def cards(visit: Visit) -> tuple[Card, ...]:
    """Every operator in the order of the documents, in the visitor's language."""
    off = visit.context.settings.operators_off
    return tuple(
        Card(
            id=row.id,
            name=row.zh if visit.language == "zh" else row.en,
            group=row.group.split(" ")[0],
            purpose=visit.t(row.purpose),
            status=row.status,
            served=row.id in implemented() and row.id not in off,
            before=_picture(f"{row.id}-before"),
            after=_picture(f"{row.id}-after"),
            sample=_picture(f"{row.id}-sample"),
        )
        for row in contract.operators().values()
    )


def names(visit: Visit) -> Mapping[str, str]:
    """Names of everything that can be ticked and counted."""
    zh = visit.language == "zh"
    rows = {row.id: row.zh if zh else row.en for row in contract.operators().values()}
    return rows | {row.id: row.zh if zh else row.en for row in services()}


def _picture(name: str) -> str:
    return f"{base()}/pictures/{name}.jpg" if (FOLDER / f"pictures/{name}.jpg").exists() else ""
