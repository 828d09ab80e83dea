"""``doctor``, ``bench``, help texts and the version."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import xiutu
from tests.server import jpeg
from xiutu import __version__
from xiutu.cli.certificates import make_certificates
from xiutu.operators._registry import implemented


def _xiutu(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own."""
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
    done = xiutu(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_doctor_is_content(tmp_path: Path) -> None:
    done = xiutu("doctor", "--json", XIUTU_DATA=str(tmp_path))
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


@pytest.mark.parametrize("operator", ["dehaze", "selfie_anime", "segment", "denoise"])
def test_bench(operator: str) -> None:
    arguments = ["bench", operator, "--megapixels", "0.1", "--runs", "1", "--json"]
    (row,) = json.loads(xiutu(*arguments).stdout)
    assert row["operator"] == operator and row["median"] > 0


def test_bench_of_an_unknown_operator() -> None:
    assert xiutu("bench", "nothing").returncode == 2


def test_bench_of_a_photo_without_a_face(tmp_path: Path) -> None:
    (tmp_path / "wall.jpg").write_bytes(jpeg())
    done = xiutu("bench", "selfie_anime", "--picture", str(tmp_path / "wall.jpg"))
    assert done.returncode == 1
    assert done.stderr == "xiutu bench: no face was found in the picture\n"


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


READERS = [
    ["doctor"],
    ["models", "list"],
    ["apps", "list"],
    ["accounts", "list"],
    ["run", "dehaze", "in.jpg", "-o", "out"],
    ["bench", "dehaze", "--megapixels", "0.01", "--runs", "1"],
    ["serve", "--port", "0"],
]


@pytest.mark.parametrize("arguments", READERS, ids=lambda arguments: arguments[0])
def test_unusable_settings_are_a_line_each(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "xiutu.toml"
    file.write_text('queue = "long"\nadmin_password = [5]\n')
    done = _xiutu(*arguments, XIUTU_CONFIG=str(file), XIUTU_WORKERS="abc")
    assert done.returncode == 2
    lines = sorted(done.stderr.splitlines())
    assert [line.split()[:2] for line in lines] == [
        ["xiutu:", "XIUTU_ADMIN_PASSWORD"],
        ["xiutu:", "XIUTU_QUEUE"],
        ["xiutu:", "XIUTU_WORKERS"],
    ]
    assert "'abc'" in lines[2] and str(file) in lines[1]
    assert "[5]" not in lines[0], "a password, however wrong, is not shown"


def test_broken_settings_file_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "xiutu.toml"
    for content in (b"workers = = 3\n", b"log_level = '\xff'\n"):
        file.write_bytes(content)
        done = _xiutu("models", "list", XIUTU_CONFIG=str(file))
        assert done.returncode == 2
        assert done.stderr.startswith(f"xiutu: {file} cannot be read: ")
        assert done.stderr.count("\n") == 1


def test_settings_do_not_matter_for_help() -> None:
    assert xiutu("serve", "--help", XIUTU_WORKERS="abc").returncode == 0


def test_certificate_and_key_that_do_not_match_are_one_line(tmp_path: Path) -> None:
    ours, theirs = make_certificates(tmp_path / "a"), make_certificates(tmp_path / "b")
    done = _xiutu(
        "serve", "--port", "0", "--workers", "1", "--tls-cert", str(ours.chain),
        "--tls-key", str(theirs.key), XIUTU_DATA=str(tmp_path / "data"),
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("xiutu: cannot start: ") and str(theirs.key) in line
