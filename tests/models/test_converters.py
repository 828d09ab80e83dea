"""Converters on tiny networks made by the test."""

import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from xiutu.errors import WeightsCorrupt
from xiutu.models.converters import magenta, ncnn
from xiutu.models.converters.graph import Graph
from xiutu.models.converters.pickles import read_state_dict
from xiutu.models.converters.quantise import quantise


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("the pickle ran code",)


def test_a_pickle_that_wants_to_run_code_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.pth", tmp_path / "new.pth"
    old.write_bytes(pickle.dumps(_Evil()))
    with zipfile.ZipFile(new, "w") as archive:
        archive.writestr("x/data.pkl", pickle.dumps({"a": _Evil()}))
    for path in (old, new):
        with pytest.raises(WeightsCorrupt, match="not a tensor"):
            read_state_dict(path)
    assert capsys.readouterr().out == ""


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.pth"
    path.write_bytes(b"\x80\x02}q")
    with pytest.raises(WeightsCorrupt):
        read_state_dict(path)


def _ncnn_pair(folder: Path, kernel: np.ndarray, extra: bytes = b"") -> list[Path]:
    text, data = folder / "net.param", folder / "net.bin"
    text.write_text(
        "7767517\n3 3\n"
        "Input in 0 1 data\n"
        f"Convolution conv 1 1 data c 0=4 1=3 4=1 5=1 6={kernel.size} 9=2 -23310=1,0.1\n"
        "PixelShuffle up 1 1 c out 0=2\n"
    )
    bias = np.arange(4, dtype="<f4")
    half = kernel.astype("<f2").tobytes()
    data.write_bytes(struct.pack("<I", 0x01306B47) + half + bias.tobytes() + extra)
    return [text, data]


def test_an_ncnn_pair_computes_the_same_in_onnx(tmp_path: Path) -> None:
    kernel = np.random.default_rng(0).normal(size=(4, 3, 3, 3)).astype(np.float16)
    session = _session(ncnn.convert(_ncnn_pair(tmp_path, kernel)))
    image = np.random.default_rng(1).random((1, 3, 5, 6), np.float32)
    result = session.run(None, {"image": image})[0]
    assert result.shape == (1, 1, 10, 12)
    padded = np.pad(image[0], ((0, 0), (1, 1), (1, 1)))
    wanted = (padded[:, 2:5, 1:4] * kernel[3]).sum() + 3  # output channel 3, row 2, column 1
    wanted = wanted if wanted > 0 else 0.1 * wanted
    assert result[0, 0, 2 * 2 + 1, 2 * 1 + 1] == pytest.approx(wanted, rel=1e-3)


def test_gates_crops_and_sums_of_ncnn_compute_the_same_in_onnx(tmp_path: Path) -> None:
    """The layers of waifu2x cunet, beside NumPy: x cropped + x strided, gated by its mean, and back."""
    dice = np.random.default_rng(2)
    down, up = (dice.normal(size=(3, 3, 2, 2)).astype("<f4") for _ in range(2))
    dense, bias = dice.normal(size=(3, 3)).astype("<f4"), dice.normal(size=3).astype("<f4")
    text, data = tmp_path / "net.param", tmp_path / "net.bin"
    text.write_text(
        "7767517\n9 11\n"
        "Input in 0 1 data\n"
        "Split s1 1 2 data a b\n"
        "Convolution down 1 1 a c 0=3 1=2 3=2 5=0 6=36 9=1\n"
        "Split s2 1 2 c c1 c2\n"
        "Pooling mean 1 1 c1 m 0=1 4=1\n"
        "InnerProduct gate 1 1 m g 0=3 1=1 2=9 9=4\n"
        "Scale gated 2 1 c2 g d 0=-233\n"
        "Deconvolution up 1 1 d u 0=3 1=2 3=2 4=1 5=0 6=36\n"
        "Crop crop 2 1 b u e 0=1 1=1\n"
        "Eltwise sum 2 1 e u out 0=1\n"
    )
    tag = struct.pack("<I", 0)
    parts = (tag, down.tobytes(), tag, dense.tobytes(), bias.tobytes(), tag, up.tobytes())
    data.write_bytes(b"".join(parts))
    image = dice.random((1, 3, 6, 8), np.float32)
    session = _session(ncnn.convert([text, data], "restored"))
    (result,) = session.run(["restored"], {"image": image})

    blocks = image[0].reshape(3, 3, 2, 4, 2)
    small = np.maximum(np.einsum("oiyx,ihywx->ohw", down, blocks), 0)
    gate = 1 / (1 + np.exp(-(dense @ small.mean(axis=(1, 2)) + bias)))
    wide = np.einsum("oiyx,ihw->ohywx", up, small * gate[:, None, None]).reshape(3, 6, 8)
    wanted = (image[0] + wide)[:, 1:-1, 1:-1]
    np.testing.assert_allclose(result[0], wanted, rtol=1e-4, atol=1e-5)


