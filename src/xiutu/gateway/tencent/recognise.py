"""Is a request to ``/`` for Tencent's interface?"""

from starlette.requests import Request

__all__ = ["HOST", "NotForTencent", "is_form", "is_marked"]

HOST = "aiart.tencentcloudapi.com"
_FORM = "application/x-www-form-urlencoded"


class NotForTencent(Exception):
    """A form that names no action, at a host name that is not the vendor's."""


def is_marked(request: Request) -> bool:
    """By header, by host name, or by ``Action=`` in the query; the body is not looked at."""
    host = request.headers.get("host", "").partition(":")[0].lower()
    if "x-tc-action" in request.headers or host == HOST:
        return True
    raw: bytes = request.scope["query_string"]
    return any(piece.startswith(b"Action=") for piece in raw.split(b"&"))


def is_form(request: Request) -> bool:
    """Whether the body is said to be a form."""
    kind = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower() == _FORM
