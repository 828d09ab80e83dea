"""What keeps the console safe in a browser: policy headers, cookies, where a request may come from."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["FLASH", "LANGUAGE", "SESSION", "THEME", "harden", "same_origin", "set_cookie"]

SESSION = "xiutu_session"
LANGUAGE = "xiutu_language"
THEME = "xiutu_theme"
FLASH = "xiutu_flash"
PATH = "/console"
_YEAR_S = 365 * 24 * 3600

_HEADERS = {
    # Everything from this server; pictures may also be those that the page itself has made.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; form-action 'self'; manifest-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def harden(response: Response) -> Response:
    """Policy headers; pages are never kept by caches unless they say so themselves."""
    response.headers.update(_HEADERS)
    response.headers.setdefault("cache-control", "no-store")
    return response


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie of the console; ``""`` deletes it. The session's ends with the browser."""
    secure = request.url.scheme == "https"
    if not value:
        response.delete_cookie(name, PATH, secure=secure, httponly=True, samesite="lax")
        return
    response.set_cookie(
        name,
        value,
        max_age=_YEAR_S if name in (LANGUAGE, THEME) else None,
        path=PATH,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def same_origin(request: Request) -> bool:
    """Whether a form can only have come from a page of this server. Browsers always say."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
