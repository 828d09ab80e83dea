"""Types all views share: exact money as text, pages of lists."""

from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

T = TypeVar("T")


def money_text(amount: Decimal) -> str:
    """Without exponent and without zeros nobody wrote: ``30000.006``."""
    return f"{amount.normalize() + 0:f}"


Money = Annotated[
    Decimal,
    PlainSerializer(money_text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["12.5"], "description": "exact decimal"}),
]


class View(BaseModel):
    """Built from a value of the platform by attribute names."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[T]):
    """Some items of a list; ``next`` is the ``cursor`` of the following page, null on the last."""

    items: list[T]
    next: str | None = Field(None, description="Give it as `cursor` to get the following page.")
