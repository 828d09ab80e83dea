"""A signed request as a server receives it, and the keys it was signed with."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from xiutu.gateway.baidu.bce import parse_authorization, verify

KEY, SECRET = "46bd9968a6194b4bbdf0341f2286ccce", "s3cr3t-key"
PATH = b"/rest/2.0/image-process/v1/colourize"
NOW = datetime(2015, 3, 24, 13, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Wire:
    """A request as a server receives it."""

    authorization: str
    headers: tuple[tuple[bytes, bytes], ...]
    query: bytes = b""
    path: bytes = PATH
    method: str = "POST"

    def check(self, now: datetime = NOW, secret: str = SECRET) -> None:
        verify(
            parse_authorization(self.authorization),
            secret,
            method=self.method,
            raw_path=self.path,
            raw_query=self.query,
            headers=self.headers,
            now=now,
        )

    def without(self, name: bytes) -> "Wire":
        return replace(self, headers=tuple(h for h in self.headers if h[0] != name))

    def having(self, name: bytes, value: bytes) -> "Wire":
        return replace(self, headers=(*self.without(name).headers, (name, value)))
