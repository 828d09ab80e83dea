"""``/docs``: the management API as Swagger UI shows it, with every file from this server."""

from functools import cache
from importlib.resources import files

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from xiutu.gateway.api.mount import OPENAPI, PREFIX

__all__ = ["ROUTES"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>xiutu management API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body></html>
"""
# The token typed in is kept by the page only; the validator would send the document elsewhere.
_START = f"""SwaggerUIBundle({{
  url: "{PREFIX}{OPENAPI}", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  docExpansion: "none", defaultModelsExpandDepth: 0, tryItOutEnabled: true,
}});
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}


async def page(_: Request) -> Response:
    """The page itself; the policy keeps the browser from loading anything from elsewhere."""
    return HTMLResponse(_PAGE, headers={"content-security-policy": _POLICY})


async def start(_: Request) -> Response:
    """What sets the page up."""
    return Response(_START, media_type="text/javascript")


async def asset(request: Request) -> Response:
    """A file of Swagger UI."""
    name = request.url.path.rpartition("/")[2]
    body = await run_sync(_read, name)
    headers = {"cache-control": "public, max-age=86400"}
    return Response(body, media_type=_ASSETS[name], headers=headers)


@cache
def _read(name: str) -> bytes:
    # The package carries Swagger UI 5 (Apache-2.0); its own code is not used.
    return files("fastapi_offline").joinpath("static", name).read_bytes()


ROUTES: list[BaseRoute] = [
    Route("/docs", page),
    Route("/docs/start.js", start),
    *(Route(f"/docs/{name}", asset) for name in _ASSETS),
]
