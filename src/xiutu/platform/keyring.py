"""The server's secret key: made once, kept in a file, everything else derived from it.

The file holds 32 random bytes as base64 text. Nodes that share a database share the file. Whoever
has it can read every app's secret and make tokens, so keep it apart from the database's backup.
"""

import base64
import binascii
import hmac
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from xiutu.errors import PlatformError

_BYTES = 32
_NONCE = 12
_SEAL_VERSION = "1."


class SecretKeyError(PlatformError):
    """The secret key file is missing, damaged, or not the one this database was made with."""

    report = True
    public = "the server's secret key file is missing or wrong"


class Keyring:
    """Keys derived from the one secret, and sealing of short secrets with one of them."""

    def __init__(self, master: bytes) -> None:
        self._derived = cache(lambda purpose: _derive(master, purpose))
        self._cipher = AESGCM(self.derive("seal"))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises ``SecretKeyError`` when the file cannot be read or holds no key."""
        try:
            return cls(_decoded(path.read_bytes(), path))
        except OSError as error:
            raise SecretKeyError(f"cannot read the secret key file {path}: {error}") from error

    @classmethod
    def read_or_create(cls, path: Path) -> Self:
        """As ``read``; a missing file is made, mode 0600. An existing one is never overwritten."""
        if not path.exists():
            try:
                _create(path)
            except OSError as error:
                raise SecretKeyError(f"cannot make the secret key file {path}: {error}") from error
        return cls.read(path)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose; keys of two purposes tell nothing about each other."""
        return self._derived(purpose)

    def fingerprint(self) -> str:
        """Tells two keys apart without giving anything about them away."""
        return self.derive("fingerprint").hex()

    def seal(self, text: str, context: str) -> str:
        """AES-256-GCM. Opens only with the same ``context``, so sealed texts cannot be swapped."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), context.encode())
        return _SEAL_VERSION + base64.b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str, context: str) -> str:
        """Raises ``SecretKeyError`` when it was sealed with another key or was tampered with."""
        try:
            raw = base64.b64decode(sealed.removeprefix(_SEAL_VERSION), validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SecretKeyError(
                f"what is stored for {context} does not open with this secret key"
            ) from None

    def mac(self, purpose: str, message: str) -> bytes:
        """HMAC-SHA256, 32 bytes."""
        return hmac.digest(self.derive(purpose), message.encode(), "sha256")


def _derive(master: bytes, purpose: str) -> bytes:
    info = f"xiutu/1/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_BYTES, salt=None, info=info).derive(master)


def _decoded(text: bytes, path: Path) -> bytes:
    try:
        master = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        master = b""
    if len(master) != _BYTES:
        raise SecretKeyError(f"{path} is no secret key file of xiutu: restore it from a backup")
    return master


def _create(path: Path) -> None:
    """Written under another name and linked, so that nobody ever reads half a key, and of two
    processes starting at once one makes the key and both use it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    finally:
        temporary.unlink()
