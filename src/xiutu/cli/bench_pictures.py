"""What ``xiutu bench`` works on where it is given no photo: the same pictures on every machine."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu import contract

__all__ = ["drawn", "fitted", "needed"]

Rgb = NDArray[np.uint8]
_ASPECT = 1.5


def fitted(operator: str, megapixels: float) -> tuple[int, int]:
    """Width and height of a picture of that size, or of the largest the contract allows; 3:2 where
    the longest side permits."""
    row = contract.operator(operator).image_limits["image"]
    longest = row.max_long_side_px or 10_000
    pixels = min(megapixels * 1e6, row.max_pixel_product or 1e9, longest**2)
    width = min(int((pixels * _ASPECT) ** 0.5), longest)
    return width, int(pixels / width)


def drawn(operator: str, width: int, height: int) -> Rgb:
    """Soft shapes with film-like grain, something to work on for every operator; colourize gets
    them grey, remove_moire with moire, selfie_anime and segment get somebody. ``height`` x
    ``width`` x 3 uint8."""
    if operator in {"selfie_anime", "segment"}:
        return _grained(_face(width, height), 4)
    grid = np.random.default_rng(0).integers(30, 225, (24, 36, 3), dtype=np.uint8)
    smooth = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    shapes = _grained(np.asarray(smooth, np.uint8), 6)
    if operator == "remove_moire":
        return _striped(shapes)
    return np.repeat(shapes[:, :, 1:2], 3, axis=2) if operator == "colourize" else shapes


def needed(operator: str, width: int, height: int) -> dict[str, Any]:
    """Required parameters: a middling strength, and a hole of 5 % of the picture."""
    if operator == "denoise":
        return {"option": 67}
    if operator == "customize_stylization":
        return {"style_id": 1}
    if operator == "inpainting":
        side = 0.05**0.5
        box = {"left": width // 3, "top": height // 3}
        return {"rectangle": [box | {"width": int(width * side), "height": int(height * side)}]}
    return {}


def _grained(pixels: Rgb, sigma: float) -> Rgb:
    """``pixels`` with normal noise of ``sigma`` levels."""
    grain = np.random.default_rng(1).standard_normal(pixels.shape, np.float32)
    return np.clip(pixels + sigma * grain, 0, 255).astype(np.uint8)


def _striped(pixels: Rgb) -> Rgb:
    """``pixels`` with coloured stripes, such as a photographed screen shows."""
    height, width = pixels.shape[:2]
    shift = np.array([0, 6, 12], np.float32)  # px, by channel
    across = np.arange(width, dtype=np.float32)[:, None] + shift
    down = np.arange(height, dtype=np.float32)[:, None, None]
    wave = np.sin(np.float32(0.35) * across + np.float32(0.06) * down)
    striped = pixels * (1 + np.float32(0.15) * wave)
    return np.asarray(np.clip(striped, 0, 255), np.uint8)


def _face(width: int, height: int) -> Rgb:
    """Head and shoulders, just enough of them for a face detector."""
    picture = np.full((height, width, 3), (150, 170, 180), np.uint8)
    unit = 0.3 * min(width, height)
    middle = width / 2, height / 2

    def oval(
        at: tuple[float, float],
        size: tuple[float, float],
        colour: tuple[int, int, int],
        arc: tuple[int, int] = (0, 360),
        pen: float = 0,
    ) -> None:
        """Centre and half axes in units from the middle; filled, or an arc of a ``pen`` in units."""
        centre = round(middle[0] + unit * at[0]), round(middle[1] + unit * at[1])
        axes = round(unit * size[0]), round(unit * size[1])
        thick = max(1, round(unit * pen)) if pen else -1
        cv2.ellipse(picture, centre, axes, 0, *arc, colour, thick, cv2.LINE_AA)

    oval((0, 1.9), (1.6, 0.9), (70, 80, 120))  # shoulders
    oval((0, 0.9), (0.33, 0.6), (205, 160, 132))  # neck
    oval((0, -0.25), (0.86, 1.05), (50, 35, 28))  # hair
    oval((0, 0), (0.72, 1), (224, 178, 150))
    for side in (-0.3, 0.3):
        oval((side, -0.12), (0.15, 0.075), (245, 245, 245))
        oval((side, -0.12), (0.07, 0.07), (70, 45, 30))
        oval((side, -0.12), (0.16, 0.085), (40, 25, 20), (180, 360), 0.025)
        oval((side, -0.24), (0.2, 0.07), (60, 40, 30), (190, 350), 0.055)
    oval((0, 0.25), (0.13, 0.08), (180, 125, 105), (10, 170), 0.04)
    oval((0, 0.52), (0.26, 0.09), (180, 80, 85))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.5, unit / 60)), np.uint8)
