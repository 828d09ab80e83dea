"""Where measured tables are kept between runs."""

import json
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "keep", "stored"]

FOLDER = Path(__file__).parent
_STORE = FOLDER / "results.json"


def stored() -> dict[str, Any]:
    """Tables by name, as they were kept last; empty before the first time."""
    found: dict[str, Any] = json.loads(_STORE.read_text()) if _STORE.exists() else {}
    return found


def keep(tables: dict[str, Any]) -> None:
    """Replace all of them."""
    _STORE.write_text(json.dumps(dict(sorted(tables.items())), indent=1) + "\n")
