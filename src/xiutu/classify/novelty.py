"""How well a picture is known: its distance to what the model was trained on.

The cosine to the k-th nearest training picture tells pictures of other things apart without ever having
seen any (Sun, Ming, Zhu, Li: Out-of-distribution detection with deep nearest neighbors, ICML 2022,
arXiv:2204.06507).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ACCEPTED", "Novelty", "learn"]

ACCEPTED = 0.95
"""Share of the training pictures that count as known (each compared with all others)."""

_MOST = 1000
_NEIGHBOUR = 5
_SEED = 7


@dataclass(frozen=True)
class Novelty:
    """``bank`` [m, n] float32 of unit features, ``k`` which neighbour counts; the cosine ``threshold``
    is known = 0.5, and ``width`` how fast that changes.
    """

    bank: NDArray[np.float32]
    k: int
    threshold: float
    width: float

    def known(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """0 (nothing like it was seen) to 1 for features [n, size]."""
        cosines = unit(features) @ self.bank.T
        nearest = np.partition(cosines, -self.k, axis=1)[:, -self.k]
        return np.asarray(
            1 / (1 + np.exp((self.threshold - nearest.astype(np.float64)) / self.width))
        )


def learn(features: NDArray[np.float32]) -> Novelty:
    """From plain features [pictures, n] of what is to be known."""
    random = np.random.default_rng(_SEED)
    bank = unit(features[np.sort(random.permutation(len(features))[:_MOST])])
    k = min(_NEIGHBOUR, len(bank) - 1)
    cosines = bank @ bank.T
    np.fill_diagonal(cosines, -2)  # a picture is not its own neighbour
    nearest = np.partition(cosines, -k, axis=1)[:, -k]
    threshold = float(np.quantile(nearest, 1 - ACCEPTED))
    return Novelty(bank, k, threshold, max(0.02, 0.5 * float(nearest.std())))


def unit(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features / np.maximum(lengths, 1e-9), dtype=np.float32)
