"""Facts that pages show: what to do about error codes, the vendor's SDKs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from xiutu import contract

__all__ = ["Explained", "explained", "sdks"]


@dataclass(frozen=True)
class Explained:
    """An error code in one language: when it comes and what to do."""

    code: int
    message: str
    cause: str
    remedy: str
    retry: bool


def explained(code: int, language: str) -> Explained:
    """Raises ``KeyError`` for a code the documents do not have."""
    row, told = contract.error(code), _errors()[str(code)]
    zh = language == "zh"
    return Explained(
        code=code,
        message=row.message_template or row.message,
        cause=told["cause"] if zh else row.raise_when,
        remedy=told["zh"] if zh else told["en"],
        retry=row.retryable,
    )


@cache
def sdks() -> Mapping[str, Mapping[str, Any]]:
    """Facts of the vendor's SDKs by language, and the methods the documents show."""
    return _read("sdks.toml")


@cache
def _errors() -> Mapping[str, Mapping[str, str]]:
    return _read("errors.toml")


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((resources.files(__name__) / name).read_text("utf-8"))
