"""YAML with exact numbers: 0.0042 loads as ``Decimal('0.0042')``, never as a float."""

from decimal import Decimal
from importlib import resources
from typing import Any

import yaml

__all__ = ["read"]

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # the C loader exists on most platforms, not on all
    """Safe loader whose floats are decimals."""


def _decimal(loader: Any, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read(name: str) -> dict[str, Any]:
    """Parse a YAML file of this package."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    if not isinstance(loaded, dict):
        raise TypeError(f"{name} must be a mapping")
    return loaded
