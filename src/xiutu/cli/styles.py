"""``xiutu styles``: the presets of ``customize_stylization`` by number."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

__all__ = ["styles"]


def styles(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the 30 presets: `xiutu run customize_stylization photo.jpg -o out -p style_id=1`."""
    from xiutu.operators.customize_stylization import PRESETS

    if as_json:
        typer.echo(json.dumps([asdict(preset) for preset in PRESETS], ensure_ascii=False))
        return
    table = Table("style_id", "name", "名称")
    for preset in PRESETS:
        table.add_row(str(preset.id), preset.en, preset.zh)
    Console(file=sys.stdout).print(table)
