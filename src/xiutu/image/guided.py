"""Edge-aware smoothing and joint upsampling by local linear models (guided filter).

Source: K. He, J. Sun, X. Tang, "Guided image filtering", TPAMI 2013, doi:10.1109/TPAMI.2012.213;
the reduced-size form is K. He, J. Sun, "Fast guided filter", arXiv:1505.00996. In each window the
output is an affine function of the guide, ``q = slope . guide + offset``. Fitting that model on a
small picture and evaluating it on the large one moves a small result (transmission, gain map,
chrominance, mask) to full size along the edges of the full-size guide; ``LocalModel.rows`` does so
a band of rows at a time, so that the memory used does not grow with the picture.

All arrays are float32; guides are in 0..1 (``eps`` is in squared guide units: an edge is kept where
the local variance of the guide is well above ``eps``).
"""

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["LocalModel", "box_mean", "enlarge_rows", "fit", "guided_filter", "shrink", "upsample"]

Float = NDArray[np.float32]
Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.float32])


def box_mean(x: Float, radius: int) -> Float:
    """Mean over a (2 radius + 1) square window, borders mirrored; shape is kept."""
    side = 2 * max(int(radius), 0) + 1
    mean = cv2.blur(x, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(mean, np.float32).reshape(x.shape)


def shrink(image: Pixels, long_side: int) -> Pixels:
    """Area-averaged copy, longer side at most ``long_side``; the input itself if it is smaller."""
    h, w = image.shape[:2]
    scale = long_side / max(h, w)
    if scale >= 1.0:
        return image
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small.reshape(size[1], size[0], *image.shape[2:]).astype(image.dtype, copy=False)


def enlarge_rows(low: Float, top: int, bottom: int, height: int, width: int) -> Float:
    """Rows ``top:bottom`` of ``low`` enlarged bilinearly to ``height`` x ``width``.

    Pixel centres are aligned. ``low`` is h x w or h x w x C. Bands put together equal the whole
    enlarged at once.
    """
    h = low.shape[0]
    at = np.clip((np.arange(top, bottom) + 0.5) * (h / height) - 0.5, 0, h - 1).astype(np.float32)
    first = np.minimum(at.astype(np.intp), max(h - 2, 0))
    share = (at - first).reshape(-1, *[1] * (low.ndim - 1)).astype(np.float32)
    second = np.minimum(first + 1, h - 1)
    band = low[first] * (1 - share) + low[second] * share
    wide = cv2.resize(band, (width, bottom - top), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32).reshape(bottom - top, width, *low.shape[2:])


@dataclass(frozen=True)
class LocalModel:
    """``q = slope . guide + offset`` with smooth coefficients, at the size they were fitted.

    Grey guide: ``slope`` and ``offset`` have the shape of the source (h x w or h x w x C). Colour
    guide (source h x w): ``slope`` is h x w x 3 and ``offset`` h x w.
    """

    slope: Float
    offset: Float

    def rows(self, guide: Float, top: int, height: int) -> Float:
        """Evaluate on ``guide``, the rows from ``top`` on of a picture ``height`` rows high."""
        bottom, width = top + guide.shape[0], guide.shape[1]
        slope, offset = self.slope, self.offset
        if slope.shape[0] != height or slope.shape[1] != width:
            slope = enlarge_rows(slope, top, bottom, height, width)
            offset = enlarge_rows(offset, top, bottom, height, width)
        else:
            slope, offset = slope[top:bottom], offset[top:bottom]
        if guide.ndim == 3:
            return np.asarray(np.einsum("ijk,ijk->ij", slope, guide) + offset, np.float32)
        return slope * (guide if offset.ndim == 2 else guide[:, :, None]) + offset


def fit(guide: Float, source: Float, radius: int, eps: float) -> LocalModel:
    """Fit the window-wise affine models of ``source`` over ``guide`` (same height and width).

    ``guide`` is h x w, with ``source`` h x w or h x w x C, or it is h x w x 3, with ``source``
    h x w. Raises ``ValueError`` on other shapes.
    """
    if guide.shape[:2] != source.shape[:2] or guide.ndim + source.ndim > 5:
        raise ValueError(f"guide {guide.shape} and source {source.shape} do not fit together")
    slope, offset = (_fit_colour if guide.ndim == 3 else _fit_grey)(guide, source, radius, eps)
    return LocalModel(box_mean(slope, radius), box_mean(offset, radius))


def guided_filter(guide: Float, source: Float, radius: int, eps: float) -> Float:
    """``source`` smoothed along the edges of ``guide``; shapes as in ``fit``."""
    return fit(guide, source, radius, eps).rows(guide, 0, guide.shape[0])


def upsample(guide: Float, small_guide: Float, small: Float, radius: int, eps: float) -> Float:
    """``small`` moved to the size of ``guide`` along its edges; ``radius`` in pixels of it."""
    return fit(small_guide, small, radius, eps).rows(guide, 0, guide.shape[0])


def _fit_grey(guide: Float, source: Float, radius: int, eps: float) -> tuple[Float, Float]:
    mean_g = box_mean(guide, radius)
    variance = np.maximum(box_mean(guide * guide, radius) - mean_g * mean_g, 0)
    if source.ndim == 3:
        guide, mean_g, variance = guide[:, :, None], mean_g[:, :, None], variance[:, :, None]
    mean_s = box_mean(source, radius)
    slope = (box_mean(guide * source, radius) - mean_g * mean_s) / (variance + np.float32(eps))
    return np.asarray(slope, np.float32), np.asarray(mean_s - slope * mean_g, np.float32)


def _fit_colour(guide: Float, source: Float, radius: int, eps: float) -> tuple[Float, Float]:
    mean_g = box_mean(guide, radius)
    mean_s = box_mean(source, radius)
    cross = box_mean(guide * source[:, :, None], radius) - mean_g * mean_s[:, :, None]
    second = guide[:, :, (0, 0, 0, 1, 1, 2)] * guide[:, :, (0, 1, 2, 1, 2, 2)]
    second = box_mean(second, radius)
    second -= mean_g[:, :, (0, 0, 0, 1, 1, 2)] * mean_g[:, :, (0, 1, 2, 1, 2, 2)]
    rr, rg, rb, gg, gb, bb = np.moveaxis(second, 2, 0)
    rr, gg, bb = (np.maximum(v, 0) + np.float32(eps) for v in (rr, gg, bb))
    # Closed-form inverse of the symmetric 3 x 3 covariance: far faster than linalg.solve per pixel.
    i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    det = rr * i_rr + rg * i_rg + rb * i_rb
    r, g, b = np.moveaxis(cross, 2, 0)
    slope = np.stack(
        [
            i_rr * r + i_rg * g + i_rb * b,
            i_rg * r + i_gg * g + i_gb * b,
            i_rb * r + i_gb * g + i_bb * b,
        ],
        axis=2,
    )
    slope /= np.maximum(det, np.float32(eps) ** 3)[:, :, None]
    return slope, mean_s - np.einsum("ijk,ijk->ij", slope, mean_g)
