"""Nearest-neighbour field between the patches of a hole and the known patches of the same picture.

PatchMatch (Barnes et al. 2009, doi:10.1145/1531326.1531330) written for arrays: all patches look at
their neighbours' offsets and at random places around their own in parallel. Patches are compared by
a few coefficients of their weighted pixels (in the manner of He, Sun 2012,
doi:10.1109/CVPR.2012.6247665); colours are voted as in Wexler, Shechtman, Irani 2007
(doi:10.1109/TPAMI.2007.60).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

RADIUS = 3
"""Patches are 7 x 7."""
CLOSENESS = 0.15
"""Cost of copying from far away, per squared pixel of distance: what is near is likelier."""
_NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))


class PatchField:
    """For every patch of one pyramid level that touches the hole: the best known patch.

    ``picture`` is H x W x 3 float32 (0..255), its hole holds a first guess; ``hole`` (H x W bool)
    marks what is to be filled, ``usable`` what may be copied from, with at least one whole patch in
    it (see :func:`sources`). ``match`` holds flat positions, ``cost`` mean squared differences plus
    the priors. ``plainness`` is the cost of copying contrast, as a share of it, ``closeness`` that of
    copying from far away. Patches lie wholly
    inside the picture. Deterministic for a ``seed``.
    """

    def __init__(
        self,
        picture: Field,
        hole: Mask,
        usable: Mask,
        plainness: float,
        seed: int,
        closeness: float = CLOSENESS,
    ) -> None:
        self.height, self.width = hole.shape
        self.rng = np.random.default_rng(seed)
        self._closeness = np.float32(closeness)
        self.colours = picture.reshape(-1, 3).copy()
        self.holes = np.flatnonzero(hole.ravel())
        self.is_source = sources(usable).ravel()
        self.source = np.flatnonzero(self.is_source)
        self.target = np.flatnonzero(inner(cv2.dilate(hole.astype(np.uint8), _BOX) > 0).ravel())
        self.row, self.column = np.divmod(self.target, self.width)
        self.number = np.full(hole.size, -1, dtype=np.int64)
        self.number[self.target] = np.arange(self.target.size)
        self._every = np.arange(self.target.size)
        self._steps = patch_steps(self.width)
        away = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).ravel()[self.target]
        self._trust = (1.2**-away).astype(np.float32)
        self._known = describe(picture).reshape(hole.size, -1)
        self._wanted = self._known[self.target]
        contrast = self._known[:, _CONTRAST]
        self._prior = np.float32(plainness) * np.einsum("ij,ij->i", contrast, contrast)
        self.match = self.rng.choice(self.source, self.target.size)
        self.cost = self._costs(self._every, self.match)

    def adopt(self, coarse: "PatchField") -> None:
        """Start from the field of a level half as large."""
        row = np.clip(self.row // 2, RADIUS, coarse.height - 1 - RADIUS)
        column = np.clip(self.column // 2, RADIUS, coarse.width - 1 - RADIUS)
        number = coarse.number[row * coarse.width + column]
        there, across = np.divmod(coarse.match[number], coarse.width)
        place = self._inside(self.row + 2 * (there - row)) * self.width
        place += np.clip(self.column + 2 * (across - column), 0, self.width - 1)
        good = (number >= 0) & self.is_source[place]
        self.match = np.where(good, place, self.match)
        self.cost = np.where(number >= 0, coarse.cost[number], self.cost)

    def refresh(self) -> None:
        """Take over the present colours of the hole and rate the matches against them."""
        rows = slice(max(0, self.row[0] - RADIUS), self.row[-1] + RADIUS + 1)
        picture = self.colours.reshape(self.height, self.width, 3)[rows]
        found = describe(picture).reshape(-1, self._known.shape[1])
        self._wanted = found[self.target - rows.start * self.width]
        self.cost = self._costs(self._every, self.match)

    def search(self, strides: tuple[int, ...], throws: int) -> None:
        """Propagate from neighbours at each of ``strides``, then try ``throws`` random places."""
        for stride in strides:
            for dy, dx in _NEIGHBOURS:
                self._propagate(dy * stride, dx * stride)
        reach = max(self.height, self.width) / 2
        for _ in range(throws):
            self._throw(max(1, int(reach)))
            reach /= 2

    def vote(self, sharpness: float) -> None:
        """Set each pixel of the hole to the weighted mean of all patches that cover it.

        The larger ``sharpness`` the more the better matches count (0: all alike).
        """
        usual = np.maximum(self._local_mean(self.cost), 1e-3)
        weight = self._trust * np.exp(-sharpness * self.cost / usual) + np.float32(1e-12)
        weight = np.append(weight, np.float32(0))
        match = np.append(self.match, 0)
        total = np.zeros((self.holes.size, 3), dtype=np.float32)
        sums = np.zeros(self.holes.size, dtype=np.float32)
        for step, gauss in zip(self._steps, BELL, strict=True):
            which = self._covering(step)
            share = weight[which] * gauss
            place = match[which] + step
            place[which < 0] = 0
            total += share[:, None] * self.colours[place]
            sums += share
        self.colours[self.holes] = total / sums[:, None]

    def mismatch(self, reach: float) -> Field:
        """How badly the matches fit, H x W: rms difference over contrast, both averaged by a bell of
        ``reach`` pixels; 0 is a perfect fit, about 1 no better than plain colour."""
        data = self._wanted - self._known[self.match]
        contrast = self._wanted[:, _CONTRAST]
        dense = np.zeros((2, self.height, self.width), dtype=np.float32)
        flat = dense.reshape(2, -1)
        flat[0, self.target] = np.einsum("ij,ij->i", data, data)
        flat[1, self.target] = np.einsum("ij,ij->i", contrast, contrast) + 9
        error, usual = (cv2.GaussianBlur(part, (0, 0), reach) for part in dense)
        return np.asarray(np.sqrt(error / np.maximum(usual, 1e-6)), dtype=np.float32)

    def picture(self) -> Field:
        """The level with its hole filled as voted last, H x W x 3."""
        return self.colours.reshape(self.height, self.width, 3)

    def sources_of_holes(self) -> Index:
        """For each pixel of the hole the flat position it is copied from (centres of patches)."""
        row, column = np.divmod(self.holes, self.width)
        centre = self._inside(row, RADIUS) * self.width
        centre += np.clip(column, RADIUS, self.width - 1 - RADIUS)
        found: Index = self.match[self.number[centre]] + self.holes - centre
        return found

    def _inside(self, row: Index, margin: int = 0) -> Index:
        return np.clip(row, margin, self.height - 1 - margin)

    def _covering(self, step: int) -> Index:
        """For each hole pixel the target whose patch holds it at ``step``; -1 for none."""
        at = self.holes - step
        inside = (at >= 0) & (at < self.number.size)
        return np.where(inside, self.number[np.where(inside, at, 0)], -1)

    def _propagate(self, dy: int, dx: int) -> None:
        row, column = self.row + dy, self.column + dx
        inside = (row >= 0) & (row < self.height) & (column >= 0) & (column < self.width)
        which = self._every[inside]
        step = dy * self.width + dx
        neighbour = self.number[self.target[which] + step]
        which, neighbour = which[neighbour >= 0], neighbour[neighbour >= 0]
        self._try(which, np.clip(self.match[neighbour] - step, 0, self.number.size - 1))

    def _throw(self, reach: int) -> None:
        count = self.target.size
        row, column = np.divmod(self.match, self.width)
        row = self._inside(row + self.rng.integers(-reach, reach + 1, count))
        column = np.clip(column + self.rng.integers(-reach, reach + 1, count), 0, self.width - 1)
        self._try(self._every, row * self.width + column)

    def _try(self, which: Index, place: Index) -> None:
        """Move targets ``which`` to ``place`` where that is usable and cheaper."""
        worth = self.is_source[place] & (place != self.match[which])
        which, place = which[worth], place[worth]
        cost = self._costs(which, place)
        better = cost < self.cost[which]
        self.match[which[better]] = place[better]
        self.cost[which[better]] = cost[better]

    def _costs(self, which: Index, place: Index) -> Field:
        difference = self._known[place]
        difference -= self._wanted[which]
        cost: Field = np.einsum("ij,ij->i", difference, difference)
        row, column = np.divmod(place, self.width)
        far = (row - self.row[which]) ** 2 + (column - self.column[which]) ** 2
        cost += self._prior[place]
        cost += self._closeness * far.astype(np.float32)
        return cost

    def _local_mean(self, cost: Field) -> Field:
        dense = np.zeros((2, self.height, self.width), dtype=np.float32)
        dense.reshape(2, -1)[:, self.target] = cost, np.ones_like(cost)
        total, count = (cv2.blur(part, _BOX.shape).ravel()[self.target] for part in dense)
        mean: Field = total / count
        return mean


def describe(picture: Field) -> Field:
    """Descriptors of all 7 x 7 patches of ``picture`` (H x W x 3, 0..255): H x W x 16 float32.

    Squared distances approximate the bell-weighted mean squared difference of the pixels: patches
    are projected on the lowest orthonormal cosines in an orthonormal opponent colour space.
    """
    opponent = picture.reshape(-1, 3) @ _OPPONENT
    planes = [np.ascontiguousarray(opponent[:, c]).reshape(picture.shape[:2]) for c in range(3)]
    found = [
        cv2.sepFilter2D(planes[c], cv2.CV_32F, _BASIS[j], _BASIS[i])
        for c, orders in enumerate((_LUMA, _CHROMA, _CHROMA))
        for i, j in orders
    ]
    return np.asarray(cv2.merge(found), dtype=np.float32)


def sources(usable: Mask) -> Mask:
    """Centres of the patches that lie wholly in ``usable`` (H x W bool)."""
    return inner(cv2.erode(usable.astype(np.uint8), _BOX) > 0)


def inner(mask: Mask) -> Mask:
    """``mask`` without the border where no patch can be centred."""
    out = np.zeros_like(mask)
    part = tuple(slice(RADIUS, max(RADIUS, side - RADIUS)) for side in mask.shape)
    out[part] = mask[part]
    return out


def patch_steps(width: int) -> Index:
    """Flat steps from a patch's centre to its 49 pixels, row by row, as ``BELL`` is ordered."""
    return (_SPAN[:, None] * width + _SPAN[None, :]).ravel()


def _basis(bell: Field) -> Field:
    """Cosines of order 0..3, orthonormal under the bell's weights, as rows of filter taps."""
    span = np.arange(2 * RADIUS + 1) + 0.5
    root = np.sqrt(bell)
    waves = np.stack([root * np.cos(np.pi * k * span / span.size) for k in range(4)], axis=1)
    return np.asarray(np.linalg.qr(waves)[0].T * root, dtype=np.float32)


_SPAN: Index = np.arange(-RADIUS, RADIUS + 1, dtype=np.int64)
_BOX = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), dtype=np.uint8)
_LINE: Field = np.exp(-(_SPAN**2) / 8.0).astype(np.float32)
_LINE /= _LINE.sum()
BELL: Field = np.outer(_LINE, _LINE).ravel()
"""Weights of a patch's pixels, summing to one."""
_BASIS = _basis(_LINE)
_OPPONENT: Field = (np.array([[1, 1, 1], [1, 0, -2], [1, -1, 1]]) / np.sqrt([3, 2, 6])).astype(
    np.float32
)
_LUMA = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (0, 3), (3, 0))
_CHROMA = ((0, 0), (0, 1), (1, 0))
_CONTRAST = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15]