def test_leftover_or_missing_weights_are_noticed(tmp_path: Path) -> None:
    kernel = np.zeros((4, 3, 3, 3))
    with pytest.raises(WeightsCorrupt, match="longer"):
        ncnn.convert(_ncnn_pair(tmp_path, kernel, b"\0\0\0\0"))
    pair = _ncnn_pair(tmp_path, kernel)
    pair[1].write_bytes(pair[1].read_bytes()[:-8])
    with pytest.raises(WeightsCorrupt, match="short"):
        ncnn.convert(pair)


def test_quantised_chain_stays_close_and_flat_areas_true() -> None:
    rng = np.random.default_rng(2)
    graph, current = Graph("chain"), "image"
    for number, (inputs, outputs) in enumerate([(3, 16), (16, 16), (16, 3)]):
        weight = rng.normal(0, 1 / (3 * inputs**0.5), (outputs, inputs, 3, 3)).astype(np.float32)
        current = graph.conv(current, f"c{number}", weight, np.zeros(outputs, np.float32), 1)
        if number < 2:
            current = graph.node("Relu", [current], f"r{number}")
    data = graph.serialise({"image": [1, 3, "h", "w"]}, {"c2": [1, 3, "h", "w"]})
    image = np.full((1, 3, 24, 24), 0.6, np.float32)
    exact = _session(data).run(None, {"image": image})[0]
    eight = quantise(data, {"r0": (0.0, 2.0), "r1": (0.0, 2.0)})
    assert eight == quantise(data, {"r0": (0.0, 2.0), "r1": (0.0, 2.0)})
    result = _session(eight).run(None, {"image": image})[0]
    assert np.abs(result - exact).max() < 0.03
    inside = np.s_[:, :, 8:16, 8:16]
    assert np.abs((result - exact)[inside].mean(axis=(2, 3))).max() < 0.01


def _eight_bit_transformer(path: Path) -> None:
    """Magenta's layers by their names, as random eight-bit weights with a scale per channel."""
    from onnx import TensorProto, helper, numpy_helper, save

    rng = np.random.default_rng(4)
    shapes = {
        "contract/conv1": (8, 3, 9),
        "contract/conv2": (16, 8, 3),
        "contract/conv3": (32, 16, 3),
    }
    shapes |= {f"residual/residual{i}/conv{j}": (32, 32, 3) for i in range(1, 6) for j in (1, 2)}
    shapes |= {"expand/conv1/conv": (16, 32, 3), "expand/conv2/conv": (8, 16, 3)}
    shapes["expand/conv3/conv"] = (3, 8, 9)
    nodes, tensors = [], []

    def add(name: str, shape: tuple[int, ...], step: float) -> None:
        values = rng.integers(-127, 128, shape).astype(np.int8)
        scale = rng.uniform(0.5, 1.5, shape[0]).astype(np.float32) * np.float32(step)
        for suffix, array in (("", values), ("_s", scale), ("_z", np.zeros(shape[0], np.int8))):
            tensors.append(numpy_helper.from_array(array, name + suffix))
        inputs = [name, f"{name}_s", f"{name}_z"]
        nodes.append(helper.make_node("DequantizeLinear", inputs, [f"{name}_d"], axis=0))

    for name, (out, into, side) in shapes.items():
        add(f"transformer/{name}/weights", (out, into, side, side), 2e-3)
        if name.startswith("contract"):
            add(f"transformer/{name}/Conv2D_bias", (out,), 1e-3)
            continue
        for layer in ("Conv", "Conv_1"):
            stem = f"style_params/transformer/{name}/StyleNorm/{layer}"
            add(f"{stem}/weights", (out, 100, 1, 1), 1e-3)
            add(f"{stem}/Conv2D_bias", (out,), 1e-2)
    last = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)
    save(helper.make_model(helper.make_graph(nodes, "eight", [], [last], tensors)), str(path))


def test_magenta_is_laid_out_in_real_numbers_for_any_size(tmp_path: Path) -> None:
    """Weights times their channel's scale; what the style's last layer says is the mean of a channel."""
    path = tmp_path / "eight.onnx"
    _eight_bit_transformer(path)
    data = magenta.convert([path])
    assert data == magenta.convert([path])
    session = _session(data)
    image = np.random.default_rng(5).random((1, 3, 48, 64), np.float32)
    style = np.random.default_rng(6).normal(size=(1, 100, 1, 1)).astype(np.float32)
    out = session.run(None, {"image": image, "style": style})[0]
    assert out.shape == image.shape
    larger = session.run(None, {"image": np.tile(image, (1, 1, 2, 1)), "style": style})[0]
    assert larger.shape == (1, 3, 96, 64)
    real = magenta._real_numbers(path)
    stem = "style_params/transformer/expand/conv3/conv/StyleNorm/Conv"
    weights, bias = real[f"{stem}/weights"], real[f"{stem}/Conv2D_bias"]
    shift = weights.reshape(3, 100) @ style.ravel() + bias
    before_sigmoid = np.log(out / (1 - out)).mean(axis=(0, 2, 3))
    assert before_sigmoid == pytest.approx(shift, abs=1e-3)


def _session(data: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
