"""The frozen networks whose features a head is trained on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.errors import InvalidParameter
from xiutu.models import session

__all__ = ["BACKBONES", "DEFAULT", "Backbone", "backbone"]

DEFAULT = "efficientnet-lite0"


@dataclass(frozen=True)
class Backbone:
    """``weights`` is the name in the catalogue; it takes [n, 3, side, side] float32 RGB 0..1 and
    ``output`` are [n, features] float32. ``key`` changes whenever kept features become invalid.
    """

    name: str
    weights: str
    input: str
    output: str
    features: int
    side: int
    key: str

    def run(self, squares: NDArray[np.uint8], threads: int = 1) -> NDArray[np.float32]:
        """Features [n, features] of squares [n, side, side, 3] uint8 RGB.

        Raises ``WeightsMissing`` or ``WeightsCorrupt``.
        """
        planes = squares.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        # One shape only, so the arena does not grow.
        net = session(self.weights, threads, arena=True)
        (found,) = net.run([self.output], {self.input: planes})
        return np.asarray(found, dtype=np.float32)


BACKBONES = {
    row.name: row
    for row in (
        Backbone(
            name=DEFAULT,
            weights="efficientnet_lite0",
            input="image",
            output="pooled",
            features=1280,
            side=256,
            key="efficientnet-lite0-256-v1",
        ),
    )
}


def backbone(name: str) -> Backbone:
    """Raises ``InvalidParameter``."""
    if name not in BACKBONES:
        raise InvalidParameter(f"no backbone {name!r}; there are {', '.join(BACKBONES)}")
    return BACKBONES[name]
