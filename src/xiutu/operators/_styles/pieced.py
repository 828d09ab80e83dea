"""The two pieced looks: warm (candy-coloured blocks of oil paint) and gothic (leaded glass)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.operators._styles import canvas, net, palette, tiles

__all__ = ["gothic", "warm"]

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]

# Cool and warm glass from black leads to the brightest pane.
_COOL: palette.Ramp = (
    (0, 4, 5, 12),
    (0.25, 10, 26, 66),
    (0.5, 18, 62, 128),
    (0.72, 34, 122, 150),
    (0.88, 130, 186, 178),
    (1, 226, 232, 208),
)  # fmt: skip
_WARM: palette.Ramp = (
    (0, 10, 4, 6),
    (0.25, 72, 8, 20),
    (0.5, 142, 24, 26),
    (0.72, 196, 92, 22),
    (0.88, 230, 172, 62),
    (1, 250, 232, 176),
)  # fmt: skip


def warm(image: Bytes) -> Bytes:
    """Blocks of thick, bright, sweet colour, each lit at its upper left rim."""
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, 0.9))
    painted = _painted(seen, {4: 0.4, 0: 0.6})
    cells = tiles.cut(seen, max(6.0, float(np.sqrt(seen.shape[0] * seen.shape[1])) / 44))
    mixed = cv2.addWeighted(seen, 0.6, painted, 0.4, 0)
    lab = cv2.cvtColor(canvas.unit(np.asarray(mixed, np.uint8)), cv2.COLOR_RGB2LAB)
    light, a, b = (cells.means(np.ascontiguousarray(lab[:, :, i])) for i in range(3))
    tint = cells.random(3) * np.float32(np.pi)
    a = a * np.float32(1.65) + 15 * np.cos(tint) + 7
    b = b * np.float32(1.65) + 15 * np.sin(tint) + 11
    light = 24 + light * np.float32(0.74) + cells.random(5) * 3
    fine = lab[:, :, 0] - cells.spread(cells.means(np.ascontiguousarray(lab[:, :, 0])))
    fine *= np.float32(0.45) + np.float32(0.55) * canvas.busy(canvas.unit(canvas.grey(seen)))
    out = np.dstack([cells.spread(light) + fine, cells.spread(a), cells.spread(b)])
    rgb = cv2.cvtColor(out.astype(np.float32), cv2.COLOR_LAB2RGB)
    rgb = cv2.GaussianBlur(rgb, (0, 0), 0.7)
    ridge = np.minimum(cells.joint, 5)
    slope = cv2.Sobel(ridge, cv2.CV_32F, 1, 0, scale=0.125)
    slope += cv2.Sobel(ridge, cv2.CV_32F, 0, 1, scale=0.125)
    rgb *= (1 + np.float32(0.16) * np.clip(slope, -1, 1))[:, :, None]
    return canvas.transfer(image, seen, _bytes(rgb), 0.7, tooth=0.12)


def gothic(image: Bytes) -> Bytes:
    """Dark leaded glass: jewel colours, black leads, light from behind."""
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, 0.9))
    painted = _painted(seen, {22: 0.6, 10: 0.4})
    unit = float(np.sqrt(seen.shape[0] * seen.shape[1]))
    cells = tiles.cut(seen, max(8.0, unit / 22))
    luma = canvas.unit(canvas.grey(seen))
    inner = canvas.unit(canvas.grey(painted))
    inner += np.float32(0.85) * cv2.GaussianBlur(luma - inner, (0, 0), unit / 30)
    tones = palette.tone(np.float32(0.5) * (inner + luma))
    tones = np.float32(0.72) * tones + np.float32(0.28) * cells.spread(cells.means(tones))
    tones = np.float32(0.98) * tones ** np.float32(0.95)
    tints = palette.chroma(seen)
    warmth = tints[:, :, 0] + np.float32(0.6) * tints[:, :, 1]
    # Eyes and mouths take the glass of the face around them: one red and one blue eye spoil it.
    busy = np.minimum(canvas.busy(luma) * np.float32(1.4), 1)
    detailed = cells.means(busy)
    around = cells.means(cv2.GaussianBlur(warmth, (0, 0), unit / 18))
    warmth = cells.means(warmth) * (1 - detailed) + around * detailed
    chance = np.float32(0.75) * cells.random(9) * (1 - detailed)
    axis = cells.spread(np.clip(3 * warmth + chance - 0.35, -1, 1))
    rgb = palette.colour(tones, axis, _COOL, _WARM)
    glow = np.minimum(cells.joint / np.float32(unit / 60), 1)
    rgb *= (np.float32(0.76) + np.float32(0.36) * glow)[:, :, None]
    # Thin the leads where the picture itself has much to say: eyes, mouths, letters.
    lead = np.clip((cells.joint - np.float32(unit / 700)) / np.float32(unit / 900), 0, 1)
    black = np.float32(0.92) - np.float32(0.68) * busy
    rgb *= (1 - black * (1 - lead))[:, :, None]
    return canvas.transfer(image, seen, _bytes(rgb), 0.8)


def _painted(seen: Bytes, styles: dict[int, float]) -> Bytes:
    """The network's version, made at half a megapixel: here it only lends colour and contour."""
    h, w = seen.shape[:2]
    small = canvas.resized(seen, canvas.fit_size(w, h, 0.5, zoom=1.0))
    return canvas.resized(net.paint(small, styles), (w, h))


def _bytes(colours: Float) -> Bytes:
    return np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint8)
