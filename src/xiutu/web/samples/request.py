"""What a program is to send, whatever language it is written in."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from xiutu.errors import InvalidParameter

__all__ = ["KEY", "SECRET", "Auth", "File", "Json", "Request"]

KEY = "your API Key"
SECRET = "your Secret Key"  # noqa: S105 - a placeholder

_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?|https?://\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?"
)

Json = str | int | float | bool | list["Json"] | dict[str, "Json"]


class Auth(StrEnum):
    """How a request proves who sends it."""

    TOKEN = "token"  # noqa: S105 - the name of a way
    """``access_token`` in the query, fetched with API Key and Secret Key."""
    BCE = "bce"
    """Signed, ``bce-auth-v1``."""
    TC3 = "tc3"
    """Signed, ``TC3-HMAC-SHA256``."""


@dataclass(frozen=True)
class File:
    """Stands for the base64 text of a file."""

    path: str


@dataclass(frozen=True)
class Request:
    """``interface`` is an operator, ``classification`` or the Tencent action; ``saves`` says which
    member of the answer goes into which file (none: the answer is printed). ``query`` is as sent.
    """

    interface: str
    address: str
    path: str
    auth: Auth
    as_json: bool
    values: Mapping[str, File | Json]
    saves: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    region: str = ""
    api_key: str = KEY
    secret_key: str = SECRET

    def __post_init__(self) -> None:
        if _ADDRESS.fullmatch(self.address) is None:
            raise InvalidParameter(f"{self.address!r} is no address of a server")

    @property
    def scheme(self) -> str:
        return self.address.partition(":")[0]

    @property
    def host(self) -> str:
        """As clients send it: without the port that goes without saying."""
        goes_without_saying = {"http": ":80", "https": ":443"}[self.scheme]
        return self.address.partition("://")[2].removesuffix(goes_without_saying)

    @property
    def host_encoded(self) -> str:
        return quote(self.host, safe="")

    @property
    def sent_path(self) -> str:
        return quote(self.path, safe="/-._~%")

    @property
    def canonical_query(self) -> str:
        """One plain pair at most, so nothing has to be sorted or encoded."""
        return self.query

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(self.files_by_name.values())

    @property
    def files_by_name(self) -> dict[str, str]:
        """Path of the file behind each field that has one."""
        return {name: v.path for name, v in self.values.items() if isinstance(v, File)}

    @property
    def form(self) -> list[tuple[str, File | str]]:
        """Name and text of each field: numbers as text, lists as JSON."""
        return [
            (name, value if isinstance(value, File) else _text(value))
            for name, value in self.values.items()
        ]

    @property
    def json_pieces(self) -> list[File | str]:
        """The JSON body, cut where the text of a file comes in."""
        pieces: list[File | str] = []
        text = "{"
        for number, (name, value) in enumerate(self.values.items()):
            text += ("," if number else "") + json.dumps(name) + ":"
            if isinstance(value, File):
                pieces += [text + '"', value]
                text = '"'
            else:
                text += json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return [*pieces, text + "}"]


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
