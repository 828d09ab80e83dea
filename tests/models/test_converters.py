"""Converters on tiny networks made by the test."""

import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from xiutu.errors import WeightsCorrupt
from xiutu.models.converters import ncnn
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


def _session(data: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
