"""A request as somebody pastes it: the HTTP message of a log, or a curl command."""

import re
import shlex
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

__all__ = ["Pasted", "Unreadable", "read"]

_FIRST = re.compile(r"(?P<method>[A-Z]{2,10}) +(?P<target>\S+)(?: +HTTP/[0-9.]+)?")
_BODY_FLAGS = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_WITH_VALUE = {
    "-o",
    "--output",
    "-m",
    "--max-time",
    "-A",
    "--user-agent",
    "-x",
    "--proxy",
    "--cacert",
}
_WITH_VALUE |= {"--connect-to", "--resolve", "--connect-timeout", "-u", "--user", "-e", "--referer"}
_BROKEN = "The curl command cannot be read: a quote is not closed or an option lacks its value."


class Unreadable(ValueError):
    """``str()`` is an English sentence for people."""


@dataclass(frozen=True)
class Pasted:
    """Bytes as a server would receive them; ``body`` None: none was pasted."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | None

    def header(self, name: str) -> str | None:
        """The first value of that name (any case), without blanks around."""
        wanted = name.lower().encode()
        return next(
            (v.strip().decode("latin-1") for n, v in self.headers if n.lower() == wanted), None
        )


def read(text: str) -> Pasted:
    """Raises ``Unreadable``."""
    text = text.replace("\r\n", "\n").lstrip()
    if not text:
        raise Unreadable("Paste a request first.")
    return _curl(text) if re.match(r"curl\s", text) else _message(text)


def _message(text: str) -> Pasted:
    head, blank, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    found = _FIRST.fullmatch(first.strip())
    if found is None:
        raise Unreadable(
            "The first line must be a request line such as POST /path HTTP/1.1, or begin with curl."
        )
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise Unreadable("This is no header line.")
        headers.append((_bytes(name.strip()), _bytes(value.strip())))
    content = body.rstrip("\n").encode() if blank and body.strip() else None
    return _made(found["method"], found["target"], headers, content)


def _curl(text: str) -> Pasted:
    try:
        words = shlex.split(text.replace("\\\n", " "))[1:]
    except ValueError as error:
        raise Unreadable(_BROKEN) from error
    method, target, headers, data, as_query = "", "", [], [], False
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word[:2] in ("-H", "-X", "-d") and len(word) > 2 and not word.startswith("--"):
            name, equals, value = word[:2], "=", word[2:]

        def argument(equals: str = equals, value: str = value) -> str:
            nonlocal position
            if equals:
                return value
            if position >= len(words):
                raise Unreadable(_BROKEN)
            position += 1
            return words[position - 1]

        if name in ("-X", "--request"):
            method = argument().upper()
        elif name in ("-H", "--header"):
            key, colon, content = argument().partition(":")
            if colon:
                headers.append((_bytes(key.strip()), _bytes(content.strip())))
        elif name in _BODY_FLAGS:
            data.append(argument())
        elif name == "--data-urlencode":
            key, sign, content = argument().partition("=")
            data.append(f"{key}{sign}{quote(content, safe='')}")
        elif name == "--url":
            target = argument()
        elif name in ("-G", "--get"):
            as_query = True
        elif name in _WITH_VALUE:
            argument()
        elif not name.startswith("-"):
            target = name
    if not target:
        raise Unreadable("The curl command has no address.")
    if any(part.startswith("@") for part in data):
        data = []  # a file of the sender's
    body = "&".join(data)
    if as_query and body:
        target += ("&" if "?" in target else "?") + body
        body = ""
    if body and not any(n.lower() == b"content-type" for n, _ in headers):
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
    return _made(
        method or ("POST" if body else "GET"), target, headers, body.encode() if body else None
    )


def _made(
    method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes | None
) -> Pasted:
    if not target.startswith("/"):
        parts = urlsplit(target if "://" in target else f"http://{target}")
        if not any(name.lower() == b"host" for name, _ in headers):
            headers = [(b"Host", _bytes(parts.netloc.rpartition("@")[2])), *headers]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path, _, query = target.partition("#")[0].partition("?")
    return Pasted(method, _bytes(path), _bytes(query), tuple(headers), body)


def _bytes(text: str) -> bytes:
    """What is not ASCII arrives percent-encoded in a target, and as UTF-8 in a header."""
    return text.encode("utf-8") if not text.isascii() else text.encode("ascii")
