"""The TLS server under test as tests see it: port, CA, keys, and what its ledger says of a call."""

import sqlite3
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.server import RunningServer

HOST = "aip.baidubce.com"
PATH = "/rest/2.0/image-process/v1/"
URL = f"https://{HOST}{PATH}"


class Front:
    def __init__(self, server: RunningServer, ca: Path) -> None:
        self.server = server
        self.ca = ca
        self.port = int(server.url.rpartition(":")[2])

    @property
    def keys(self) -> list[str]:
        """App ID, API Key, Secret Key: the three arguments of every SDK's constructor."""
        return [self.server.keys[name] for name in ("app_id", "api_key", "secret_key")]

    @property
    def pair(self) -> list[str]:
        """SecretId and SecretKey: the same key pair by its Tencent names."""
        return self.keys[1:]

    @property
    def wrong_keys(self) -> list[str]:
        return [*self.keys[:2], "0" * 32]

    @cached_property
    def bare_keys(self) -> list[str]:
        """Keys of an application that may call no image operator."""
        made = self.server.make_app("bare", "--operators", "none")
        return [made[part] for part in ("app_id", "api_key", "secret_key")]

    def credential(self, answer: dict[str, Any]) -> str:
        """How the server came to know the caller of a successful call: ``token`` or ``signature``."""
        ledger = self.server.data / "data" / "xiutu.db"
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
            row = database.execute(
                "SELECT credential FROM usage WHERE log_id = ?", [int(answer["log_id"])]
            ).fetchone()
        return str(row[0])
