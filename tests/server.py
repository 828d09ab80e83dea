"""``xiutu serve`` as a child process, and a plain client for it."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx2
import psutil

from tests.commands import xiutu
from tests.pictures import encoded, photo, portrait

PREFIX = "/rest/2.0/image-process/v1/"
SMALL = {"XIUTU_EXECUTOR": "inline", "XIUTU_WORKERS": "1"}
"""Settings for tests of the gateway alone: starting worker processes is a third of a start."""


class RunningServer:
    """Starts on a free port with a data folder of its own; ``environment`` adds settings."""

    def __init__(self, data: Path, *arguments: str, **environment: str) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.log = data / "server.log"
        self.environment = {**os.environ, "XIUTU_DATA": str(data / "data"), **environment}
        self.arguments = arguments
        self.url = ""
        self.keys: dict[str, str] = {}
        self.password = ""
        self._usual_token = ""

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xiutu", "serve", "--port", "0", *self.arguments],
                stdout=subprocess.PIPE,
                stderr=log,
                env=self.environment,
                text=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if found := re.search(r"ready: (https?://\S+)", line):
                self.url = found[1]
            for name, label in (
                ("app_id", "App ID"),
                ("api_key", "API Key"),
                ("secret_key", "Secret Key"),
            ):
                if label in line:
                    self.keys[name] = line.split()[-1]
            if found := re.search(r"Password +(\S+)", line):
                self.password = found[1]
            if "stop: Ctrl-C" in line:
                break
        else:
            self.process.wait()
            self.process.stdout.close()
            raise AssertionError(f"server did not start:\n{self.log.read_text()}")
        self.client = httpx2.Client(base_url=self.url, timeout=60, trust_env=False, verify=False)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(40)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def cli(self, *arguments: str) -> str:
        """Run another ``xiutu`` command on the same data folder."""
        done = xiutu(*arguments, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def make_app(self, name: str, *options: str) -> dict[str, str]:
        keys: dict[str, str] = json.loads(self.cli("apps", "create", name, *options, "--json"))
        return keys

    def token(self, keys: dict[str, str] | None = None) -> str:
        keys = keys or self.keys
        answer = self.client.post(
            "/oauth/2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": keys["api_key"],
                "client_secret": keys["secret_key"],
            },
        )
        return str(answer.json()["access_token"])

    def usual_token(self) -> str:
        """The ready-made application's token, fetched once as clients do it, not for every call."""
        self._usual_token = self._usual_token or self.token()
        return self._usual_token

    def call(self, operator: str, *, token: str | None = None, **fields: Any) -> dict[str, Any]:
        """POST a form; ``image`` may be bytes of a file. Asserts HTTP 200 and JSON."""
        image = fields.get("image")
        if isinstance(image, bytes):
            fields["image"] = base64.b64encode(image).decode()
        answer = self.client.post(
            f"{PREFIX}{operator}", params={"access_token": token or self.usual_token()}, data=fields
        )
        return checked(answer)

    def post(self, operator: str, body: bytes, content_type: str | None = None) -> dict[str, Any]:
        """POST raw bytes with a valid token."""
        headers = {} if content_type is None else {"content-type": content_type}
        answer = self.client.post(
            f"{PREFIX}{operator}",
            params={"access_token": self.usual_token()},
            content=body,
            headers=headers,
        )
        return checked(answer)

    def workers(self) -> list[psutil.Process]:
        """Worker processes: the leaves below the server's fork server."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        parents = {process.ppid() for process in below}
        return [process for process in below if process.pid not in parents]

    def metric(self, name: str) -> float:
        """A plain value of /metrics, 0 when it is not there yet."""
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.client.get("/metrics").text, re.M)
        return float(found[1]) if found else 0.0

    def until_ready(self, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while self.client.get("/readyz").status_code != 200:
            assert time.monotonic() < end, "server did not become ready again"
            time.sleep(0.1)


def checked(answer: httpx2.Response) -> dict[str, Any]:
    """Every API answer: HTTP 200, JSON object, no traceback."""
    assert answer.status_code == 200, answer.text[:300]
    assert answer.headers["content-type"] == "application/json"
    assert b"Traceback" not in answer.content
    body: dict[str, Any] = answer.json()
    if "error_code" in body:
        assert isinstance(body["error_code"], int) and isinstance(body["error_msg"], str)
        assert set(body) == {"error_code", "error_msg"}
    return body


def jpeg(width: int = 320, height: int = 240) -> bytes:
    return encoded(photo(width, height), "JPEG", quality=92)


def sample(operator: str, width: int = 320, height: int = 240) -> bytes:
    """A JPEG the operator can work on: selfie_anime needs a face."""
    if operator == "selfie_anime":
        return encoded(portrait(width, height), "JPEG", quality=92)
    return jpeg(width, height)


def png(width: int = 320, height: int = 240) -> bytes:
    return encoded(photo(width, height), "PNG")
