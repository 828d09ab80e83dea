"""``make`` and ``scripts/venv`` with stand-ins for what they would install and start."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Answers what scripts/venv asks a Python: a real one would fetch things.
PYTHON = """#!/bin/sh
case "$*" in
  *print*) exec "$REAL" "$@" ;;
  *ensurepip*) [ -z "${NO_VENV-}" ] ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && touch "$3/bin/pip" ;;
  "-m pip --version") [ -e "$(dirname "$0")/pip" ] ;;
esac
"""


def _program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The Makefile with an environment that is up to date; its ``xiutu`` prints where DATA is."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    _program(tmp_path / ".venv/bin/xiutu", '#!/bin/sh\necho "$1: <${XIUTU_DATA-unset}>"\n')
    (tmp_path / ".venv/.serve").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("my dir", "{tree}/my dir"),
        ("d", "{tree}/d"),
        ("/srv/it's $ 修图", "/srv/it's $ 修图"),
        ("", "unset"),
    ],
)
def test_data_folder(tree: Path, data: str, expected: str) -> None:
    ours = ("DATA", "XIUTU_DATA", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # of a `make test` around us
    environment = {k: v for k, v in os.environ.items() if k not in ours}
    done = subprocess.run(
        ["make", "-s", "serve", f"DATA={data.replace('$', '$$')}"],
        cwd=tree, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    where = expected.format(tree=tree.resolve())
    assert done.stdout.splitlines() == [f"models: <{where}>", f"serve: <{where}>"]


def _venv(tmp_path: Path, python: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script where ``python`` is the only Python, nobody is root and there is no apt."""
    tools = tmp_path / "tools"
    for name in ("sh", "rm", "mkdir", "cp", "touch", "dirname", "basename"):
        found = shutil.which(name)
        assert found
        tools.mkdir(exist_ok=True)
        (tools / name).unlink(missing_ok=True)
        (tools / name).symlink_to(found)
    _program(tools / "id", "#!/bin/sh\necho 1000\n")
    _program(tools / python, PYTHON)
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "venv"), str(tmp_path / "my venv")],
        env={"PATH": str(tools), "REAL": sys.executable, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_interrupted_environment_is_made_again(tmp_path: Path) -> None:
    made = tmp_path / "my venv/bin"
    assert _venv(tmp_path, "python3").returncode == 0
    assert _venv(tmp_path, "python3").stdout == "", "a whole one is left alone"
    (made / "pip").unlink()  # what Ctrl-C during `python -m venv` leaves
    again = _venv(tmp_path, "python3")
    assert again.returncode == 0 and "making" in again.stdout
    assert (made / "pip").exists()


@pytest.mark.parametrize("python", ["python", "python3", "python3.12"])
def test_package_that_is_asked_for_exists(tmp_path: Path, python: str) -> None:
    done = _venv(tmp_path, python, NO_VENV="1")
    assert done.returncode == 1
    name = f"python3.{sys.version_info.minor}-venv"
    assert f"apt-get install -y python3-venv {name}\n" in done.stderr
