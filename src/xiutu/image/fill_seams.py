"""Copies that join without seams: the sources' gradients are kept, their brightness and colour give way.

Patches copied from different places differ a little in light, which shows as blotches in skies and
other calm grounds. So the hole is put together from gradients (Perez, Gangnet, Blake 2003,
doi:10.1145/882262.882269), of whichever source a pixel was copied from, with the known pixels round
the hole as Dirichlet values. A large jump is no difference in light but an object's edge: it stays
where it is, else its colours would bleed into the surroundings. Solved by conjugate gradients.
"""

from dataclasses import dataclass

import numpy as np

from xiutu.image.patchmatch import Field, Index, Mask

__all__ = ["seamless"]

Part = tuple[slice, slice]

JUMP = 16.0
"""Grey levels between two copies that are still taken for a difference in light."""
HOLD = 3e-4
"""Weight of a pixel's copied colour beside that of a gradient: what jumps part from its surroundings
keeps its own light, and so does the middle of a hole more than some 60 px from its rim."""
STEPS = 120
RESIDUAL = 1e-3
"""Of the first residual (norms): later ones change no pixel by a level."""


@dataclass(frozen=True)
class _Links:
    """Between each pixel and its lower or right neighbour: the difference wanted (... x 3), and the
    weight it is wanted with; the last row or column is left out."""

    down: Field
    right: Field
    weight_down: Field
    weight_right: Field

    def pull(self, values: Field) -> Field:
        """The weighted differences of ``values`` (H x W x 3) summed at each pixel: minus Laplacian."""
        return _gathered(
            self.weight_down * (values[1:] - values[:-1]),
            self.weight_right * (values[:, 1:] - values[:, :-1]),
        )

    def wanted(self) -> Field:
        return _gathered(self.weight_down * self.down, self.weight_right * self.right)


def seamless(copied: Field, hole: Mask, origin: Index, usable: Mask) -> Field:
    """``copied`` (H x W x 3 float32, 0..255, true outside ``hole``) with its seams taken out of the hole.

    ``origin`` (H x W) is the flat position each pixel of ``hole`` (H x W bool) was copied from, itself
    elsewhere; gradients are taken from ``usable`` (H x W bool) pixels. Returns H x W x 3 float32, equal
    to ``copied`` outside the hole; may leave 0..255.
    """
    out = copied.copy()
    if hole.any():
        part = _around(hole)
        out[part] += _change(copied[part], hole[part], _links(copied, part, origin, usable))
    return out


def _around(hole: Mask) -> Part:
    """The smallest part of the picture that holds ``hole`` and the pixels beside it."""
    spans = []
    for axis, side in ((1, hole.shape[0]), (0, hole.shape[1])):
        found = np.flatnonzero(hole.any(axis=axis))
        spans.append(slice(max(0, found[0] - 1), min(side, found[-1] + 2)))
    return spans[0], spans[1]


def _change(copied: Field, hole: Mask, links: _Links) -> Field:
    """What to add to ``copied``: small and smooth, so that a few steps find it."""
    inside = hole[:, :, None].astype(np.float32)
    change = np.zeros_like(copied)
    rest = (links.pull(copied) - links.wanted()) * inside
    hold = np.float32(HOLD)
    step = rest.copy()
    size = first = float(np.vdot(rest, rest))
    for _ in range(STEPS):
        if size <= first * RESIDUAL**2:
            break
        pulled = (hold * step - links.pull(step)) * inside
        share = np.float32(size / max(float(np.vdot(step, pulled)), 1e-20))
        change += share * step
        rest -= share * pulled
        before, size = size, float(np.vdot(rest, rest))
        step *= np.float32(size / before)
        step += rest
    return change


def _links(copied: Field, part: Part, origin: Index, usable: Mask) -> _Links:
    """The differences wanted within ``part``, where the copies' sources may lie anywhere."""
    (height, width), flat, good = origin.shape, copied.reshape(-1, 3), usable.ravel()
    shown, source = copied[part], origin[part]
    row, column = np.divmod(source, width)

    def towards(dy: int, dx: int) -> tuple[Field, Field]:
        here = (slice(0, source.shape[0] - dy), slice(0, source.shape[1] - dx))
        there = (slice(dy, None), slice(dx, None))
        total = np.zeros((*source[here].shape, 3), np.float32)
        count = np.zeros((*source[here].shape, 1), np.float32)
        for place, sign in ((here, 1), (there, -1)):
            y, x = row[place] + sign * dy, column[place] + sign * dx
            inside = (y >= 0) & (x >= 0) & (y < height) & (x < width)
            beside = np.where(inside, y * width + x, 0)
            known = (inside & good[beside])[:, :, None]
            total += known * (sign * (flat[beside] - flat[source[place]]))
            count += known
        wanted = np.divide(total, np.maximum(count, 1), dtype=np.float32)
        jump = shown[there] - shown[here] - wanted
        far = np.einsum("ijk,ijk->ij", jump, jump)[:, :, None] / np.float32(3 * JUMP**2)
        return wanted, 1 / (1 + far * far)

    (down, weight_down), (right, weight_right) = towards(1, 0), towards(0, 1)
    return _Links(down, right, weight_down, weight_right)


def _gathered(down: Field, right: Field) -> Field:
    """Flows to the lower and right neighbours summed at each pixel: what comes less what goes."""
    out: Field = np.zeros((down.shape[0] + 1, down.shape[1], 3), np.float32)
    out[:-1] += down
    out[1:] -= down
    out[:, :-1] += right
    out[:, 1:] -= right
    return out
