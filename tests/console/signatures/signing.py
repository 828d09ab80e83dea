"""Requests signed by hand, with one thing done wrong where a test wants it; nothing of the server."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

NOW = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
AK, SK = "A" * 24, "S" * 32
OTHER_SK = "T" * 32
HOST = "xiutu.example:8000"
PATH = "/rest/2.0/image-process/v1/dehaze"


def hex_hmac(key: bytes, text: bytes) -> str:
    return hmac.new(key, text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Bce:
    """``signed_*`` is what goes into the signature where that differs from what is sent."""

    secret: str = SK
    query: str = ""
    signed_query: str | None = None
    signed_host: str = HOST
    method: str = "POST"
    signed_path: str = PATH
    signed_seconds: int = 1800
    key_as_bytes: bool = False
    change: Callable[[str], str] = str

    def canonical(self) -> str:
        query = self.query if self.signed_query is None else self.signed_query
        stamp = quote(NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), safe="")
        host = quote(self.signed_host, safe="")
        return self.change(
            f"{self.method}\n{self.signed_path}\n{query}\nhost:{host}\nx-bce-date:{stamp}"
        )

    def text(self) -> str:
        stamp = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
        prefix = f"bce-auth-v1/{AK}/{stamp}/1800"
        basis = f"bce-auth-v1/{AK}/{stamp}/{self.signed_seconds}"
        key = hex_hmac(self.secret.encode(), basis.encode()).encode()
        if self.key_as_bytes:
            key = bytes.fromhex(key.decode())
        signature = hex_hmac(key, self.canonical().encode())
        target = PATH + (f"?{self.query}" if self.query else "")
        return (
            f"POST {target} HTTP/1.1\nHost: {HOST}\nx-bce-date: {stamp}\n"
            f"Authorization: {prefix}/host;x-bce-date/{signature}\n\nimage=AAAA"
        )


@dataclass(frozen=True)
class Tc3:
    secret: str = SK
    prefix: str = "TC3"
    day: str | None = None
    signed_type: str = "application/json"
    signed_host: str = HOST
    signed_body: str | None = None
    change: Callable[[str], str] = str
    body: str = json.dumps(
        {"InputUrl": "https://a.example/x.png", "MaskUrl": "https://a.example/m.png"}
    )

    def canonical(self) -> str:
        body = self.body if self.signed_body is None else self.signed_body
        hashed = hashlib.sha256(body.encode()).hexdigest()
        lines = f"content-type:{self.signed_type}\nhost:{self.signed_host}\n"
        return self.change(f"POST\n/\n\n{lines}\ncontent-type;host\n{hashed}")

    def text(self) -> str:
        stamp, day = int(NOW.timestamp()), self.day or NOW.strftime("%Y-%m-%d")
        scope = f"{NOW:%Y-%m-%d}/aiart/tc3_request"
        hashed = hashlib.sha256(self.canonical().encode()).hexdigest()
        key = (self.prefix + self.secret).encode()
        for part in (day, "aiart", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signed = f"TC3-HMAC-SHA256\n{stamp}\n{day}/aiart/tc3_request\n{hashed}"
        proof = f"Credential={AK}/{scope}, SignedHeaders=content-type;host"
        return (
            f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"X-TC-Timestamp: {stamp}\r\nX-TC-Action: ImageInpaintingRemoval\r\n"
            f"Authorization: TC3-HMAC-SHA256 {proof}, Signature={hex_hmac(key, signed.encode())}\r\n\r\n"
            f"{self.body}"
        )


@dataclass(frozen=True)
class V1:
    secret: str = SK
    algorithm: str = "sha256"
    method: str = "POST"
    signed_host: str = HOST
    encode: bool = False
    sort: bool = True
    as_hex: bool = False
    plain_plus: bool = False

    def text(self) -> str:
        values = {
            "SecretId": AK,
            "Action": "ImageInpaintingRemoval",
            "Version": "2022-12-29",
            "Nonce": "7",
            "Timestamp": str(int(NOW.timestamp())),
            "SignatureMethod": "HmacSHA256",
            "InputUrl": "https://a.example/x y.png",
        }
        names = sorted(values) if self.sort else list(values)
        listed = "&".join(
            f"{name}={quote(values[name], safe='') if self.encode else values[name]}"
            for name in names
        )
        source = f"{self.method}{self.signed_host}/?{listed}".encode()
        raw = hmac.new(self.secret.encode(), source, self.algorithm).digest()
        signature = raw.hex() if self.as_hex else b64encode(raw).decode()
        body = urlencode(values)
        body += (
            f"&Signature={signature}"
            if self.plain_plus
            else f"&{urlencode({'Signature': signature})}"
        )
        kind = "application/x-www-form-urlencoded"
        return f"POST / HTTP/1.1\nHost: {HOST}\nContent-Type: {kind}\n\n{body}"


def with_plus(made: V1) -> V1:
    """A signature that holds a plus, by another host until there is one."""
    for number in range(200):
        tried = replace(made, secret=f"{number:032d}")
        if "%2B" in tried.text():
            return tried
    raise AssertionError("no plus in 200 signatures")
