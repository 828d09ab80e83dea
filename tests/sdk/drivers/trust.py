"""The environment's list of authorities with one more: ``certifi``, which ``requests`` and the Tencent
SDKs read, has our CA at its end. The SDKs themselves are not touched."""

import os
import tempfile
from pathlib import Path

import certifi


def install() -> None:
    """Append the file named by ``SDK_CA``, where it is set."""
    added = os.environ.get("SDK_CA")
    if added is None:
        return
    text = Path(certifi.where()).read_text("utf-8") + "\n" + Path(added).read_text("utf-8")
    handle, name = tempfile.mkstemp(suffix=".pem", dir=os.environ.get("TMPDIR"))
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    certifi.where = lambda: name
