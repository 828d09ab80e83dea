"""EfficientNet-Lite0 from the store: shapes, meaning, and a converter that computes what it says."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from tests.pictures import Array
from xiutu.models import catalogue, session
from xiutu.models.converters.efficientnet import _folded

CHANNELS = {"stride2": 16, "stride4": 24, "stride8": 40, "stride16": 112, "stride32": 320}


def _planes(picture: Array, side: int = 224) -> np.ndarray:
    small = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(small).transpose(2, 0, 1)[None], np.float32) / 255


@pytest.mark.parametrize("side", [(224, 224), (64, 96), (33, 50)])
def test_every_scale_is_an_output(side: tuple[int, int]) -> None:
    """Sides are rounded up, as TensorFlow's SAME padding has it."""
    net = session("efficientnet_lite0", 1)
    found = net.run(list(CHANNELS), {"image": np.zeros((2, 3, *side), np.float32)})
    for (name, channels), features in zip(CHANNELS.items(), found, strict=True):
        stride = int(name.removeprefix("stride"))
        assert features.shape == (2, channels, -(-side[0] // stride), -(-side[1] // stride))


def test_it_knows_a_cat_and_a_cup() -> None:
    """Classes of ImageNet: 281 tabby, 282 tiger cat, 285 Egyptian cat; 504 mug, 967 espresso, 968 cup."""
    net = session("efficientnet_lite0", 1)
    for picture, expected in (
        (data.chelsea()[:, 75:375], {281, 282, 285}),
        (data.coffee(), {504, 967, 968}),
    ):
        pooled, logits = net.run(["pooled", "logits"], {"image": _planes(picture)})
        assert pooled.shape == (1, 1280)
        assert pooled.min() >= 0  # behind a ReLU6, averaged
        assert pooled.max() <= 6
        assert int(logits[0].argmax()) in expected


def test_batch_norm_is_folded() -> None:
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(4, 3, 1, 1)).astype(np.float32)
    gain, shift, mean, spread = rng.uniform(0.5, 2, (4, 4)).astype(np.float32)
    state = {
        "c.weight": kernel,
        "n.weight": gain,
        "n.bias": shift,
        "n.running_mean": mean,
        "n.running_var": spread,
    }
    folded, bias = _folded(state, "c", "n")
    x = rng.normal(size=3).astype(np.float32)
    wanted = (kernel[:, :, 0, 0] @ x - mean) / np.sqrt(spread + 1e-3) * gain + shift
    np.testing.assert_allclose(folded[:, :, 0, 0] @ x + bias, wanted, rtol=1e-4)


def test_its_licence_and_origin_are_told() -> None:
    weight = catalogue.load()["efficientnet_lite0"]
    assert weight.licence == "Apache-2.0"
    assert "arXiv:1905.11946" in weight.citation
