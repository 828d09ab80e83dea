"""What both clients share: keys, time-outs, the token's life, reading answers."""

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from xiutu.client.calls import Call, LocalError
from xiutu.version import VERSION

__all__ = ["DEFAULT_URL", "Session"]

DEFAULT_URL = "http://127.0.0.1:8000"
TOKEN_PATH = "/oauth/2.0/token"  # noqa: S105 - a path
_EARLY_S = 30  # tokens are renewed this long before they expire, as the vendor's Python SDK does
_INVALID = 110
_REFUSED = {"error_code": 14, "error_msg": "IAM Certification failed"}

Request = dict[str, Any]


@dataclass
class Session:
    """State of one client; knows nothing of how requests travel."""

    app_id: str
    api_key: str
    secret_key: str
    connect_s: float = 60.0
    read_s: float = 60.0
    token: str = ""
    renew_at: float = field(default=0.0)

    @property
    def timeout(self) -> httpx2.Timeout:
        return httpx2.Timeout(self.read_s, connect=self.connect_s)

    def exchange(self, call: Call) -> Generator[Request, httpx2.Response, dict[str, Any]]:
        """The requests of one call in order; send the responses in, the answer is returned.

        A token is fetched when there is none, and once more when the server says 110.
        """
        if not self.token or time.time() >= self.renew_at:
            refused = self._keep_token((yield self._token_request()))
            if refused:
                return refused
        body = _json((yield self._request(call)))
        if body.get("error_code") == _INVALID:
            refused = self._keep_token((yield self._token_request()))
            body = refused or _json((yield self._request(call)))
        return body

    def _token_request(self) -> Request:
        keys = {"client_id": self.api_key, "client_secret": self.secret_key}
        data = {"grant_type": "client_credentials", **keys}
        return {"url": TOKEN_PATH, "data": data, "timeout": self.timeout}

    def _keep_token(self, answer: httpx2.Response) -> dict[str, Any] | None:
        """Remember the token; the error answer when there is none."""
        body = _json(answer)
        if "access_token" not in body:
            return dict(_REFUSED) if "error" in body else body
        self.token = str(body["access_token"])
        self.renew_at = time.time() + int(body["expires_in"]) - _EARLY_S
        return None

    def _request(self, call: Call) -> Request:
        query = {"access_token": self.token, "aipSdk": "xiutu", "aipVersion": VERSION}
        sent = {"json": call.fields} if call.is_json else {"data": call.fields}
        return {"url": call.path, "params": query, "timeout": self.timeout, **sent}


def timed_out() -> dict[str, Any]:
    """The documented answer of a client whose connection or read timed out."""
    return LocalError("SDK108").answer


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ConnectionError(f"{answer.url.host} is no xiutu server: HTTP {answer.status_code}")
    return body
