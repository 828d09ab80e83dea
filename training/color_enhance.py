"""Fit the regression of ``xiutu.image.tone``: statistics of a dulled photo -> the map that undoes it.

    python training/color_enhance.py --data ../shared/data/train

Each photo is used four times: untouched, dulled in full twice, and with some faults only. Faults are
those of ``benchmarks/quality/color_enhance.py`` with wider bounds and shuffled order. The target is the
least-squares map back to the photo. Writes ``src/xiutu/image/tone_table.py`` and prints the error on
photos left out. Needs no torch; a few minutes on two cores. No evaluation picture is read.
"""

import argparse
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.image.light import decode_srgb, encode_srgb
from xiutu.image.tone import LUMA, expand, statistics, targets

Float = NDArray[np.float32]
SETS = {
    "photos/food/*": 490,
    "photos/bsds500train/*": 154,
    "photos/imagenet1k/*": 450,
    "photos/sun/*/*": 350,
    "photos/caltech101/*/*": 120,
    "hr/*": 102,
    "portraits/*": 80,
}
KINDS = ("same", "full", "full", "part")
WEIGHTS = np.array([1.0, 0.6, 0.6, 0.4])
RIDGE = 3e-3
TABLE = Path(__file__).parents[1] / "src" / "xiutu" / "image" / "tone_table.py"


def dulled(x: Float, rng: np.random.Generator, kind: str) -> Float:
    """``x`` (sRGB 0..1) with faults drawn by ``rng``, rounded to 8 bits."""
    if kind == "same":
        return x
    saturation, contrast, gains, stops = 1.0, 1.0, np.ones(3), 0.0
    if kind == "full":
        saturation, contrast = 0.5, 0.7
        gains, stops = 1 + rng.uniform(-0.12, 0.12, 3), rng.uniform(-0.5, 0.5)
    else:
        saturation = rng.uniform(0.4, 1.15) if rng.random() < 0.6 else 1.0
        contrast = rng.uniform(0.6, 1.1) if rng.random() < 0.6 else 1.0
        gains = 1 + rng.uniform(-0.14, 0.14, 3) if rng.random() < 0.6 else gains
        stops = rng.uniform(-0.7, 0.7) if rng.random() < 0.6 else 0.0
    linear, about_mean = rng.random() < 0.6, rng.random() < 0.4

    def fade(v: Float) -> Float:
        grey = (v @ LUMA)[:, :, None]
        return grey + np.float32(saturation) * (v - grey)

    def flatten(v: Float) -> Float:
        middle = np.float32((v @ LUMA).mean() if about_mean else 0.5)
        return middle + np.float32(contrast) * (v - middle)

    def tint(v: Float) -> Float:
        factor = gains.astype(np.float32)
        return encode_srgb(decode_srgb(v) * factor) if linear else v * factor

    def expose(v: Float) -> Float:
        return encode_srgb(decode_srgb(v) * np.float32(2**stops))

    faults = [fade, flatten, tint, expose]
    if rng.random() < 0.3:
        rng.shuffle(faults)  # type: ignore[arg-type]
    for fault in faults:
        x = np.clip(fault(x), 0, 1).astype(np.float32)
    return (np.rint(x * 255) / 255).astype(np.float32)


def way_back(dull: Float, photo: Float) -> NDArray[np.float64]:
    """Targets of the least-squares colour map from ``dull`` to ``photo``; clipped pixels are left out."""
    v = dull.reshape(-1, 3)[::5].astype(np.float64)
    x = photo.reshape(-1, 3)[::5].astype(np.float64)
    grey, n = v @ LUMA, len(v)
    rows, wanted = np.zeros((3 * n, 7)), np.zeros(3 * n)
    for c in range(3):
        part = slice(c * n, (c + 1) * n)
        rows[part, c], rows[part, 3 + c], rows[part, 6] = 1, grey, v[:, c] - grey
        wanted[part] = x[:, c]
    good = ((v > 0.004) & (v < 0.996)).T.reshape(-1)
    if good.sum() >= 200:
        rows, wanted = rows[good], wanted[good]
    hold = np.diag([3e-4] * 6 + [4e-6]) * len(rows)
    identity = np.array([0, 0, 0, 1, 1, 1, 1.0])
    found = np.linalg.solve(rows.T @ rows + hold, rows.T @ wanted + hold @ identity)
    return targets(found[:3].astype(np.float32), found[3:6].astype(np.float32), float(found[6]))


