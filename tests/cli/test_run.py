"""``xiutu run``: folders, resuming, failures, names of results."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.commands import xiutu
from tests.pictures import encoded, photo
from tests.server import jpeg, png
from xiutu.cli.main import app
from xiutu.image.decode import decode
from xiutu.image.encode import encode_png
from xiutu.operators import _runner


def _xiutu(*arguments: object) -> subprocess.CompletedProcess[str]:
    """In a process of its own."""
    command = [sys.executable, "-m", "xiutu", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos in a tree, one of them corrupt, and a file that is no picture."""
    root = tmp_path / "in"
    (root / "trip").mkdir(parents=True)
    (root / "a.jpg").write_bytes(jpeg())
    (root / "b.png").write_bytes(png())
    (root / "trip" / "c.JPG").write_bytes(jpeg(200, 100))
    (root / "trip" / "d.bmp").write_bytes(encoded(photo(64, 48), "BMP"))
    (root / "corrupt.jpg").write_bytes(jpeg()[:2000])
    (root / "notes.txt").write_text("not a picture")
    return root


def test_folder(folder: Path, tmp_path: Path) -> None:
    """One corrupt file is reported, the rest is done; the second run has nothing left to do."""
    out = tmp_path / "out"
    first = _xiutu("run", "dehaze", folder, "-o", out, "--json")
    assert first.returncode == 1
    summary = json.loads(first.stdout)
    assert (summary["done"], summary["skipped"]) == (4, 0)
    assert [Path(name).name for name in summary["failed"]] == ["corrupt.jpg"]
    names = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
    assert names == ["a.jpg", "b.png", "trip/c.JPG", "trip/d.png"]
    assert decode((out / "a.jpg").read_bytes()).size == (320, 240)
    before = (out / "a.jpg").stat().st_mtime_ns
    again = json.loads(xiutu("run", "dehaze", folder, "-o", out, "--json").stdout)
    assert (again["done"], again["skipped"], len(again["failed"])) == (0, 4, 1)
    assert (out / "a.jpg").stat().st_mtime_ns == before
    redo = json.loads(xiutu("run", "dehaze", folder, "-o", out, "--overwrite", "--json").stdout)
    assert redo["done"] == 4


def test_resumes_after_ctrl_c(tmp_path: Path) -> None:
    root, out = tmp_path / "in", tmp_path / "out"
    root.mkdir()
    for number in range(12):
        (root / f"{number:02}.jpg").write_bytes(jpeg(1200, 900))
    command = [sys.executable, "-m", "xiutu", "run", "dehaze", str(root), "-o", str(out)]
    # A test run in the background of a shell has Ctrl-C switched off, and children inherit that.
    command = ["env", "--default-signal=INT", *command]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        end = time.monotonic() + 60
        while not list(out.glob("*.jpg")):
            assert time.monotonic() < end
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in told and "Interrupted" in told
    finished = len(list(out.glob("*.jpg")))
    assert 1 <= finished < 12
    assert all(decode(p.read_bytes()).size == (1200, 900) for p in out.glob("*.jpg"))
    assert not list(out.glob(".*.part"))
    summary = json.loads(xiutu("run", "dehaze", root, "-o", out, "--json").stdout)
    assert summary["skipped"] == finished and summary["done"] == 12 - finished


def test_single_file_with_parameters(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "deep" / "out.jpg"
    source.write_bytes(jpeg())
    assert xiutu("run", "dehaze", source, "-o", target, "-p", "strength=0.5").returncode == 0
    assert decode(target.read_bytes()).format == "jpeg"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["dehase", "in.jpg"], "no operator 'dehase'"),
        (["dehaze", "absent.jpg"], "no such file"),
        (["dehaze", "in.jpg", "-p", "strength=2"], "strength"),
        (["dehaze", "in.jpg", "-p", "power=1"], "unknown parameter 'power'"),
        (["dehaze", "in.jpg", "-p", "strength"], "name=value"),
        (["denoise", "in.jpg"], "option"),
        (["inpainting", "in.jpg", "-p", "rectangle=x"], "rectangle"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], text: str) -> None:
    (tmp_path / "in.jpg").write_bytes(jpeg())
    real = [str(tmp_path / a) if a.endswith(".jpg") else a for a in arguments]
    done = xiutu("run", *real, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert text in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_png_under_a_jpeg_name(tmp_path: Path) -> None:
    """With alpha it becomes a .png, which the second run knows; a picture of that name keeps its own."""
    root, out = tmp_path / "in", tmp_path / "out"
    root.mkdir()
    see_through = encode_png(np.dstack([photo(64, 48), np.full((48, 64), 90, np.uint8)]))
    for name in ("a.jpg", "b.jpg"):
        (root / name).write_bytes(see_through)
    (root / "b.png").write_bytes(png())
    assert json.loads(xiutu("run", "dehaze", root, "-o", out, "--json").stdout)["done"] == 3
    assert sorted(p.name for p in out.iterdir()) == ["a.png", "b.jpg.png", "b.png"]
    again = json.loads(xiutu("run", "dehaze", root, "-o", out, "--json").stdout)
    assert (again["done"], again["skipped"]) == (0, 3)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (cv2.error("assertion failed"), "error: assertion failed"),
        (MemoryError(), "MemoryError"),
        (RuntimeError("bad\n  node"), "RuntimeError: bad node"),
    ],
)
def test_one_odd_picture_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    root, real = tmp_path / "in", _runner.execute
    root.mkdir()
    for name, data in (("a.jpg", jpeg()), ("odd.jpg", jpeg(64, 48)), ("z.jpg", jpeg())):
        (root / name).write_bytes(data)

    def execute(operator: str, inputs: dict[str, bytes], params: dict[str, object]) -> object:
        if inputs["image"] == jpeg(64, 48):
            raise error
        return real(operator, inputs, params)

    monkeypatch.setattr(_runner, "execute", execute)
    told = CliRunner().invoke(
        app, ["run", "dehaze", str(root), "-o", str(tmp_path / "out"), "--json"]
    )
    assert told.exit_code == 1, told.output
    summary = json.loads(told.stdout)
    assert summary["done"] == 2
    assert summary["failed"] == {str(root / "odd.jpg"): text}
