"""Bands cover every row once, and an error of one reaches the caller."""

import numpy as np
import pytest

from xiutu.image.bands import in_bands


@pytest.mark.parametrize(("height", "rows"), [(1, 64), (64, 64), (65, 64), (300, 7)])
@pytest.mark.parametrize("workers", [1, 2])
def test_every_row_once(height: int, rows: int, workers: int) -> None:
    seen = np.zeros(height, int)

    def work(top: int, bottom: int) -> None:
        assert 0 < bottom - top <= rows
        seen[top:bottom] += 1

    in_bands(work, height, rows, workers)
    assert (seen == 1).all()


def test_errors_are_raised() -> None:
    def work(top: int, bottom: int) -> None:
        raise ValueError(f"{top} {bottom}")

    with pytest.raises(ValueError, match="0 8"):
        in_bands(work, 20, 8, 2)
