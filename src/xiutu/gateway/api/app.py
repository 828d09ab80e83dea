"""The management API as one ASGI application, to be mounted at ``/api/v1``."""

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp

from xiutu.classify.datasets import Examine
from xiutu.classify.facade import Classifiers
from xiutu.gateway.api.errors import HANDLERS, ErrorBody
from xiutu.gateway.api.guard import Guard
from xiutu.gateway.api.mount import OPENAPI, PREFIX
from xiutu.gateway.api.routes import ROUTERS
from xiutu.platform.facade import Platform
from xiutu.version import VERSION

__all__ = ["build_api", "framework"]

_ABOUT = """
Accounts, applications, quota, packs, bills and usage of this server.

**Tokens**: `xiutu tokens create NAME --admin` on the server makes an administrator's, `--account
ACCOUNT` one that sees a single account. Send it as `Authorization: Bearer xiutu_...`.

**Amounts** are texts with exact decimals, in the server's currency; JSON numbers with a fraction are
refused. **Moments** are ISO 8601 with a zone; where a day is given it means 0:00 Beijing time, as on
bills. **Lists** come in pages: `limit`, and `cursor` from the `next` of the page before.

**Errors** have an HTTP status and `{"error": {"code": ..., "message": ..., "fields": [...]}}`.
"""
_bearer = HTTPBearer(auto_error=False, description="A token made by `xiutu tokens create`.")


def build_api(
    platform: Platform, classifiers: Classifiers, examine: Examine, body_timeout_s: float
) -> ASGIApp:
    """The routes behind their guard."""
    return Guard(framework(platform, classifiers, examine), platform, body_timeout_s)


def framework(platform: Platform, classifiers: Classifiers, examine: Examine) -> FastAPI:
    """The routes without their guard."""
    app = FastAPI(
        title="xiutu management",
        version=VERSION,
        description=_ABOUT,
        openapi_url=OPENAPI,
        docs_url=None,  # theirs loads scripts from elsewhere; see docs.py
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        exception_handlers=HANDLERS,
        generate_unique_id_function=_operation_id,
        dependencies=[Depends(_bearer)],
        responses={
            status: {"model": ErrorBody, "description": text}
            for status, text in (
                (401, "No valid token"),
                (403, "For administrators only"),
                (404, "Not there, or another account's"),
                (422, "A value cannot be used"),
            )
        },
    )
    for router in ROUTERS:
        app.include_router(router)
    app.state.platform = platform
    app.state.classifiers = classifiers
    app.state.examine = examine
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
