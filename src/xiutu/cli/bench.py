"""``xiutu bench``: a speed card of this machine."""

import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

__all__ = ["bench"]


def bench(
    operators: Annotated[list[str] | None, typer.Argument(help="Default: all.")] = None,
    megapixels: Annotated[
        list[float] | None, typer.Option(help="Picture sizes, repeatable. Default: 2.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, help="Timed runs of each; the median counts.")] = 3,
    picture: Annotated[
        Path | None, typer.Option(help="A photo to scale, instead of a drawn one.", exists=True)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time decode, apply and encode of operators on JPEG pictures, in this process."""
    from xiutu.errors import OperatorUnavailable, XiutuError
    from xiutu.operators._registry import get, implemented

    names = operators or list(implemented())
    try:
        for name in names:
            get(name)
        rows = [_row(name, size, runs, picture) for size in megapixels or [2.0] for name in names]
    except OperatorUnavailable as error:
        typer.echo(f"xiutu bench: {error}", err=True)
        raise typer.Exit(2) from None
    except XiutuError as error:  # no weights, or nobody in the photo that was given
        typer.echo(f"xiutu bench: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = Table("operator", "MP", "first s", "median s", "decode", "apply", "encode", "peak MB")
    for row in rows:
        cells = (row[k] for k in ("first", "median", "decode", "apply", "encode"))
        times = [f"{value:.2f}" for value in cells]
        table.add_row(row["operator"], f"{row['megapixels']:g}", *times, f"{row['peak_mb']:.0f}")
    Console(file=sys.stdout).print(table)


def _row(operator: str, megapixels: float, runs: int, picture: Path | None) -> dict[str, Any]:
    from xiutu.cli.bench_pictures import fitted, needed
    from xiutu.operators._runner import execute

    width, height = fitted(operator, megapixels)
    data = _jpeg(operator, width, height, picture)
    params = needed(operator, width, height)
    seconds, steps = [], []
    for _ in range(runs + 1):
        start = time.perf_counter()
        executed = execute(operator, {"image": data}, params)
        seconds.append(time.perf_counter() - start)
        steps.append(executed.timings)
    median = {k: statistics.median(step[k] for step in steps[1:]) for k in steps[0]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # of the process so far
    return {
        "operator": operator,
        "megapixels": round(width * height / 1e6, 2),
        "first": seconds[0],
        "median": statistics.median(seconds[1:]),
        **median,
        "peak_mb": peak,
    }


def _jpeg(operator: str, width: int, height: int, picture: Path | None) -> bytes:
    import cv2
    import numpy as np

    from xiutu.cli.bench_pictures import drawn
    from xiutu.image.decode import decode
    from xiutu.image.encode import encode
    from xiutu.image.picture import Picture

    if picture is None:
        return encode(Picture(drawn(operator, width, height)), "jpeg")
    source = decode(picture.read_bytes()).rgb
    scaled = np.asarray(cv2.resize(source, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return encode(Picture(scaled), "jpeg")
