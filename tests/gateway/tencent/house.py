"""The whole server in this process, with a clock that tests can turn, and requests signed by hand.

The signing is written down a second time here: tests must not share code with the server.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx2
import numpy as np
from numpy.typing import NDArray

from tests.pictures import encoded, photo
from xiutu.gateway.app import build_app
from xiutu.gateway.server import open_context
from xiutu.image.decode import decode
from xiutu.platform.facade import Platform
from xiutu.settings import Settings

HOST = "aiart.tencentcloudapi.com"
ACTION, VERSION, REGION = "ImageInpaintingRemoval", "2022-12-29", "ap-guangzhou"
Pixels = NDArray[np.uint8]


class House:
    """``advance`` turns the clock. ``settings`` are those of ``Settings``."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.shift = timedelta(0)
        self.settings = Settings(data=data, executor="inline", workers=2, threads=1, **settings)
        self.platform = Platform.open(data, clock=self.now)
        made = self.platform.ensure_defaults()
        app = self.platform.apps.find("default")
        self.keys = made or self.platform.apps.keys(app.app_id)
        self.context = open_context(self.settings, self.platform)
        self.app = build_app(self.context)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def advance(self, seconds: float) -> None:
        self.shift += timedelta(seconds=seconds)

    def __enter__(self) -> Self:
        self.context.executor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.context.executor.stop(5)
        self.platform.close()

    async def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        client: str = "203.0.113.7",
    ) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.app, client=(client, 5555))
        async with httpx2.AsyncClient(transport=transport, base_url=f"https://{HOST}") as http:
            return await http.request(method, url, content=body, headers=dict(headers or {}))

    def ask(self, method: str, url: str, *args: Any, **more: Any) -> httpx2.Response:
        return asyncio.run(self.request(method, url, *args, **more))

    def tc3(self, values: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        """The members of ``Response``; ``how`` as for ``signed``."""
        return response(self.ask("POST", "/", *self.signed(json.dumps(values).encode(), **how)))

    def signed(
        self,
        body: bytes,
        *,
        method: str = "POST",
        query: str = "",
        secret: str | None = None,
        secret_id: str | None = None,
        offset: float = 0,
        signed: str = "content-type;host",
        content_type: str = "application/json",
        payload: bytes | None = None,
        service: str = "aiart",
        host: str = HOST,
        signed_host: str | None = None,
        **headers: str | None,
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a TC3 request; extra headers by name, ``None`` leaves one out."""
        stamp = int(self.now().timestamp() + offset)
        date = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
        sent = {
            "Content-Type": content_type,
            "Host": host,
            "X-TC-Action": ACTION,
            "X-TC-Version": VERSION,
            "X-TC-Region": REGION,
            "X-TC-Timestamp": str(stamp),
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}  # type: ignore[misc]
        lower = {name.lower(): str(value).strip().lower() for name, value in sent.items()}
        lower["host"] = signed_host or lower["host"]
        lines = "".join(f"{name}:{lower[name]}\n" for name in signed.split(";"))
        hashed = hashlib.sha256(body if payload is None else payload).hexdigest()
        canonical = f"{method}\n/\n{query}\n{lines}\n{signed}\n{hashed}"
        scope = f"{date}/{service}/tc3_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        key = ("TC3" + (secret or self.keys.secret_key)).encode()
        for part in (date, service, "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        sent["Authorization"] = (
            f"TC3-HMAC-SHA256 Credential={secret_id or self.keys.api_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return body, {name: value for name, value in sent.items() if value is not None}

    def v1(
        self,
        values: Mapping[str, str],
        *,
        method: str = "POST",
        algorithm: str | None = "HmacSHA256",
        secret: str | None = None,
        offset: float = 0,
        **common: str | None,
    ) -> dict[str, Any]:
        """The members of ``Response`` to a request signed in the older way."""
        body = urlencode(self.v1_fields(values, method, algorithm, secret, offset, **common))
        if method == "GET":
            return response(self.ask("GET", f"/?{body}"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return response(self.ask("POST", "/", body.encode(), form))

    def v1_fields(
        self,
        values: Mapping[str, str],
        method: str = "POST",
        algorithm: str | None = "HmacSHA256",
        secret: str | None = None,
        offset: float = 0,
        **common: str | None,
    ) -> dict[str, str]:
        fields: dict[str, str | None] = {
            **values,
            "Action": ACTION,
            "Version": VERSION,
            "Region": REGION,
            "Timestamp": str(int(self.now().timestamp() + offset)),
            "Nonce": "9223372036854775807",
            "SecretId": self.keys.api_key,
            "RequestClient": "SDK_PYTHON_3.0",
            "SignatureMethod": algorithm,
            **common,
        }
        sent = {name: value for name, value in fields.items() if value is not None}
        listed = "&".join(f"{name}={sent[name]}" for name in sorted(sent))
        kind = {"HmacSHA256": "sha256"}.get(algorithm or "", "sha1")
        key = (secret or self.keys.secret_key).encode()
        mac = hmac.new(key, f"{method}{HOST}/?{listed}".encode(), kind).digest()
        return {**sent, "Signature": base64.b64encode(mac).decode()}


def response(answer: httpx2.Response) -> dict[str, Any]:
    """R-234: HTTP 200, exactly this content type, one member, an id in every answer."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert set(body) == {"Response"}
    told: dict[str, Any] = body["Response"]
    assert len(told["RequestId"]) == 36
    if "Error" in told:
        assert set(told) == {"Error", "RequestId"}
        assert set(told["Error"]) == {"Code", "Message"} and told["Error"]["Message"]
    else:
        assert set(told) == {"ResultImage", "RequestId"}
    return told


def code(told: dict[str, Any]) -> str:
    """The code of a refusal, "" for a success."""
    return str(told.get("Error", {}).get("Code", ""))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def scene(width: int = 96, height: int = 72) -> Pixels:
    return photo(width, height)


def hole(width: int = 96, height: int = 72) -> Pixels:
    """A free-form mask: a disc and a stroke."""
    y, x = np.mgrid[:height, :width]
    disc = np.hypot(x - width * 0.4, y - height * 0.5) < height * 0.12
    stroke = np.abs(x - 2 * y) < 2
    return np.where(disc | stroke, 255, 0).astype(np.uint8)


def values(**more: Any) -> dict[str, Any]:
    """A call that works: PNG in, so that pixels can be compared."""
    call = {"InputImage": b64(encoded(scene())), "Mask": b64(encoded(hole())), **more}
    return {name: value for name, value in call.items() if value is not None}


def pixels(told: dict[str, Any]) -> Pixels:
    assert "Error" not in told, told
    return decode(base64.b64decode(told["ResultImage"], validate=True)).rgb
