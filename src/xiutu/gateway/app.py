"""The ASGI application: vendor routes, health, the status page; anything else is vendor error 3."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from xiutu.gateway import health
from xiutu.gateway.api import docs as api_docs
from xiutu.gateway.api.app import PREFIX as API
from xiutu.gateway.api.app import build_api
from xiutu.gateway.baidu import routes as baidu
from xiutu.gateway.context import Context
from xiutu.gateway.status import status_page

__all__ = ["build_app"]


async def _not_routed(request: Request, _: Exception) -> Response:
    return await baidu.unknown_path(request)


def build_app(context: Context) -> Starlette:
    """Compose the server. The caller starts and stops what ``context`` holds."""
    api = build_api(context.platform, context.settings.body_timeout_s)
    app = Starlette(
        routes=[
            Route("/", status_page),
            Mount(API, app=api),
            *api_docs.ROUTES,
            *health.ROUTES,
            *baidu.ROUTES,
        ],
        exception_handlers={404: _not_routed, 405: _not_routed},
    )
    app.router.redirect_slashes = False  # a redirect would turn a POST into a GET
    app.state.context = context
    return app
