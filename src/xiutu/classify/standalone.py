"""Run an exported classifier: ``python classify.py PICTURE...``

Needs numpy, Pillow and onnxruntime, nothing else; model.onnx and card.json lie beside this file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).parent


def prepared(path: str, given: dict) -> np.ndarray:  # type: ignore[type-arg]
    """The model's input [1, ...] from a picture file, as the card describes it."""
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file).convert("RGB")
    picture = picture.resize((given["width"], given["height"]), Image.Resampling.BILINEAR)
    array = np.asarray(picture)[None]
    if given["dtype"] == "float32":
        mean, std = np.float32(given["mean"]), np.float32(given["std"])
        array = (array.astype(np.float32) * np.float32(given["scale"]) - mean) / std
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2) if given["layout"] == "NCHW" else array)


def main() -> None:
    """Print one JSON line for each picture: classes with their probabilities, best first."""
    card = json.loads((HERE / "card.json").read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
    outputs = [card["output"]] + ([card["known"]] if card["known"] else [])
    for path in sys.argv[1:]:
        found = session.run(outputs, {card["input"]["name"]: prepared(path, card["input"])})
        shares = found[0].reshape(-1).astype(np.float64)
        if card["output_kind"] == "logits":
            shares = np.exp(shares - shares.max())
            shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        results = [{"name": card["labels"][at], "score": float(shares[at])} for at in order]
        line: dict[str, object] = {"file": path, "results": results}
        if card["known"]:
            line["known"] = float(found[1].reshape(-1)[0])
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
