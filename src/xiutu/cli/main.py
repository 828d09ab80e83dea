"""``xiutu``: the root of the command line.

Commands are imported when they are asked for: ``xiutu serve`` needs nothing of ``xiutu models``, and
``xiutu --version`` needs neither.
"""

from collections import UserDict
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from xiutu.version import VERSION

__all__ = ["app"]

Command = Any  # click's, of which typer carries a private copy

_COMMANDS = {
    "serve": "serve:serve",
    "run": "run:run",
    "certs": "certs:certs",
    "doctor": "doctor:doctor",
    "bench": "bench:bench",
    "styles": "styles:styles",
    "apps": "apps:app",
    "accounts": "accounts:app",
    "models": "models:app",
    "classify": "classify:app",
    "tokens": "tokens:app",
    "grants": "grants:app",
    "packs": "shop:packs",
    "addons": "shop:addons",
    "payg": "shop:payg",
    "prices": "shop:prices",
    "bills": "reports:bills",
    "usage": "reports:usage",
    "notices": "reports:notices",
    "actions": "reports:actions",
    "ledger": "ledger:app",
    "tickets": "tickets:app",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "prune": "backup:prune",
}
"""Name, in the order of the help -> module of this package, and what there is a command or a group."""


class _Imported(UserDict[str, Command]):
    """The commands by name; each is imported at its first use."""

    def __getitem__(self, name: str) -> Command:
        if name not in self.data:
            module, attribute = _COMMANDS[name].split(":")
            found = getattr(import_module(f"xiutu.cli.{module}"), attribute)
            holder = typer.Typer()
            if isinstance(found, typer.Typer):
                holder.add_typer(found, name=name)
            else:
                holder.command(name)(found)
            self.data[name] = get_group(holder).commands[name]
        return self.data[name]

    def __contains__(self, name: object) -> bool:
        return name in _COMMANDS

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


class _Root(TyperGroup):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = _Imported()


app = typer.Typer(
    name="xiutu",
    cls=_Root,
    help="Self-hosted image enhancement and effects: operators, server, keys and weights.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xiutu {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version
