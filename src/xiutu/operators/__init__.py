"""The operators: one file each, found by discovery, pure functions on pictures.

Nothing here knows of HTTP, accounts or vendors. The package is callable, because the library's interface
is ``xiutu.operators()``: it gives the ids this version implements, in the order of the contract.
"""

import sys
from types import ModuleType

__all__: list[str] = []


class _CallablePackage(ModuleType):
    def __call__(self) -> tuple[str, ...]:
        from xiutu.operators._registry import implemented

        return tuple(implemented())


sys.modules[__name__].__class__ = _CallablePackage
