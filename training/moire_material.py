"""Material of remove_moire: registered pairs, simulated screen photos, pictures without moire."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Float = NDArray[np.float32]
SIDE = 256
WORDS = """
the quick brown fox jumps over lazy dogs while File Edit View Window Help Settings 2048 Figure 7 shows
that for all x > 0 error falls to 0.31 % return self index (a + b) = c Search results Open Save Cancel
OK http www report summary total 1,299.00 Monday
"""


def read(path: Path) -> Picture:
    """RGB uint8."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise SystemExit(f"cannot read {path}")
    return np.ascontiguousarray(bgr[:, :, ::-1]).astype(np.uint8)


def pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))


def colour_matched(source: Picture, goal: Picture) -> Float:
    """``source`` in the colours of ``goal``: cubic in the channels, with a linear fall of light."""
    rows, columns = source.shape[:2]
    s = source.reshape(-1, 3).astype(np.float64) / 255
    y, x = (v.reshape(-1, 1) - 0.5 for v in np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j])
    base = np.concatenate([np.ones_like(x), s, s**2, s**3, x, y, s * x, s * y], axis=1)
    ridge = 1e-4 * len(s) * np.eye(base.shape[1])
    solution = np.linalg.solve(base.T @ base + ridge, base.T @ goal.reshape(-1, 3))
    matched: Float = (base @ solution).reshape(goal.shape).clip(0, 255).astype(np.float32)
    return matched


def registered(moire: Picture, clean: Picture) -> Picture | None:
    """``clean`` moved onto ``moire`` (affine, ECC); None where that fails or moves it too far."""
    rows, columns = moire.shape[:2]

    def grey(p: NDArray[np.float32]) -> Float:
        return cv2.GaussianBlur(p.mean(axis=2), (0, 0), 1.0).astype(np.float32)

    template = grey(moire.astype(np.float32))
    warp = np.eye(2, 3, dtype=np.float32)
    try:
        _, warp = cv2.findTransformECC(
            template,
            grey(colour_matched(clean, moire)),
            warp,
            cv2.MOTION_AFFINE,
            (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 80, 1e-5),
            None,
            5,
        )
    except cv2.error:
        return None
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]], float).T
    if np.abs(warp @ corners - corners[:2]).max() > 8:
        return None
    flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(clean, warp, (columns, rows), flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def real_pairs(folder: Path, limit: int | None) -> tuple[Picture, Picture, Picture, list[str]]:
    """Moire, clean moved onto it in its colours, clean moved in its own colours; and the names."""
    columns: tuple[list[Picture], list[Picture], list[Picture]] = ([], [], [])
    names = []
    for path in pictures(folder / "moire" / "moire")[:limit]:
        moire, clean = read(path), read(folder / "moire" / "clean" / path.name)
        moved = registered(moire, clean)
        moved = clean if moved is None else moved
        target = np.rint(colour_matched(moved, moire)).astype(np.uint8)
        for column, value in zip(columns, (moire, target, moved), strict=True):
            column.append(value)
        names.append(path.name)
    moires, targets, cleans = (np.stack(c) for c in columns)
    return moires, targets, cleans, names


def clean_patches(folder: Path, count: int, rng: np.random.Generator) -> list[Picture]:
    """Patches of good pictures, some reduced first, and drawn pages of text."""
    sources = pictures(folder / "hr") + pictures(folder / "photos" / "bsds500train")
    weak = pictures(folder / "photos")  # 256-px JPEGs: coding artefacts are no moire either
    out = []
    for number in range(count):
        kind = number % 8
        if kind < 2:
            out.append(page(rng, SIDE, SIDE))
            continue
        paths = weak if kind == 2 or not sources else sources
        picture = read(paths[int(rng.integers(len(paths)))])
        if kind in (3, 4):
            scale = rng.uniform(0.55, 1)
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        out.append(cut(picture, rng))
    return out


def everyday_patches(folder: Path, count: int, rng: np.random.Generator) -> list[Picture]:
    """Patches of any other pictures below ``folder``, for the judge: all kinds of scenes and coding."""
    apart = {folder / "moire", folder / "documents"}
    paths = [p for p in pictures(folder) if apart.isdisjoint(p.parents) and "mask" not in p.parts]
    return [cut(read(paths[int(rng.integers(len(paths)))]), rng) for _ in range(count)]


def cut(picture: Picture, rng: np.random.Generator) -> Picture:
    """A random SIDE x SIDE part; small pictures are mirrored outwards."""
    rows, columns = picture.shape[:2]
    down, right = max(0, SIDE - rows), max(0, SIDE - columns)
    wide = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REFLECT)
    y = int(rng.integers(wide.shape[0] - SIDE + 1))
    x = int(rng.integers(wide.shape[1] - SIDE + 1))
    return np.ascontiguousarray(wide[y : y + SIDE, x : x + SIDE]).astype(np.uint8)


