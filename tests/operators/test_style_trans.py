"""style_trans: nine looks, clearly different, any size, deterministic."""

import numpy as np
import pytest
from skimage import data

from xiutu.operators import style_trans
from xiutu.operators.style_trans import OPTIONS, Params, apply

CHELSEA = np.ascontiguousarray(data.chelsea()[:, 40:400])


@pytest.mark.parametrize("option", OPTIONS)
def test_every_look_keeps_size_and_input(option):
    before = CHELSEA.copy()
    out = apply(CHELSEA, Params(option=option))
    assert out.shape == CHELSEA.shape
    assert out.dtype == np.uint8
    assert out.flags.c_contiguous
    assert np.array_equal(CHELSEA, before)
    assert np.abs(out.astype(int) - CHELSEA).mean() > 5


def test_default_is_cartoon():
    assert Params().option == "cartoon"
    assert set(style_trans.OPTIONS) == {
        "cartoon", "pencil", "color_pencil", "warm", "wave", "lavender", "mononoke", "scream",
        "gothic",
    }  # fmt: skip
