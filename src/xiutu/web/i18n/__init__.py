"""Words in both languages. The English text is the key; ``zh.toml`` has the Chinese of every one (a test
walks templates, pages and contract and compares)."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["LANGUAGES", "chinese", "preferred", "translate"]

LANGUAGES = {"en": "English", "zh": "中文"}
_FILES = ("zh.toml", "contract.toml", "explorer.toml", "models.toml")


@cache
def chinese() -> Mapping[str, str]:
    """Chinese by English text."""
    folder = resources.files(__name__)
    found: dict[str, str] = {}
    for name in _FILES:
        rows = tomllib.loads((folder / name).read_text("utf-8"))
        twice = found.keys() & rows.keys()
        if twice:
            raise ValueError(f"{name}: given twice: {sorted(twice)[:3]}")
        found |= rows
    return found


def translate(language: str, text: str, **values: object) -> str:
    """The text in a language, placeholders filled. Falls back to English."""
    if language == "zh":
        text = chinese().get(text, text)
    return text.format(**values) if values else text


def preferred(header: str) -> str:
    """``zh`` or ``en`` from Accept-Language; the one that is wanted more."""
    best, best_weight = "en", 0.0
    for part in header.split(","):
        tag, _, rest = part.strip().partition(";")
        language = tag.strip().lower()[:2]
        found = re.match(r"\s*q\s*=\s*([0-9.]+)", rest)
        try:
            weight = float(found[1]) if found else 1.0
        except ValueError:
            continue
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best
