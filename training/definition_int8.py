"""Makes ``definition_int8``, the 8-bit version of the plain net, for processors without 16-bit floats.

    python training/definition_int8.py --data ../shared/data/train --net plain.onnx

The ranges of the activations are measured on photographs coded at several qualities; of some ways to
cut off rare large values the one is taken that stays closest to the float32 net, local brightness
aside, which the operator keeps by itself. A minute, no torch. Writes the net and its card.
"""

import argparse
import hashlib
import tomllib
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from xiutu.models.converters.quantise import quantise

Array = NDArray[np.float32]
FOLDER = Path(__file__).parents[1] / "src/xiutu/models/weights"
QUALITIES = (5, 10, 20, 40, 70, 95, None)
CALM = 33  # px, as in ``training/definition_net.py``
SHARES = (0.9999,)  # of the values, that the ranges hold
POWERS = (0.0, 0.25)  # how far channels are scaled to one range before
CARD = """sha256 = "{sha256}"
licence = "Apache-2.0 AND MIT"
operators = ["image_definition_enhance"]
script = "training/definition_int8.py"
data = "{data}; ranges from {count} of them"
research_only = true
metric = "{psnr:.1f} dB from the float32 net on held-back crops; {metric}"
limits = "as definition; rounding shows as +-1 level in flat areas"
"""


def main() -> None:
    """Measure, quantise, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with hr/")
    parser.add_argument("--net", type=Path, required=True, help="the plain net")
    parser.add_argument("--out", type=Path, default=FOLDER / "definition_int8.onnx")
    parser.add_argument("--count", type=int, default=14, help="pictures; as many again to compare")
    args = parser.parse_args()
    whole = args.net.read_bytes()
    paths = sorted((args.data / "hr").glob("*"))[: 2 * args.count]
    inputs = [planes(path, QUALITIES[i % len(QUALITIES)]) for i, path in enumerate(paths)]
    measured, kept = inputs[::2], inputs[1::2]
    truth = [run(whole, x) for x in kept]
    best, error = b"", np.inf
    values = activations(whole, measured)
    for power in POWERS:
        net, scaled = evened(whole, values, power)
        for share in SHARES:
            ranges = {k: (0.0, float(np.quantile(v, share))) for k, v in scaled.items()}
            data = quantise(net, ranges)
            pairs = zip(kept, truth, strict=True)
            found = float(np.mean([distance(run(data, x), t) for x, t in pairs]))
            print(f"channels evened {power}, ranges hold {share}: {-10 * np.log10(found):.2f} dB")
            if found < error:
                best, error = data, found
    args.out.write_bytes(best)
    card = tomllib.loads(args.net.with_suffix(".toml").read_text())
    args.out.with_suffix(".toml").write_text(
        CARD.format(
            sha256=hashlib.sha256(best).hexdigest(),
            data=card["data"],
            count=len(measured),
            psnr=-10 * np.log10(error),
            metric=card["metric"],
        )
    )


def planes(path: Path, quality: int | None) -> Array:
    """[1, 3, h, w] 0..1 of a picture, coded at ``quality`` (4:2:0)."""
    picture = cv2.imread(str(path))
    if quality is not None:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        picture = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    even = picture[:256, :256, ::-1]
    return np.ascontiguousarray(even.transpose(2, 0, 1)[None], np.float32) / np.float32(255)


def distance(a: Array, b: Array) -> float:
    """Mean squared difference without its local means."""
    difference = (a - b)[0].transpose(1, 2, 0)
    return float(np.square(difference - cv2.blur(difference, (CALM, CALM))).mean())


def run(data: bytes, x: Array) -> Array:
    """Output of a net."""
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["restored"], {"image": x})[0], np.float32)


def activations(data: bytes, inputs: list[Array]) -> dict[str, Array]:
    """What comes out of each ``Relu``, thinned out: channels x values."""
    model = onnx.load_from_string(data)
    names = [node.output[0] for node in model.graph.node if node.op_type == "Relu"]
    outputs = [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, None) for n in names]
    model.graph.output.extend(outputs)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    found: dict[str, list[Array]] = {name: [] for name in names}
    for x in inputs:
        for name, value in zip(names, session.run(names, {"image": x}), strict=True):
            found[name].append(value[0, :, ::3, ::3].reshape(value.shape[1], -1))
    return {name: np.concatenate(parts, axis=1) for name, parts in found.items()}


def evened(data: bytes, values: dict[str, Array], power: float) -> tuple[bytes, dict[str, Array]]:
    """The same net with channels of more equal range, and the values that it then has.

    After M. Nagel et al., "Data-free quantization through weight equalization and bias correction",
    doi:10.1109/ICCV.2019.00141.
    """
    model = onnx.load_from_string(data)
    arrays = {w.name: numpy_helper.to_array(w).copy() for w in model.graph.initializer}
    scaled = {}
    for i, (name, value) in enumerate(values.items()):
        top = np.quantile(value, 0.9999, axis=1) + 1e-6
        factor = ((top / top.max()) ** power).clip(0.02, 1).astype(np.float32)
        arrays[f"conv{i}.w"] /= factor[:, None, None, None]
        arrays[f"conv{i}.b"] /= factor
        arrays[f"conv{i + 1}.w"] *= factor[:, None, None]
        scaled[name] = value / factor[:, None]
    del model.graph.initializer[:]
    model.graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in arrays.items())
    return model.SerializeToString(), scaled


if __name__ == "__main__":
    main()
