"""Every block of the pages that is marked runs as it stands; only keys and addresses are put in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.docs.blocks import ROOT, Block, marked
from tests.server import SMALL, RunningServer
from xiutu.cli.certificates import make_certificates

SDK = ROOT / "tests" / "sdk"
EXAMPLE_ADDRESS = "http://127.0.0.1:8000"
PLACEHOLDERS = {"app_id": '"APP_ID"', "api_key": '"API_KEY"', "secret_key": '"SECRET_KEY"'}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where examples run: the pictures of docs/img and nothing else."""
    shutil.copytree(ROOT / "docs" / "img", tmp_path / "docs" / "img")
    return tmp_path


@pytest.fixture(scope="module")
def vendor(
    tmp_path_factory: pytest.TempPathFactory, weights: None
) -> Iterator[tuple[RunningServer, Path]]:
    """A server as the vendor's host over TLS, and the CA to trust."""
    data = tmp_path_factory.mktemp("vendor")
    files = make_certificates(data / "certs")
    arguments = ("--tls-cert", str(files.chain), "--tls-key", str(files.key))
    with RunningServer(data, *arguments, **SMALL) as running:
        yield running, files.ca


def filled(code: str, server: RunningServer) -> str:
    """The block with this server's address and keys."""
    for name, placeholder in PLACEHOLDERS.items():
        code = code.replace(placeholder, f'"{server.keys[name]}"')
        code = code.replace(f"{name.upper()}=paste-yours", f"{name.upper()}={server.keys[name]}")
    return code.replace(EXAMPLE_ADDRESS, server.url).replace(".venv/bin/xiutu", "xiutu")


def environment(**more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    here = str(Path(sys.executable).parent)
    return {**clean, "PATH": f"{here}{os.pathsep}{clean['PATH']}", **more}


def run(command: list[str], folder: Path, **more: str) -> None:
    """Exit code 0, and at least one new picture that is not the input."""
    before = {path for path in folder.rglob("*") if path.is_file()}
    done = subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {path for path in folder.rglob("*") if path.is_file()} - before
    pictures = [path for path in made if path.suffix in (".jpg", ".png")]
    assert pictures, f"no picture came out:\n{done.stdout}{done.stderr}"
    original = (folder / "docs" / "img" / "hazy.jpg").read_bytes()
    for path in pictures:
        with Image.open(path) as image:
            image.load()
        assert path.read_bytes() != original


def test_there_are_examples_of_every_kind() -> None:
    """A mark that is misspelt would run nothing."""
    kinds = ("library", "client", "shell", "vendor-python", "vendor-node")
    assert all(any(b.page == "README.md" for b in marked(kind)) for kind in kinds)


@pytest.mark.parametrize("block", marked("library"), ids=str)
def test_library(block: Block, folder: Path) -> None:
    run([sys.executable, "-W", "error", "-c", block.code], folder)


@pytest.mark.parametrize("block", marked("client"), ids=str)
def test_client(block: Block, folder: Path, server: RunningServer) -> None:
    """R-218: operators that most SDKs lack are within reach of xiutu.client."""
    run([sys.executable, "-W", "error", "-c", filled(block.code, server)], folder)


@pytest.mark.parametrize("block", marked("plain-python"), ids=str)
def test_plain_python(block: Block, folder: Path, server: RunningServer) -> None:
    """R-247: a vendor's SDK of which only the end point is changed; it warns of Python's newer ways."""
    run([sys.executable, "-c", filled(block.code, server)], folder)


@pytest.mark.parametrize("block", marked("shell"), ids=str)
def test_shell(block: Block, folder: Path, server: RunningServer) -> None:
    """R-017, R-040: the token and a form by curl, as a newcomer types them."""
    code = filled(block.code, server)
    run(["bash", "-euo", "pipefail", "-c", code], folder, TOKEN=server.token())


@pytest.mark.parametrize("block", marked("vendor-python"), ids=str)
def test_vendor_python(block: Block, folder: Path, vendor: tuple[RunningServer, Path]) -> None:
    """R-206, R-207, R-216: the unmodified SDK; the name is redirected as DNS would."""
    server, _ = vendor
    start = f"import sys; sys.path.insert(0, {str(SDK / 'drivers')!r}); import redirect; "
    code = f"{start}redirect.install()\n{filled(block.code, server)}"
    run([sys.executable, "-c", code], folder, SDK_TARGET=server.url.rpartition(":")[2])


@pytest.mark.parametrize("block", marked("vendor-node"), ids=str)
def test_vendor_node(block: Block, folder: Path, vendor: tuple[RunningServer, Path]) -> None:
    """R-213, R-216: the unmodified SDK over verified TLS."""
    server, ca = vendor
    run(
        ["node", "--no-deprecation", "--require", str(SDK / "node" / "hook.js"), "-e",
         filled(block.code, server)],
        folder,
        SDK_TARGET=server.url.rpartition(":")[2],
        NODE_PATH=str(SDK / "node" / "node_modules"),
        NODE_EXTRA_CA_CERTS=str(ca),
    )  # fmt: skip


def test_http2_clients_fall_back(vendor: tuple[RunningServer, Path]) -> None:
    """R-217: set_use_http2 of the C++ SDK is libcurl's HTTP/2 over TLS; the server has HTTP/1.1."""
    server, ca = vendor
    port = server.url.rpartition(":")[2]
    done = subprocess.run(
        ["curl", "-sS", "--http2", "--cacert", str(ca), "-w", " %{http_version}",
         "--resolve", f"aip.baidubce.com:{port}:127.0.0.1", f"https://aip.baidubce.com:{port}/livez"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["ok", "1.1"], done.stderr
