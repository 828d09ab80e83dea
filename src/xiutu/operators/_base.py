"""What every operator file is made of: parameter fields, a cost estimate, the picture type."""

from dataclasses import MISSING, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cost", "Params", "Result", "Rgb", "Strength", "param"]

Rgb = NDArray[np.uint8]
"""H x W x 3, RGB, uint8, sRGB, upright, C-contiguous."""

Result = NDArray[np.uint8] | dict[str, NDArray[np.uint8] | str]
"""One picture (H x W x 3, H x W x 4 or H x W) or the named response fields of the operator."""


@dataclass(frozen=True)
class Cost:
    """Peak memory of one call beyond the decoded input, for admission.

    ``fixed_mb`` (MB, sessions included) + ``bytes_per_pixel`` x pixels of the input.
    """

    fixed_mb: float = 20.0
    bytes_per_pixel: float = 30.0

    def megabytes(self, pixels: int) -> float:
        return self.fixed_mb + self.bytes_per_pixel * pixels / 1e6


@dataclass(frozen=True)
class Params:
    """Base of the frozen parameter set of an operator; an operator without parameters uses it as is."""


def param(
    default: Any = MISSING,
    *,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] | None = None,
    own: bool = False,
    picture: bool = False,
) -> Any:
    """A dataclass field with its documented range.

    ``own`` marks a parameter that is ours and not in the vendor contract. Ranges are inclusive and must
    agree with ``operators.yaml`` (a test compares them). ``picture`` marks a further picture input: its
    value is an ``Rgb`` array; callers send a file of it beside ``image``, under the field's name.
    """
    metadata = {
        "help": help,
        "min": minimum,
        "max": maximum,
        "choices": choices,
        "own": own,
        "picture": picture,
    }
    if default is MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Strength(Params):
    """Parameters of an operator whose effect can be had in part.

    ``strength`` 0..1: 0 leaves the picture as it is, 1 is the full effect.
    """

    strength: float = param(
        1.0, minimum=0.0, maximum=1.0, help="share of the effect: 0 none, 1 all of it", own=True
    )
