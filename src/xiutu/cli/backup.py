"""``xiutu backup``, ``xiutu restore``, ``xiutu prune``."""

from pathlib import Path
from typing import Annotated

import typer

from xiutu.cli._platform import opened, recorded
from xiutu.errors import XiutuError
from xiutu.settings import load

__all__ = ["backup", "prune", "restore"]

File = Annotated[Path, typer.Argument(metavar="FILE", help="Such as xiutu-backup.tar.gz.")]


def backup(file: File) -> None:
    """Write database, keys and custom classifiers to one file, also beside a running server.

    Whoever has the file has every key: keep it as safe as the server itself.
    """
    from xiutu.platform import backup as work

    try:
        made = work.backup(load(), file)
    except (XiutuError, OSError) as error:
        typer.echo(f"xiutu: {error}", err=True)
        raise typer.Exit(1) from None
    size = file.stat().st_size / 1e6
    typer.echo(f"{file}: {made.rows} rows, {made.files} files of classifiers, {size:.1f} MB")


def restore(
    file: File,
    force: Annotated[
        bool,
        typer.Option("--force", help="Set an existing SQLite database, key and classifiers aside."),
    ] = False,
) -> None:
    """Put a backup into an empty installation; stop the server first.

    A backup of SQLite can be restored to PostgreSQL (DATABASE_URL) and the other way round, and one
    of an older version is migrated. The ledgers are verified at the end.
    """
    from xiutu.platform import backup as work

    try:
        made, aside = work.restore(load(), file, force=force)
    except (XiutuError, OSError) as error:
        typer.echo(f"xiutu: {error}", err=True)
        raise typer.Exit(1) from None
    for path in aside:
        typer.echo(f"set aside: {path}")
    typer.echo(f"restored {made.rows} rows and {made.files} files, made {made.made_at[:19]} UTC")
    with opened() as platform:
        with recorded(platform, "backup.restore", target=made.made_at):
            pass
        report = platform.billing.audit.verify()
    for problem in report.problems:
        typer.echo(problem, err=True)
    if not report.clean:
        raise typer.Exit(1)
    typer.echo("the ledgers are clean")


def prune(
    days: Annotated[
        int | None, typer.Option(min=1, help="Older than so many days; else setting USAGE_DAYS.")
    ] = None,
) -> None:
    """Remove single calls that are older than the retention allows; bills and balances stay.

    A running server does it by itself once a day when USAGE_DAYS is set.
    """
    with opened() as platform, recorded(platform, "usage.prune", days=days) as note:
        count = platform.billing.retention.prune(days)
        note.details["calls"] = count
    typer.echo(f"{count} calls removed")