def examples(job: tuple[Path, int]) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Statistics and targets of the four uses of one photo."""
    path, seed = job
    rng = np.random.default_rng(seed)
    bgr = cv2.imread(str(path))
    scale = 144 / max(bgr.shape[:2])
    small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    photo = small[:, :, ::-1].astype(np.float32) / 255
    inputs, outputs = [], []
    for kind in KINDS:
        dull = dulled(photo, rng, kind)
        inputs.append(statistics(dull))
        one = np.ones(3, np.float32)
        outputs.append(targets(0 * one, one, 1.0) if kind == "same" else way_back(dull, photo))
    return inputs, outputs


def fit(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted ridge regression; ``x`` photos x 4 x statistics (standardised), ``y`` photos x 4 x 5."""
    terms = expand(x)
    weight = np.broadcast_to(WEIGHTS[None, :, None], (*x.shape[:2], 1)).reshape(-1, 1)
    a, b = terms.reshape(-1, terms.shape[-1]), y.reshape(-1, y.shape[-1])
    ridge = RIDGE * 0.01 * len(a) * np.eye(a.shape[1])
    ridge[0, 0] = 1e-9
    return np.asarray(np.linalg.solve(a.T @ (weight * a) + ridge, a.T @ (weight * b)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    rng = np.random.default_rng(1)
    paths: list[Path] = []
    for pattern, count in SETS.items():
        found = sorted(data.glob(pattern))
        chosen = rng.choice(len(found), min(count, len(found)), replace=False)
        paths += [found[i] for i in chosen]
    with Pool(2) as pool:
        made = pool.map(examples, [(p, i) for i, p in enumerate(paths)], chunksize=20)
    x, y = np.array([m[0] for m in made]), np.array([m[1] for m in made])
    centre, scale = x.mean((0, 1)), x.std((0, 1)) + 1e-6
    # Round before fitting, so that the table holds exactly what was fitted.
    centre, scale = np.round(centre, 5), np.round(scale, 5) + 1e-5
    x = (x - centre) / scale
    order = rng.permutation(len(x))
    out, kept = order[: len(x) // 8], order[len(x) // 8 :]
    error = np.abs(expand(x[out]) @ fit(x[kept], y[kept]) - y[out]).mean(0)
    for kind, line in zip(KINDS, error, strict=True):
        print(f"{kind}: mean error dark/light/red/blue/log chroma {np.round(line, 4)}")
    write(centre, scale, fit(x, y))


def write(
    centre: NDArray[np.float64], scale: NDArray[np.float64], table: NDArray[np.float64]
) -> None:
    """The coefficients as a Python file."""
    lines = [
        '"""Coefficients of ``xiutu.image.tone``, written by ``training/color_enhance.py``."""',
        "",
        "import numpy as np",
        "",
        '__all__ = ["CENTRE", "SCALE", "TABLE"]',
        "",
        "# fmt: off",
    ]
    for name, values in (("CENTRE", centre), ("SCALE", scale)):
        lines.append(f"{name} = np.array([")
        for i in range(0, len(values), 9):
            lines.append("    " + ", ".join(f"{v:.5f}" for v in values[i : i + 9]) + ",")
        lines.append("])")
    lines.append("TABLE = np.array([")
    lines += ["    [" + ", ".join(f"{v:.5f}" for v in row) + "]," for row in table]
    lines += ["])", "# fmt: on", ""]
    TABLE.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
