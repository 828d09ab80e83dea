"""Pages of lists: ``?limit=100&cursor=...``, and the cursor of the next page in the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from xiutu.errors import InvalidParameter
from xiutu.gateway.api.views.base import Page

__all__ = ["Paging", "cut", "newest"]

T = TypeVar("T")
V = TypeVar("V", bound=BaseModel)


@dataclass(frozen=True)
class _Paging:
    limit: int
    cursor: str | None

    @property
    def before_id(self) -> int | None:
        """The cursor of lists that are cut in the database. Raises ``InvalidParameter``."""
        if self.cursor is None:
            return None
        if not (self.cursor.isascii() and self.cursor.isdigit() and len(self.cursor) < 16):
            raise InvalidParameter("this cursor is not one of this list")
        return int(self.cursor)


def _paging(
    limit: Annotated[int, Query(ge=1, le=1000, description="Items of one page.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next` of the page before.")
    ] = None,
) -> _Paging:
    return _Paging(limit, cursor)


Paging = Annotated[_Paging, Depends(_paging)]


def cut(items: Sequence[T], paging: _Paging, key: Callable[[T], object], view: type[V]) -> Page[V]:
    """A page of a whole list; ``key`` tells one item from all others.

    Raises ``InvalidParameter`` when the cursor's item is not there (any more).
    """
    start = 0
    if paging.cursor is not None:
        places = (n for n, item in enumerate(items) if str(key(item)) == paging.cursor)
        start = next(places, -1) + 1
        if not start:
            raise InvalidParameter("this cursor is not one of this list")
    shown = items[start : start + paging.limit]
    more = start + paging.limit < len(items)
    return Page(
        items=[view.model_validate(item) for item in shown],
        next=str(key(shown[-1])) if more else None,
    )


def newest(
    select: Callable[[int | None, int], Sequence[T]],
    paging: _Paging,
    key: Callable[[T], int],
    view: type[V],
) -> Page[V]:
    """A page cut in the database: ``select(before_id, limit)``, newest first."""
    found = select(paging.before_id, paging.limit + 1)
    shown = found[: paging.limit]
    return Page(
        items=[view.model_validate(item) for item in shown],
        next=str(key(shown[-1])) if len(found) > len(shown) else None,
    )
