"""Arguments and options that several command groups take."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from xiutu.platform.billing import beijing

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")]
Operator = Annotated[str, typer.Argument(metavar="OPERATOR", help="Such as dehaze.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Note = Annotated[str, typer.Option(help="Why, for the record.")]
Since = Annotated[
    str | None,
    typer.Option(metavar="MOMENT", help="From this moment, or 0:00 Beijing time of this day, on."),
]
Until = Annotated[str | None, typer.Option(metavar="MOMENT", help="Before this moment or day.")]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write CSV to FILE; - is stdout.")
]


def moment(text: str | None) -> datetime | None:
    """Raises ``InvalidParameter``."""
    return None if text is None else beijing.parsed(text)
