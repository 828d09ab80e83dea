"""The matting Laplacian as an operator made of box filters, and a solver for problems with it.

``L x`` sums, over all square windows that hold a pixel, the error of the window's best affine model
of ``x`` over colour; see K. He, J. Sun, X. Tang, "Fast matting using large kernel matting Laplacian
matrices", CVPR 2010, doi:10.1109/CVPR.2010.5539896. Windows are cut off at the rim, which keeps L
symmetric and positive semidefinite.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Laplacian"]

Float = NDArray[np.float32]

TOLERANCE = 1e-3  # of the residual, relative to its first value


class Laplacian:
    """``L`` of one picture.

    Args:
        guide: H x W x 3 float32, 0..1.
        radius: Windows are 2 radius + 1 px wide.
        eps: Regularisation of the colour models, squared guide units.
    """

    def __init__(self, guide: Float, radius: int, eps: float) -> None:
        self._planes = [np.ascontiguousarray(guide[:, :, c]) for c in range(3)]
        self._side = (2 * radius + 1, 2 * radius + 1)
        self._count = self._sum(np.ones(guide.shape[:2], np.float32))
        self._share = np.float32(1) / self._count
        self._means = [self._sum(plane) * self._share for plane in self._planes]
        self._inverse = self._inverses(eps)

    def times(self, x: Float) -> Float:
        """``L x`` for an H x W array."""
        mean = self._sum(x) * self._share
        r, g, b = (
            self._sum(plane * x) * self._share - own * mean
            for plane, own in zip(self._planes, self._means, strict=True)
        )
        rr, rg, rb, gg, gb, bb = self._inverse
        slopes = (rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b)
        for slope, own in zip(slopes, self._means, strict=True):
            mean -= slope * own
        out = self._count * x - self._sum(mean)
        for slope, plane in zip(slopes, self._planes, strict=True):
            out -= self._sum(slope) * plane
        return out

    def minimise(self, target: Float, weight: Float, iterations: int) -> Float:
        """The ``x`` that minimises ``x' L x + sum weight (x - target)^2``.

        Jacobi-preconditioned conjugate gradients from ``target`` on, at most ``iterations`` steps.
        """
        x = target.copy()
        residual = -self.times(x)
        scale = np.float32(1) / (self._count * np.float32(0.5) + weight)
        step = scale * residual
        energy = first = _inner(residual, step)
        for _ in range(iterations):
            if energy <= TOLERANCE**2 * first or energy <= 0:
                break
            image = self.times(step)
            image += weight * step
            curvature = _inner(step, image)
            if curvature <= 0:  # rounding has eaten what is left to win
                break
            length = np.float32(energy / curvature)
            x += length * step
            residual -= length * image
            conditioned = scale * residual
            renewed = _inner(residual, conditioned)
            step *= np.float32(renewed / energy)
            step += conditioned
            energy = renewed
        return x

    def _sum(self, x: Float) -> Float:
        out = cv2.boxFilter(x, -1, self._side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(out, np.float32)

    def _inverses(self, eps: float) -> tuple[Float, ...]:
        """Entries rr, rg, rb, gg, gb, bb of each window's inverse colour covariance.

        In double precision: grey edges make it nearly singular.
        """
        r, g, b = (plane.astype(np.float64) for plane in self._planes)
        share = 1.0 / self._count.astype(np.float64)
        mr, mg, mb = (self._wide_sum(plane) * share for plane in (r, g, b))
        rr, rg, rb, gg, gb, bb = (
            self._wide_sum(one * two) * share - m1 * m2
            for one, two, m1, m2 in (
                (r, r, mr, mr), (r, g, mr, mg), (r, b, mr, mb),
                (g, g, mg, mg), (g, b, mg, mb), (b, b, mb, mb),
            )
        )  # fmt: skip
        rr, gg, bb = (np.maximum(v, 0) + eps for v in (rr, gg, bb))
        i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
        scale = 1.0 / np.maximum(rr * i_rr + rg * i_rg + rb * i_rb, eps**3)
        return tuple((v * scale).astype(np.float32) for v in (i_rr, i_rg, i_rb, i_gg, i_gb, i_bb))

    def _wide_sum(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        out = cv2.boxFilter(x, -1, self._side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return np.asarray(out, np.float64)


def _inner(a: Float, b: Float) -> float:
    return float(np.dot(a.ravel(), b.ravel()))
