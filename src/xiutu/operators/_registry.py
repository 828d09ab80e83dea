"""Discovery: every public module of this package is an operator, named as on the wire."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType

import xiutu.operators as package
from xiutu.contract import operator_ids
from xiutu.errors import OperatorUnavailable
from xiutu.operators._base import Cost, Params, Result, Rgb

__all__ = ["Implementation", "get", "implemented"]


@dataclass(frozen=True)
class Implementation:
    """One operator file, its parts named."""

    id: str
    summary: str
    params: type[Params]
    apply: Callable[[Rgb, Params], Result]
    check: Callable[[Params, int, int], None] | None
    cost: Cost
    weights: tuple[str, ...]


@cache
def implemented() -> Mapping[str, Implementation]:
    """All operators this version implements, in the order of the contract.

    Raises ``TypeError`` at start when a module is no operator or its name is not in the contract.
    """
    names = [m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]
    strangers = set(names) - set(operator_ids())
    if strangers:
        raise TypeError(f"not in the contract: {', '.join(sorted(strangers))}")
    ordered = (name for name in operator_ids() if name in names)
    return MappingProxyType({name: _load(name) for name in ordered})


def get(operator: str) -> Implementation:
    """One operator. Raises ``OperatorUnavailable`` for what this version does not implement."""
    try:
        return implemented()[operator]
    except KeyError:
        known = ", ".join(implemented())
        raise OperatorUnavailable(f"no operator {operator!r} here (there are: {known})") from None


def _load(name: str) -> Implementation:
    module: ModuleType = importlib.import_module(f"xiutu.operators.{name}")
    missing = [part for part in ("Params", "apply", "COST") if not hasattr(module, part)]
    if missing or not issubclass(module.Params, Params):
        raise TypeError(f"operators/{name}.py lacks {', '.join(missing) or 'a Params dataclass'}")
    return Implementation(
        id=name,
        summary=(module.__doc__ or "").strip().partition("\n")[0],
        params=module.Params,
        apply=module.apply,
        check=getattr(module, "check", None),
        cost=module.COST,
        weights=tuple(getattr(module, "WEIGHTS", ())),
    )
