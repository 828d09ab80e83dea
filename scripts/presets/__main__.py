"""``python -m scripts.presets [--pictures FOLDER]``: draw the style pictures, write ``presets.npy``."""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

import xiutu.operators._styles as package
from scripts.presets import nature, painting, printing
from scripts.presets.brush import Array
from xiutu.operators._styles import arbitrary
from xiutu.operators._styles.presets import presets

TARGET = Path(package.__file__).with_name("presets.npy")


def drawn(key: str) -> Array:
    """The style picture of a preset, 512 x 512."""
    for module in (painting, printing, nature):
        if key in module.__all__:
            picture: Array = getattr(module, key)()
            return picture
    raise KeyError(key)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="also keep the drawings, as PNG")
    chosen = parser.parse_args()
    vectors = []
    for preset in presets():
        picture = drawn(preset.key)
        vectors.append(arbitrary.vector(picture))
        if chosen.pictures:
            chosen.pictures.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(chosen.pictures / f"{preset.id:02}_{preset.key}.png")
    np.save(TARGET, np.stack(vectors).astype(np.float32), allow_pickle=False)
    print(f"{TARGET.name}: {len(vectors)} vectors")


if __name__ == "__main__":
    main()
