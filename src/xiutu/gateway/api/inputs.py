"""Values that several routes take: exact amounts, moments, operators, short texts."""

from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    WithJsonSchema,
)

from xiutu import contract
from xiutu.platform.billing import beijing
from xiutu.platform.names import checked_text

__all__ = ["Amount", "Calls", "Input", "Moment", "Name", "Note", "Operator"]


class Input(BaseModel):
    """A body. Unknown members are refused: a misspelt one must not be taken for left out."""

    model_config = ConfigDict(extra="forbid")


def _moment(value: object) -> datetime:
    return beijing.parsed(value if isinstance(value, str) else "")


def _printable(value: str) -> str:
    return checked_text(value, 1000)


Amount = Annotated[
    Annotated[StrictStr, Field(max_length=32)] | StrictInt,
    WithJsonSchema(
        {"type": "string", "examples": ["100.00"], "description": "exact decimal, above zero"}
    ),
]
"""JSON's own fractions are refused: they are not exact."""
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "examples": ["2026-03-01", "2026-03-01T08:00:00+08:00"],
            "description": "moment with its zone, or a day, which means 0:00 Beijing time",
        }
    ),
]
Operator = Annotated[str, Field(json_schema_extra={"enum": list(contract.operator_ids())})]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=1000), AfterValidator(_printable)]
Calls = Annotated[StrictInt, Field(ge=-(10**12), le=10**12)]
