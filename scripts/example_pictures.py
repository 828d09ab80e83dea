"""``python -m scripts.example_pictures``: the pictures of the READMEs, before/after and one to try.

Only photographs that scikit-image ships (coffee and rocket are CC0 or public domain, so are chelsea and
astronaut), degraded here; results are xiutu's own. Run by hand when an operator's look changes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import xiutu

FOLDER = Path(__file__).parents[1] / "docs" / "img"
WIDTH, HEIGHT, GAP = 300, 200, 6
Array = NDArray[np.uint8]


def main() -> None:
    """Write ``examples.jpg`` (two pairs a row: input left, result right) and ``hazy.jpg``."""
    first = [*_dehaze(), *_inpainting()]
    second = [*_style(), *_colour()]
    rows = [np.hstack([_framed(picture) for picture in row]) for row in (first, second)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    _save("examples.jpg", np.vstack(rows), quality=84)
    _save("hazy.jpg", first[0], quality=88)


def _save(name: str, picture: Array, quality: int) -> None:
    Image.fromarray(picture).save(FOLDER / name, "JPEG", quality=quality, optimize=True)


def _dehaze() -> tuple[Array, Array]:
    scene = _cut(data.coffee()).astype(float)
    clear = np.linspace(0.35, 0.75, HEIGHT * 2)[:, None, None]
    hazy = _bytes(scene * clear + np.array([214, 220, 226]) * (1 - clear))
    return hazy, xiutu.run("dehaze", hazy)


def _inpainting() -> tuple[Array, Array]:
    scene = _cut(data.rocket())
    box = {"left": 395, "top": 95, "width": 110, "height": 26}
    stained = scene.copy()
    y, x = slice(box["top"], box["top"] + box["height"]), slice(box["left"], box["left"] + 110)
    stained[y, x] = np.indices((box["height"], 110)).sum(0)[..., None] % 12 // 6 * 200 + 40
    return stained, xiutu.run("inpainting", stained, rectangle=[box])


def _style() -> tuple[Array, Array]:
    scene = _cut(data.chelsea())
    return scene, xiutu.run("style_trans", scene, option="color_pencil")


def _colour() -> tuple[Array, Array]:
    scene = _cut(data.astronaut()[:341]).astype(float)
    grey = scene.mean(axis=2, keepdims=True)
    dull = _bytes(((scene * 0.5 + grey * 0.5) * 0.7 + 38) * np.array([1.08, 1.0, 0.9]) * 0.8)
    return dull, xiutu.run("color_enhance", dull)


def _cut(scene: Array) -> Array:
    """The middle of a photograph at twice the shown size."""
    image = Image.fromarray(scene)
    wide = min(image.width, image.height * WIDTH // HEIGHT)
    high = wide * HEIGHT // WIDTH
    left, top = (image.width - wide) // 2, (image.height - high) // 2
    box = (left, top, left + wide, top + high)
    size = (WIDTH * 2, HEIGHT * 2)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box))


def _framed(picture: Array) -> Array:
    small = Image.fromarray(picture).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return np.pad(np.asarray(small), ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def _bytes(values: NDArray[np.float64]) -> Array:
    return np.rint(values).clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
