"""What the command groups on accounts and apps share: the open platform, its errors, printing."""

import getpass
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from xiutu.errors import InvalidParameter, XiutuError
from xiutu.settings import load

if TYPE_CHECKING:
    from xiutu.gateway.api.views.base import View
    from xiutu.platform.facade import Platform
    from xiutu.platform.management.actions import Note

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


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


@contextmanager
def recorded(
    platform: "Platform",
    action: str,
    *,
    account: str | None = None,
    target: object = "",
    **details: Any,
) -> Iterator["Note"]:
    """Do an administrative action in this block: it and its record are stored together."""
    with platform.actions.recording(
        actor(), action, account=account, target=target, **details
    ) as note:
        yield note


def actor() -> str:
    """How ledgers and records name whoever uses the command line."""
    try:
        return f"cli {getpass.getuser()}"[:64]
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "cli"


def print_view(view: "View", as_json: bool, **shown: object) -> None:
    """One thing; ``shown`` replaces fields for people."""
    fields = view.model_dump(mode="json")
    if as_json:
        print_json(fields)
    else:
        print_fields({name: _plain(value) for name, value in (fields | shown).items()})


def print_views(views: Sequence["View"], columns: tuple[str, ...], as_json: bool) -> None:
    """Many things; people see these fields of each, programs see all."""
    rows = [view.model_dump(mode="json") for view in views]
    if as_json:
        print_json(rows)
        return
    titles = tuple(name.replace("_", " ").upper() for name in columns)
    print_rows(titles, [tuple(_plain(row[name]) for name in columns) for row in rows])


def _plain(value: object) -> object:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, str) and _MOMENT.match(value):
        return value[:16].replace("T", " ")
    return value


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
