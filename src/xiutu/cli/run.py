"""``xiutu run``: one operator over files, folders and globs, without a server."""

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from xiutu import contract
from xiutu.cli.batch import Item, NoInputs, plan
from xiutu.errors import (
    MissingParameter,
    OperatorUnavailable,
    ParameterError,
    PictureError,
    PictureSizeError,
    WeightsMissing,
    XiutuError,
)
from xiutu.settings import load

__all__ = ["run"]

_INTERRUPTED = 130  # the shells' number for Ctrl-C
_MOST_PIXELS = 200_000_000  # a local file may pass the vendor's limits, but not the machine's


def run(
    operator: Annotated[str, typer.Argument(help="Operator, e.g. dehaze; see `xiutu doctor`.")],
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help="Files, folders, globs.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder (or file, for one input).")],
    param: Annotated[
        list[str] | None,
        typer.Option(
            "-p", "--param", help="name=value, repeatable; `xiutu styles` lists style_id."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option(help="Redo results that are there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Run an operator over pictures. Resumable: finished results are skipped, writes are atomic."""
    console = Console(stderr=True)
    load()  # unusable settings end the command here, not each of its pictures
    try:
        params, further = _parameters(operator, param or [])
        row = contract.operator(operator)
        also = {".pdf"} if "pdf_file" in row.image_limits else set()
        items = plan(inputs, out, row.response.picture_fields, also)
    except (NoInputs, ParameterError, OperatorUnavailable) as error:
        named = isinstance(error, MissingParameter)
        text = f"parameter {error} is missing: give -p {error}=VALUE" if named else str(error)
        console.print(f"xiutu run: {text}", style="red", markup=False)
        raise typer.Exit(2) from None
    todo = items if overwrite else [item for item in items if not item.finished]
    skipped, failures, started = len(items) - len(todo), {}, time.monotonic()
    done, interrupted = 0, False
    try:
        with _progress(console) as progress:
            bar = progress.add_task(operator, total=len(items), completed=skipped)
            for item in todo:
                progress.update(bar, description=f"{operator} {item.source.name}")
                try:
                    _one(operator, item, params, further)
                    done += 1
                except WeightsMissing:
                    raise
                except Exception as error:  # whatever one odd picture does, the others are due
                    failures[str(item.source)] = _reason(error)
                progress.advance(bar)
    except WeightsMissing as error:
        console.print(f"xiutu run: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        interrupted = True
    summary = {
        "operator": operator,
        "done": done,
        "skipped": skipped,
        "failed": failures,
        "interrupted": interrupted,
        "seconds": round(time.monotonic() - started, 2),
    }
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _tell(console, summary, failures)
    raise typer.Exit(_INTERRUPTED if interrupted else 1 if failures else 0)


def _parameters(operator: str, pairs: list[str]) -> tuple[dict[str, object], dict[str, bytes]]:
    """``name=value`` texts, checked before the first picture is touched; further pictures apart."""
    from xiutu.operators._params import build, picture_names
    from xiutu.operators._registry import get

    implementation = get(operator)
    values: dict[str, object] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ParameterError(f"-p {pair}: name=value is due")
        values[name.strip()] = value
    paths = {n: values.pop(n) for n in picture_names(implementation.params) if n in values}
    further = {name: _file(name, str(path)) for name, path in paths.items()}
    pictures = {name: _decoded(name, data) for name, data in further.items()}
    build(implementation.params, values | pictures)
    for group in contract.operator(operator).choices:
        if not {*values, *further} & set(group.members):
            ways = " or ".join(f"-p {name}=..." for name in group.members)
            raise ParameterError(f"give {ways}")
    return values, further


def _file(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ParameterError(f"-p {name}={path}: {error.strerror}") from None


def _decoded(name: str, data: bytes) -> object:
    from xiutu.image.decode import decode

    try:
        return decode(data).rgb
    except PictureError as error:
        raise ParameterError(f"-p {name}: {error}") from None


def _one(operator: str, item: Item, params: dict[str, object], further: dict[str, bytes]) -> None:
    from xiutu.image.header import read_header
    from xiutu.operators._runner import execute, inputs_of

    inputs = inputs_of(operator, item.source.read_bytes())
    if "image" in inputs:
        header = read_header(inputs["image"])
        if header.pixels > _MOST_PIXELS:
            raise PictureSizeError(f"{header.width}x{header.height}: more than 200 megapixels")
    fields = execute(operator, inputs | further, params).fields
    pictures = {name: value for name, value in fields.items() if isinstance(value, bytes)}
    item.target.parent.mkdir(parents=True, exist_ok=True)
    if len(pictures) == 1:
        (value,) = pictures.values()
        _write(item.lossless if value.startswith(b"\x89PNG") else item.target, value)
        return
    targets = dict(item.fields)
    for name, value in pictures.items():
        _write(targets[name], value)


def _reason(error: Exception) -> str:
    """One line for the summary; the class too where the text alone is a library's."""
    text = " ".join(str(error).split())
    if isinstance(error, XiutuError | OSError):
        return text
    return f"{type(error).__name__}: {text}".rstrip(": ")


def _write(target: Path, data: bytes) -> None:
    """Complete or not at all: written beside, then renamed."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=False,
    )


def _tell(console: Console, summary: dict[str, object], failures: dict[str, str]) -> None:
    console.print(
        f"{summary['done']} done, {summary['skipped']} were there already, {len(failures)} failed"
        f" in {summary['seconds']} s",
        markup=False,
    )
    for source, text in failures.items():
        console.print(f"  {source}: {text}", style="red", markup=False)
    if summary["interrupted"]:
        console.print("Interrupted: the same command goes on where this one stopped.")
