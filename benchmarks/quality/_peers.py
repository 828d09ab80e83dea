"""What others do, beside us in the same run: rows named "peer ...", never with a floor.

OpenCV and scikit-image are there anyway. ``image-dehazer`` (PyPI, MIT) is measured where it can be
imported: ``pip install --no-deps image-dehazer`` (with dependencies it would bring a second OpenCV).
"""

import importlib.util
from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.quality._metrics import Array
from xiutu.image.guided import guided_filter
from xiutu.image.light import luma

Peer = Callable[[Array], Array]


def clahe(rgb: Array) -> Array:
    """OpenCV's CLAHE (clip 2, 8 x 8 tiles) on L of Lab."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(lab[:, :, 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def adapthist(rgb: Array) -> Array:
    """scikit-image's adaptive histogram equalisation at its defaults."""
    from skimage.exposure import equalize_adapthist

    return np.asarray(np.rint(255 * equalize_adapthist(rgb)), np.uint8)


def grey_world(rgb: Array) -> Array:
    """OpenCV's grey-world white balance."""
    balance = cv2.xphoto.createGrayworldWB()
    return np.ascontiguousarray(balance.balanceWhite(_swapped(rgb))[:, :, ::-1]).astype(np.uint8)


def simple_wb(rgb: Array) -> Array:
    """OpenCV's simple white balance (stretch of each channel)."""
    balance = cv2.xphoto.createSimpleWB()
    return np.ascontiguousarray(balance.balanceWhite(_swapped(rgb))[:, :, ::-1]).astype(np.uint8)


def dark_channel(rgb: Array) -> Array:
    """The plain dark channel prior (doi:10.1109/TPAMI.2010.168) with guided filter, as published."""
    scene = rgb.astype(np.float32) / np.float32(255)
    window = np.ones((15, 15), np.uint8)
    dark = cv2.erode(np.ascontiguousarray(scene.min(axis=2)), window)
    count = max(1, dark.size // 1000)
    haziest = np.argsort(dark, axis=None)[-count:]
    pixels = scene.reshape(-1, 3)[haziest]
    air = pixels[np.argmax(pixels.sum(axis=1))]
    lowest = np.ascontiguousarray((scene / np.maximum(air, 0.05)).min(axis=2))
    clear = np.asarray(1 - 0.95 * cv2.erode(lowest, window), np.float32)
    clear = np.maximum(guided_filter(luma(rgb), clear, 40, 1e-3), 0.1)[:, :, None]
    return np.clip(np.rint(255 * ((scene - air) / clear + air)), 0, 255).astype(np.uint8)


def _image_dehazer(rgb: Array) -> Array:
    import image_dehazer

    if not hasattr(np, "alltrue"):  # NumPy 1's name, which image-dehazer 0.0.9 still uses
        setattr(np, "alltrue", np.all)  # noqa: B010
    bgr, _ = image_dehazer.remove_haze(_swapped(rgb), showHazeTransmissionMap=False)
    return np.ascontiguousarray(bgr[:, :, ::-1]).astype(np.uint8)


def _swapped(rgb: Array) -> Array:
    return np.ascontiguousarray(rgb[:, :, ::-1])


TONE: dict[str, Peer] = {
    "peer OpenCV CLAHE": clahe,
    "peer scikit-image equalize_adapthist": adapthist,
    "peer OpenCV grey-world": grey_world,
    "peer OpenCV SimpleWB": simple_wb,
}
EXPOSURE: dict[str, Peer] = {name: TONE[name] for name in list(TONE)[:2]}
BALANCE: dict[str, Peer] = {name: TONE[name] for name in list(TONE)[2:]}
HAZE: dict[str, Peer] = {"peer plain dark channel prior": dark_channel, "peer OpenCV CLAHE": clahe}
if importlib.util.find_spec("image_dehazer"):
    HAZE["peer image-dehazer"] = _image_dehazer
