"""CSV to a file or to stdout."""

from collections.abc import Iterable
from pathlib import Path

import typer

__all__ = ["write_csv"]


def write_csv(file: Path, lines: Iterable[str]) -> None:
    """``-`` is stdout. Ends the command when the file cannot be written."""
    if str(file) == "-":
        for line in lines:
            typer.echo(line, nl=False)
        return
    try:
        # The mark in front lets spreadsheets see that it is UTF-8.
        file.write_text("".join(lines), encoding="utf-8-sig", newline="")
    except OSError as error:
        typer.echo(f"xiutu: cannot write {file}: {error}", err=True)
        raise typer.Exit(1) from None
