"""``doctor``, ``bench``, help texts and the version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xiutu import __version__
from xiutu.operators._registry import implemented


def _xiutu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xiutu", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_version() -> None:
    assert _xiutu("--version").stdout.strip() == f"xiutu {__version__}"


COMMANDS = ["serve", "run", "apps", "accounts", "models", "certs", "doctor", "bench"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_everywhere(command: str) -> None:
    done = _xiutu(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_doctor_is_content(tmp_path: Path) -> None:
    done = _xiutu("doctor", "--json", XIUTU_DATA=str(tmp_path))
    findings = json.loads(done.stdout)
    assert done.returncode == 0, [f for f in findings if not f["ok"]]
    topics = {finding["topic"] for finding in findings}
    assert set(implemented()) <= topics
    assert not (tmp_path / "xiutu.db").exists(), "looking must not make a database"


def test_doctor_names_the_remedy(tmp_path: Path) -> None:
    done = _xiutu(
        "doctor", "--json", XIUTU_DATA=str(tmp_path), XIUTU_MODELS=str(tmp_path / "none"),
        XIUTU_PROVIDERS="NoSuchProvider",
    )  # fmt: skip
    findings = {f["topic"]: f for f in json.loads(done.stdout)}
    assert done.returncode == 1
    assert findings["style_trans"]["mend"] == "xiutu models pull"
    assert not findings["provider NoSuchProvider"]["ok"]
    assert findings["dehaze"]["ok"], "operators without weights still work"


def test_bench() -> None:
    done = _xiutu("bench", "dehaze", "--megapixels", "0.1", "--runs", "1", "--json")
    (row,) = json.loads(done.stdout)
    assert row["operator"] == "dehaze" and row["median"] > 0
    assert _xiutu("bench", "nothing").returncode == 2


def test_port_in_use_is_one_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _xiutu("serve", "--port", port, "--workers", "1", XIUTU_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert port in done.stderr


def test_unusable_data_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = _xiutu("serve", "--port", "0", XIUTU_DATA=str(tmp_path / "file" / "below"))
    assert done.returncode == 1
    assert "cannot start" in done.stderr and "Traceback" not in done.stderr