def page(rng: np.random.Generator, rows: int, columns: int) -> Picture:
    """A drawn page or window: lines of text, boxes, plain fields."""
    dark = rng.random() < 0.25
    paper = rng.integers(0, 60, 3) if dark else rng.integers(200, 256, 3)
    ink = rng.integers(180, 256, 3) if dark else rng.integers(0, 90, 3)
    if rng.random() < 0.5:
        paper, ink = (255 - 235 * dark) * np.ones(3, int), (20 + 215 * dark) * np.ones(3, int)
    image = Image.new("RGB", (columns, rows), tuple(int(v) for v in paper))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 4))):
        x, y = int(rng.integers(columns)), int(rng.integers(rows))
        box = (x, y, x + int(rng.integers(10, columns)), y + int(rng.integers(5, rows // 2)))
        draw.rectangle(box, fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    y = int(rng.integers(-10, 20))
    while y < rows:
        size = int(rng.choice([9, 11, 13, 16, 20, 28]))
        font = ImageFont.load_default(size)
        text = " ".join(rng.choice(WORDS.split(), 14))
        draw.text((int(rng.integers(-20, 60)), y), text, fill=tuple(int(v) for v in ink), font=font)
        y += int(size * rng.uniform(1.2, 2.4))
    return np.asarray(image, np.uint8)


def screen_photo(content: Picture, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """A photo of ``content`` shown on a screen, and the same photo had the screen no pixels.

    Light of red, green and blue stripes with dark rows between them, seen in perspective through a
    slightly soft lens and a Bayer mosaic, sharpened, reduced and coded as JPEG.

    Returns:
        Two SIDE x SIDE x 3 pictures: with moire, without.
    """
    shrink = rng.uniform(1.0, 2.6)  # camera pixels per pixel of the result
    camera = round(SIDE * shrink)
    pitch = rng.uniform(1.15, 2.6)  # camera pixels per pixel of the screen
    need = int(camera / pitch) + 24
    rows, columns = content.shape[:2]
    wide = cv2.copyMakeBorder(
        content, 0, max(0, need - rows), 0, max(0, need - columns), cv2.BORDER_REFLECT
    )
    wide = wide[:need, :need]
    light = (wide.astype(np.float32) / 255) ** 2.2
    shown = cv2.resize(light, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    mask = np.zeros((3, 3, 3), np.float32)
    mask[:, (0, 1, 2), (0, 1, 2)] = 1
    mask[2] *= rng.uniform(0.0, 0.6)
    if rng.random() < 0.3:
        mask = np.ascontiguousarray(mask[:, :, ::-1])
    mask /= mask.mean(axis=(0, 1))
    lattice = np.tile(mask, (need, need, 1))
    warp = _view(need, camera, pitch, rng)
    soft = rng.uniform(0.25, 0.55) * 3 / pitch  # of the lens, in screen sub-pixels
    size, edge = (camera, camera), cv2.BORDER_REFLECT
    seen = cv2.warpPerspective(
        cv2.GaussianBlur(shown * lattice, (0, 0), soft), warp, size, borderMode=edge
    )
    plain = cv2.warpPerspective(
        cv2.GaussianBlur(shown, (0, 0), max(soft, 1.0)), warp, size, borderMode=edge
    )
    exposure = rng.uniform(0.7, 1.1)
    seen, plain = (np.clip(p * exposure, 0, 1) ** (1 / 2.2) for p in (seen, plain))
    strength = rng.uniform(0.25, 1.0)  # anti-alias filters differ; not every screen shows it all
    seen = plain + strength * (_mosaicked(seen, rng) - plain)
    sharpen = rng.uniform(0, 1.0)
    results = []
    for p in (seen, plain):
        crisp = p + sharpen * (p - cv2.GaussianBlur(p, (0, 0), 1.2))
        small = cv2.resize(crisp, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        results.append(np.rint(small.clip(0, 1) * 255).astype(np.uint8))
    return jpeg(results[0], int(rng.integers(75, 98))), results[1]


def _view(need: int, camera: int, pitch: float, rng: np.random.Generator) -> Float:
    """Homography from the screen's sub-pixels to the camera's pixels."""
    angle = np.deg2rad(rng.normal(0, 5))
    scale = pitch / 3
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    warp = np.eye(3)
    warp[:2, :2] = turn
    warp[:2, 2] = camera / 2 - turn @ np.array([need * 1.5, need * 1.5])
    tilt = np.eye(3)
    tilt[2, :2] = rng.normal(0, 0.12, 2) / camera
    tilt[2, 2] = 1 - tilt[2, :2] @ np.array([camera / 2, camera / 2])
    result: Float = (tilt @ warp).astype(np.float32)
    return result


def _mosaicked(image: Float, rng: np.random.Generator) -> Float:
    """Through a Bayer mosaic with a little noise, and interpolated again; 0..1."""
    levels = image * 255 + rng.normal(0, rng.uniform(0, 3), image.shape)
    raw = np.rint(levels.clip(0, 255)).astype(np.uint8)
    mosaic = raw[:, :, 1].copy()
    mosaic[0::2, 0::2] = raw[0::2, 0::2, 0]
    mosaic[1::2, 1::2] = raw[1::2, 1::2, 2]
    code = cv2.COLOR_BayerRGGB2RGB_EA if rng.random() < 0.5 else cv2.COLOR_BayerRGGB2RGB
    whole: Float = cv2.cvtColor(mosaic, code).astype(np.float32) / 255
    return whole


def jpeg(picture: Picture, quality: int) -> Picture:
    """One JPEG round trip."""
    _, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(back[:, :, ::-1]).astype(np.uint8)
