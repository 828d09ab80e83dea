"""``xiutu doctor``: what is installed, what really runs, what is missing and how to mend it."""

import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from xiutu.settings import Settings, load

__all__ = ["doctor"]

_LIBRARIES = ("numpy", "opencv-contrib-python-headless", "onnxruntime", "pillow", "simplejpeg",
              "starlette", "uvicorn", "sqlalchemy")  # fmt: skip
_LITTLE_DISK = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``mend`` says what to do when it is not ``ok``."""

    topic: str
    state: str
    ok: bool = True
    mend: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check this installation. Exit code 1 when something needs mending."""
    settings = load()
    findings = [finding for check in _CHECKS for finding in check(settings)]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        _table(findings)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


def _system(_: Settings) -> Iterator[Finding]:
    import psutil

    memory = psutil.virtual_memory().total / 1e9
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    cores = os.cpu_count() or 1
    yield Finding(
        "machine",
        f"{cores} cores, {memory:.1f} GB memory",
        memory > 2,
        "xiutu wants 2 GB; set WORKERS=1 on small machines",
    )
    for name in _LIBRARIES:
        yield Finding(name, version(name))


def _runtime(settings: Settings) -> Iterator[Finding]:
    import onnxruntime

    from xiutu.models import bfloat16

    bits = "16-bit floats, OpenVINO" if bfloat16.available() else "8-bit integers, onnxruntime"
    yield Finding("networks of large pictures", bits)
    there = onnxruntime.get_available_providers()
    for name in settings.providers:
        yield Finding(
            f"provider {name}",
            "available" if name in there else "missing",
            name in there,
            f"available are {', '.join(there)}; set XIUTU_PROVIDERS, or install the package that has it",
        )


def _data(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        writable = os.access(folder, os.W_OK)
    except OSError as error:
        yield Finding(
            "data folder", f"{folder}: {error}", False, "set XIUTU_DATA to a folder you own"
        )
        return
    yield Finding(
        "data folder",
        f"{folder}, {free / 1e9:.1f} GB free",
        writable and free > _LITTLE_DISK,
        "make it writable and leave 1 GB free, or set XIUTU_DATA",
    )


def _database(settings: Settings) -> Iterator[Finding]:
    from xiutu.platform.facade import Platform

    if settings.database_url is None and not (settings.data / "xiutu.db").exists():
        yield Finding("database", "none yet; the first start makes it")
        return
    try:
        with Platform.open(
            settings.data, settings.database_url, settings.secret_key_file
        ) as opened:
            opened.ping()
    except Exception as error:  # whatever is wrong is what the report is for
        yield Finding("database", str(error), False, "see DATABASE_URL and SECRET_KEY_FILE")
        return
    yield Finding("database", "answers")


def _operators(settings: Settings) -> Iterator[Finding]:
    import onnxruntime

    from xiutu.errors import XiutuError
    from xiutu.models import session, weights_path
    from xiutu.operators._registry import implemented

    # With a provider missing a session would only repeat, at length, what was said above.
    can_run = set(settings.providers) <= set(onnxruntime.get_available_providers())
    for name, operator in implemented().items():
        runs_on: set[str] = set()
        try:
            for weight in operator.weights:
                if weights_path(weight).suffix == ".onnx" and can_run:
                    runs_on.add(session(weight).get_providers()[0])
        except XiutuError as error:
            yield Finding(name, str(error), False, "xiutu models pull")
            continue
        weights = ", ".join(operator.weights) or "no weights needed"
        on = f" on {', '.join(sorted(runs_on))}" if runs_on else ""
        yield Finding(name, f"ready ({weights}){on}")


_CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _system,
    _runtime,
    _data,
    _database,
    _operators,
)


def _table(findings: list[Finding]) -> None:
    console = Console(file=sys.stdout)
    table = Table("", "what", "state", box=None)
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]!![/]"
        table.add_row(mark, finding.topic, finding.state)
        if not finding.ok and finding.mend:
            table.add_row("", "", f"[yellow]{finding.mend}[/]")
    console.print(table)
