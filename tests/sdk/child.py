"""SDKs run in child processes: their warnings, patches and global state stay out of the test process."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
PYTHON = (sys.executable, str(HERE / "drivers" / "aip_driver.py"))
BCE = (sys.executable, str(HERE / "drivers" / "bce_driver.py"))
NODE = (
    "node",
    "--no-deprecation",
    "--require",
    str(HERE / "node" / "hook.js"),
    str(HERE / "node" / "driver.js"),
)
TENCENT = (sys.executable, str(HERE / "drivers" / "tencent_driver.py"))
TENCENT_NODE = (*NODE[:-1], str(HERE / "node" / "tencent_driver.js"))
TCCLI = (sys.executable, str(HERE / "drivers" / "tccli_driver.py"))
CALLS: Counter[str] = Counter()
"""Calls made through each SDK in this session, for the summary."""


def clean_environment() -> dict[str, str]:
    """This process' environment without proxies and authorities."""
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
        clean.pop(name, None)
    return clean


class Child:
    """A driver process; ``ask`` sends one job and waits for its answer.

    ``environment`` may name a CA to trust in the way of the runtime; without, an SDK that verifies
    has to do with the machine's own authorities.
    """

    def __init__(
        self, sdk: str, command: tuple[str, ...], port: int, log: Path, **environment: str
    ) -> None:
        self.sdk = sdk
        clean = clean_environment()
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**clean, "SDK_TARGET": str(port), **environment},
            )
        self.log = log

    def ask(self, job: dict[str, Any], calls: int = 1) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        CALLS[self.sdk] += calls
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"driver of {self.sdk} died:\n{self.log.read_text()}"
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdout.close()
