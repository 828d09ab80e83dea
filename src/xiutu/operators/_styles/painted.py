"""The six painted looks: network, palette, transfer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import canvas, net

__all__ = ["LOOKS", "paint"]


@dataclass(frozen=True)
class Look:
    """``styles``: network style -> weight; ``megapixels``: working size (fewer = larger strokes)."""

    styles: dict[int, float]
    megapixels: float = 0.8
    detail: float = 0.8


LOOKS = {
    "warm": Look({4: 0.6, 25: 0.4}),
    "wave": Look({24: 1.0}),
    "lavender": Look({12: 1.0}),
    "mononoke": Look({13: 1.0}),
    "scream": Look({16: 0.6, 5: 0.4}),
    "gothic": Look({22: 0.6, 10: 0.4}),
}


def paint(image: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
    """The painted look ``name`` at the size of ``image`` (H x W x 3 uint8)."""
    look = LOOKS[name]
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, look.megapixels))
    return canvas.transfer(image, seen, net.paint(seen, look.styles), look.detail)
