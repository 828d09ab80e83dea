"""The painted looks: network, tone, palette, strokes that follow the forms, impasto light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import canvas, flow, net, palette

__all__ = ["LOOKS", "paint"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """One painted look. Lengths are in px of the working picture.

    ``styles``: network style -> weight; ``own``: share of the palette against the network's
    colours; ``anchor``: how far the photograph's broad light and dark are kept; ``low``/``high``:
    colour ramps; ``red``/``yellow``: push of the photograph's CIELAB a/b to the high ramp;
    ``streak``: push of the strokes; ``bias``: rest position between the ramps; ``shade``: strokes
    on tone; ``crisp``: fine contrast of the photograph; ``planes``: number of flat tones, 0 =
    smooth; ``relief``: impasto light; ``keep``: share of the photograph's colour; ``width``,
    ``reach`` (strides): of a stroke; ``wavelength`` (of the picture's side) and ``bend``: of the
    streams where the picture is flat.
    """

    styles: dict[int, float]
    low: palette.Ramp
    high: palette.Ramp
    own: float = 0.6
    anchor: float = 0.6
    red: float = 0.0
    yellow: float = 0.0
    streak: float = 0.5
    bias: float = 0.0
    shade: float = 0.06
    crisp: float = 0.5
    planes: int = 0
    relief: float = 0.5
    keep: float = 0.1
    width: float = 6.0
    reach: int = 12
    wavelength: float = 0.2
    bend: float = 1.0
    megapixels: float = 0.8
    detail: float = 0.8


LOOKS = {
    # Prussian blue ink, sand and cream paper.
    "wave": Look(
        {24: 1.0},
        low=(
            (0, 8, 18, 44), (0.25, 14, 42, 90), (0.45, 44, 92, 138), (0.62, 126, 160, 174),
            (0.78, 222, 214, 184), (1, 250, 244, 224),
        ),
        high=(
            (0, 14, 28, 58), (0.25, 30, 70, 120), (0.45, 104, 146, 170), (0.62, 190, 186, 160),
            (0.78, 236, 214, 172), (1, 252, 246, 226),
        ),
        own=0.7, red=0.8, yellow=0.8, streak=0.3, bias=-0.3, shade=0.07, relief=0.15, keep=0.05,
        width=4, planes=5,
    ),
    # Rows of violet over green, pale yellow light.
    "lavender": Look(
        {12: 1.0},
        low=(
            (0, 16, 30, 30), (0.3, 44, 82, 56), (0.55, 112, 150, 84), (0.78, 196, 206, 132),
            (1, 252, 246, 204),
        ),
        high=(
            (0, 28, 16, 56), (0.25, 66, 40, 120), (0.5, 128, 88, 188), (0.78, 196, 166, 230),
            (1, 248, 238, 250),
        ),
        own=0.65, red=1.2, yellow=-0.8, streak=0.4, bias=0.45, shade=0.055, relief=0.55, width=5,
        reach=6, bend=0.4,
    ),
    # Poison greens against reds, tightly twisted.
    "mononoke": Look(
        {13: 1.0},
        low=(
            (0, 6, 22, 26), (0.3, 8, 84, 80), (0.5, 60, 156, 58), (0.75, 178, 214, 54),
            (1, 248, 250, 190),
        ),
        high=(
            (0, 24, 6, 16), (0.3, 122, 14, 36), (0.5, 200, 36, 46), (0.75, 244, 128, 70),
            (1, 255, 236, 196),
        ),
        own=0.45, red=1.6, streak=0.55, bias=-0.35, shade=0.06, relief=0.6, keep=0.2,
        wavelength=0.13, bend=1.8,
    ),
    # Burning sky in long bands over blue-black.
    "scream": Look(
        {16: 0.5, 5: 0.5},
        low=(
            (0, 10, 12, 28), (0.2, 16, 26, 62), (0.38, 34, 62, 100), (0.5, 104, 70, 62),
            (0.65, 190, 70, 34), (0.85, 228, 92, 36), (1, 244, 176, 90),
        ),
        high=(
            (0, 22, 24, 46), (0.2, 44, 68, 116), (0.38, 74, 118, 130), (0.5, 186, 130, 70),
            (0.65, 240, 160, 56), (0.85, 250, 196, 84), (1, 255, 238, 186),
        ),
        own=0.78, yellow=0.3, streak=0.65, shade=0.05, relief=0.4, keep=0.08, width=10, reach=16,
    ),
}  # fmt: skip


def paint(image: Bytes, name: str) -> Bytes:
    """The painted look ``name`` at the size of ``image`` (H x W x 3 uint8)."""
    look = LOOKS[name]
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, look.megapixels))
    return canvas.transfer(image, seen, _painting(seen, look), look.detail, tooth=0.16)


def _painting(seen: Bytes, look: Look) -> Bytes:
    h, w = seen.shape[:2]
    unit = float(np.sqrt(h * w))
    luma = canvas.unit(canvas.grey(seen))
    painted = canvas.unit(net.paint(seen, look.styles))
    inner = cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY)
    broad = unit / 30
    inner += np.float32(look.anchor) * cv2.GaussianBlur(luma - inner, (0, 0), broad)
    busy = canvas.busy(luma)
    inner += np.float32(look.crisp) * (1 + busy) * (luma - cv2.GaussianBlur(luma, (0, 0), 4))
    streaks: Float = _streaks(luma, unit, look)
    streaks *= 1 - np.float32(0.6) * busy
    tints = palette.chroma(seen)
    axis = (
        look.bias + look.streak * streaks + look.red * tints[:, :, 0] + look.yellow * tints[:, :, 1]
    )
    tones: Float = palette.tone(inner) + np.float32(look.shade) * streaks
    if look.planes:
        tones = _in_planes(tones, look.planes)
    colours = palette.colour(tones, axis, look.low, look.high)
    colours *= np.float32(look.own)
    colours += np.float32(1 - look.own) * painted
    if look.keep:
        colours += np.float32(look.keep) * (canvas.unit(seen) - luma[:, :, None])
    colours *= _light(streaks, look.relief)[:, :, None]
    return np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)


def _in_planes(tones: Float, count: int) -> Float:
    """Tones pulled to the middles of ``count`` equal steps, as in a print from few blocks."""
    near = (np.floor(tones * count) + np.float32(0.5)) / count
    flat = near + np.tanh((tones - near) * np.float32(2.2 * count)) / np.float32(2 * count)
    return np.asarray(flat, np.float32)


def _streaks(luma: Float, unit: float, look: Look) -> Float:
    """Strokes at half the working size (they are wide) enlarged back."""
    h, w = luma.shape
    half = (max(1, w // 2), max(1, h // 2))
    small = np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), np.float32)
    guide = flow.swirl(half[1], half[0], unit * look.wavelength / 2, 7, look.bend)
    tangents = flow.directions(small, 2.5, guide, 3e-4)
    return canvas.enlarge(flow.stripes(tangents, look.width / 2, look.reach, 11), (w, h))


def _light(height: Float, amount: float) -> Float:
    """Brightness of strokes lit from the upper left, about 1."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(
        height, cv2.CV_32F, 0, 1, scale=0.125
    )
    return np.float32(1) + np.float32(amount) * np.clip(slope, -0.4, 0.4)
