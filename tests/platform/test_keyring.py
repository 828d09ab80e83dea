import base64
import stat
import threading
from pathlib import Path

import pytest

from xiutu.platform.keyring import Keyring, SecretKeyError


def test_the_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep/secret.key"
    first = Keyring.read_or_create(path)
    text = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(base64.b64decode(text)) == 32
    assert list(path.parent.iterdir()) == [path]  # nothing is left beside it
    assert Keyring.read_or_create(path).fingerprint() == first.fingerprint()
    assert path.read_bytes() == text
    other = Keyring.read_or_create(tmp_path / "other.key")
    assert other.fingerprint() != first.fingerprint()


def test_starting_at_once_makes_one_key(tmp_path: Path) -> None:
    path, ready, found = tmp_path / "secret.key", threading.Barrier(8), set()

    def start() -> None:
        ready.wait()
        found.add(Keyring.read_or_create(path).fingerprint())

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


@pytest.mark.parametrize("content", [b"", b"short", base64.b64encode(b"x" * 31), b"\xff" * 44])
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(SecretKeyError, match=r"secret\.key"):
        Keyring.read_or_create(path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SecretKeyError, match="cannot make"):
        Keyring.read_or_create(tmp_path / "file/secret.key")
    with pytest.raises(SecretKeyError, match="cannot read"):
        Keyring.read_or_create(tmp_path)


def test_seal() -> None:
    ring = Keyring(b"k" * 32)
    sealed = ring.seal("a secret", "app 1")
    assert ring.unseal(sealed, "app 1") == "a secret"
    assert "secret" not in sealed
    assert ring.seal("a secret", "app 1") != sealed
    raw = base64.b64decode(sealed[2:])
    altered = "1." + base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()
    for bad, context in ((sealed, "app 2"), (altered, "app 1"), ("", "app 1"), ("1.!", "app 1")):
        with pytest.raises(SecretKeyError, match=context):
            ring.unseal(bad, context)
    with pytest.raises(SecretKeyError):
        Keyring(b"j" * 32).unseal(sealed, "app 1")


def test_keys_of_two_purposes_differ() -> None:
    ring = Keyring(b"k" * 32)
    assert len({ring.derive("a"), ring.derive("b"), ring.mac("a", ""), ring.mac("b", "")}) == 4
    assert ring.derive("a") == Keyring(b"k" * 32).derive("a")
    assert (b"k" * 32).hex() not in repr(vars(ring))
