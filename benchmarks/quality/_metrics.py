"""Full-reference metrics, as the papers of the field define them."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

Array = NDArray[np.uint8]


def psnr(a: Array, b: Array) -> float:
    """PSNR in dB over all channels, uint8 range; infinity for equal pictures is capped at 100 dB."""
    mse = float(np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2))
    return 100.0 if mse < 1e-10 else 10 * float(np.log10(255.0**2 / mse))


def luma(rgb: Array) -> NDArray[np.float64]:
    """BT.601 studio-range luma (16..235), the Y of super-resolution papers."""
    weights = np.array([65.481, 128.553, 24.966]) / 255.0
    return np.asarray(rgb.astype(np.float64) @ weights + 16.0)


def psnr_y(a: Array, b: Array, shave: int = 0) -> float:
    """PSNR on luma with ``shave`` border pixels left out."""
    ya, yb = luma(a), luma(b)
    if shave:
        ya, yb = ya[shave:-shave, shave:-shave], yb[shave:-shave, shave:-shave]
    mse = float(np.mean((ya - yb) ** 2))
    return 100.0 if mse < 1e-10 else 10 * float(np.log10(255.0**2 / mse))


def ssim(a: Array, b: Array) -> float:
    """Mean SSIM (Wang 2004, 11x11 Gaussian) on luma."""
    return float(
        structural_similarity(
            luma(a), luma(b), data_range=255.0, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False,
        )
    )  # fmt: skip


def ssim_map(a: Array, b: Array) -> NDArray[np.float64]:
    """Per-pixel SSIM on luma, for measures inside a mask."""
    _, full = structural_similarity(
        luma(a), luma(b), data_range=255.0, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False, full=True,
    )  # fmt: skip
    return np.asarray(full)


def delta_e(a: Array, b: Array) -> float:
    """Mean CIEDE2000 between two sRGB pictures."""
    return float(np.mean(deltaE_ciede2000(rgb2lab(a), rgb2lab(b))))


def half_antialiased(rgb: Array) -> Array:
    """Antialiased bicubic (a=-0.5) reduction by two, as Matlab's imresize and Pillow do it."""
    from PIL import Image

    h, w = rgb.shape[:2]
    small = Image.fromarray(rgb).resize((w // 2, h // 2), Image.Resampling.BICUBIC)
    return np.asarray(small)


def with_noise(rgb: Array, sigma: float, seed: int) -> Array:
    """Additive white Gaussian noise, clipped and rounded to uint8."""
    noise = np.random.default_rng(seed).normal(0.0, sigma, rgb.shape)
    return np.clip(np.rint(rgb + noise), 0, 255).astype(np.uint8)


def jpeg(rgb: Array, quality: int) -> Array:
    """One JPEG round trip (4:2:0) at the given quality."""
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    ok, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert back is not None
    return np.ascontiguousarray(back[:, :, ::-1]).astype(np.uint8)
