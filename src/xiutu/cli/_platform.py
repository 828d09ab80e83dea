"""What the command groups on accounts and apps share: the open platform, its errors, printing."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiutu.errors import InvalidParameter, XiutuError
from xiutu.settings import load

if TYPE_CHECKING:
    from xiutu.platform.facade import Platform


@contextmanager
def opened() -> Iterator["Platform"]:
    """The platform in DATA, which a running server may have open too.

    A domain error inside the block ends the command: a bad value as a usage error (exit code 2),
    anything else as one line on stderr (exit code 1).
    """
    from xiutu.platform.facade import Platform  # late: `xiutu --help` needs no database library

    settings = load()
    try:
        with Platform.of(settings) as platform:
            yield platform
    except InvalidParameter as error:
        raise typer.BadParameter(error.detail) from None
    except XiutuError as error:
        typer.echo(f"xiutu: {error.detail}", err=True)
        raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    """One document on stdout; non-ASCII names stay readable."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))


def print_fields(fields: Mapping[str, object]) -> None:
    """One thing, a line for each of its properties."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    # Keys are copied from here: folded rather than cut when the window is narrow.
    table.add_column(overflow="fold")
    for name, value in fields.items():
        table.add_row(name, _cell(value))
    _console().print(table)


def print_rows(titles: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Many things, a line for each."""
    table = Table(*titles, box=None, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    _console().print(table)


def _cell(value: object) -> Text:
    # Names are people's: "[bold]" in one is text, not a style.
    return Text(str(value))


def _console() -> Console:
    # Into a pipe or file nothing is folded at 80 columns: `| grep` must find whole lines.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 400)
