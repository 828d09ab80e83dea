"""Custom stylisation: 30 presets or the style of any picture.

A style is a vector of 100 numbers, read off a picture by one network and painted by another (Ghiasi,
Lee, Kudlur, Dumoulin, Shlens, "Exploring the structure of a real-time, arbitrary neural artistic
stylization network", BMVC 2017, doi:10.5244/C.31.114). Painted at about a megapixel and
moved to full size with the photograph's own detail; where the photograph has much to say (eyes,
mouths, letters) some of its drawing is kept in the colours of the painting.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from xiutu.errors import MissingSource
from xiutu.operators._base import Cost, Rgb, param
from xiutu.operators._base import Params as Base
from xiutu.operators._styles import arbitrary, canvas, presets
from xiutu.operators._styles.presets import Preset

__all__ = ["COST", "PRESETS", "WEIGHTS", "Params", "Preset", "apply"]

PRESETS: tuple[Preset, ...] = presets.presets()
"""Number, English and Chinese name of every preset."""

COST = Cost(fixed_mb=420, bytes_per_pixel=12)
WEIGHTS: tuple[str, ...] = (arbitrary.PREDICT, arbitrary.TRANSFORM)

_MEGAPIXELS = 1.0
_DETAIL = 0.8
_KEPT = 0.5  # share of the small forms that is the photograph's where it is full of them


@dataclass(frozen=True, eq=False)
class Params(Base):
    """One of ``style_id`` and ``style`` is needed; ``style`` wins."""

    style_id: int | None = param(
        None,
        minimum=0,
        maximum=29,
        help=", ".join(f"{preset.id} {preset.en}" for preset in PRESETS),
    )
    style: Rgb | None = param(  # noqa: RUF009 - a field, like the others
        None, picture=True, help="picture whose style is wanted"
    )
    strength: float = param(
        1.0, minimum=0.0, maximum=1.0, own=True, help="1 = the style, 0 = the picture as it is"
    )


def apply(image: Rgb, params: Params) -> Rgb:
    """Repaint ``image`` (H x W x 3 uint8, any size) in the wanted style; same size.

    Raises:
        MissingSource: Neither ``style`` nor ``style_id`` is given.
        WeightsMissing, WeightsCorrupt: A network is not in the store.
    """
    style = _vector(params)
    if params.strength <= 0:
        return image.copy()
    result = _styled(image, style)
    if params.strength >= 1:
        return result
    share = params.strength
    return np.asarray(cv2.addWeighted(result, share, image, 1 - share, 0), np.uint8)


def _vector(params: Params) -> arbitrary.Float:
    if params.style is not None:
        return arbitrary.vector(params.style)
    if params.style_id is None:
        raise MissingSource("none of style, style_id")
    return presets.vector_of(params.style_id)


def _styled(image: Rgb, style: arbitrary.Float) -> Rgb:
    h, w = image.shape[:2]
    seen = canvas.resized(image, canvas.fit_size(w, h, _MEGAPIXELS, zoom=1.5))
    painted = _legible(seen, arbitrary.paint(seen, style))
    return canvas.transfer(image, seen, painted, _DETAIL, tooth=0.1)


def _legible(seen: Rgb, painted: Rgb) -> Rgb:
    """Where ``seen`` is full of small forms, some of the painting's give way to them.

    Their contrast is that of the painting, their sign too (a blueprint is drawn white on dark).
    """
    luma, inner = canvas.unit(canvas.grey(seen)), canvas.unit(canvas.grey(painted))
    reach = float(np.sqrt(luma.size)) / 60
    forms = luma - cv2.GaussianBlur(luma, (0, 0), reach)
    strokes = inner - cv2.GaussianBlur(inner, (0, 0), reach)
    spread = float(forms.std())
    if spread < 1e-3:
        return painted
    agree = float((forms * strokes).mean()) / spread / max(float(strokes.std()), 1e-6)
    gain = float(np.clip(strokes.std() / spread, 0.6, 2.0)) * (1 if agree > -0.1 else -1)
    share = np.minimum(canvas.busy(luma) * np.float32(1.5), 1) * np.float32(_KEPT)
    change = (forms * np.float32(gain) - strokes) * share
    kept = canvas.unit(painted) + change[:, :, None]
    return np.rint(np.clip(kept, 0, 1) * 255).astype(np.uint8)
