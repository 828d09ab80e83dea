"""``xiutu``: mounts the command groups."""

from typing import Annotated

import typer

from xiutu.cli import (
    accounts,
    apps,
    classify,
    grants,
    ledger,
    models,
    reports,
    shop,
    tickets,
    tokens,
)
from xiutu.cli.backup import backup, prune, restore
from xiutu.cli.bench import bench
from xiutu.cli.certs import certs
from xiutu.cli.doctor import doctor
from xiutu.cli.run import run
from xiutu.cli.serve import serve
from xiutu.cli.styles import styles
from xiutu.version import VERSION

__all__ = ["app"]

app = typer.Typer(
    name="xiutu",
    help="Self-hosted image enhancement and effects: operators, server, keys and weights.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve)
app.command()(run)
app.command()(certs)
app.command()(doctor)
app.command()(bench)
app.command()(styles)
app.add_typer(apps.app, name="apps")
app.add_typer(accounts.app, name="accounts")
app.add_typer(models.app, name="models")
app.add_typer(classify.app, name="classify")
app.add_typer(tokens.app, name="tokens")
app.add_typer(grants.app, name="grants")
app.add_typer(shop.packs, name="packs")
app.add_typer(shop.addons, name="addons")
app.command()(shop.payg)
app.command()(shop.prices)
app.command()(reports.bills)
app.command()(reports.usage)
app.command()(reports.notices)
app.command()(reports.actions)
app.add_typer(ledger.app, name="ledger")
app.add_typer(tickets.app, name="tickets")
app.command()(backup)
app.command()(restore)
app.command()(prune)


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
