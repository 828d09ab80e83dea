"""``xiutu certs``: what it writes is accepted by a verifying TLS client, and only for its names."""

import json
import socket
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from xiutu.cli.certificates import VENDOR_HOSTS, Files, make_certificates


def _handshake(files: Files, name: str) -> None:
    """A verified handshake for ``name`` against a server with these certificates."""
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(files.chain, files.key)
    client = ssl.create_default_context(cafile=str(files.ca))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as link:
                link.recv(1)
        except (ssl.SSLError, OSError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname=name) as link:
            link.sendall(b"x")
    finally:
        ours.close()
        thread.join()


def test_vendor_names_verify(tmp_path: Path) -> None:
    """R-216."""
    files = make_certificates(tmp_path / "certs")
    for name in (*VENDOR_HOSTS, "localhost", "127.0.0.1"):
        _handshake(files, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(files, "example.org")


def test_keys_are_private(tmp_path: Path) -> None:
    files = make_certificates(tmp_path)
    for key in (files.key, files.ca_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_renewal_keeps_the_ca(tmp_path: Path) -> None:
    files = make_certificates(tmp_path, ("pictures.internal",))
    ca, chain = files.ca.read_bytes(), files.chain.read_bytes()
    make_certificates(tmp_path, ("pictures.internal",))
    assert files.ca.read_bytes() == ca and files.chain.read_bytes() != chain
    _handshake(files, "pictures.internal")
    with pytest.raises(ValueError, match=r"may not vouch for other\.internal"):
        make_certificates(tmp_path, ("other.internal",))


@pytest.mark.parametrize("moved", ["ca.key", "ca.pem"])
def test_half_a_ca_is_not_replaced(tmp_path: Path, moved: str) -> None:
    """Somebody keeps ca.key offline; a fresh CA in its place would be trusted by no client."""
    make_certificates(tmp_path)
    (tmp_path / moved).unlink()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ValueError, match=rf"bring {moved} back .* or use a new folder"):
        make_certificates(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    command = [sys.executable, "-m", "xiutu", "certs", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert moved in done.stderr and "Traceback" not in done.stderr


def test_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "xiutu", "certs", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert {Path(path).name for path in json.loads(done.stdout).values()} == {
        "ca.pem",
        "ca.key",
        "server.pem",
        "server.key",
    }
