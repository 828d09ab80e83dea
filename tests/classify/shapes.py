"""Drawn pictures of a few classes that a network tells apart at a glance."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CLASSES = ("circle", "stripes", "leaf")


def drawn(kind: str, seed: int, side: int = 120) -> bytes:
    """A JPEG of one class; no two seeds give the same picture."""
    random = np.random.default_rng([seed, len(kind)])
    ground = tuple(int(v) for v in random.integers(150, 240, 3))
    ink = tuple(int(v) for v in random.integers(0, 110, 3))
    image = Image.new("RGB", (side + seed % 7, side), ground)
    pen = ImageDraw.Draw(image)
    x, y, r = (float(v) for v in random.integers(side // 4, side // 2, 3))
    if kind == "circle":
        pen.ellipse((x - r / 2, y - r / 2, x + r, y + r), fill=ink)
    elif kind == "stripes":
        step = int(random.integers(8, 15))
        for at in range(0, 2 * side, step):
            pen.line((at, 0, at - side / 3, side), fill=ink, width=step // 2)
    else:
        for _ in range(60):
            a, b, c, d = (float(v) for v in random.integers(0, side, 4))
            pen.line((a, b, (a + c) / 2, (b + d) / 2), fill=(20, 130, 30), width=2)
    noise = random.integers(-12, 13, (image.height, image.width, 3))
    pixels = np.clip(np.asarray(image, np.int16) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def folders(root: Path, each: int, classes: tuple[str, ...] = CLASSES, first: int = 0) -> Path:
    """``root/CLASS/NUMBER.jpg``."""
    for kind in classes:
        (root / kind).mkdir(parents=True, exist_ok=True)
        for number in range(first, first + each):
            (root / kind / f"{number:04}.jpg").write_bytes(drawn(kind, number))
    return root


def archive(each: int) -> bytes:
    """A zip with a folder for each class, and ``each`` pictures in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for kind in CLASSES:
            for number in range(each):
                made.writestr(f"{kind}/{number}.jpg", drawn(kind, number))
    return buffer.getvalue()
