"""The ASGI application: vendor routes, console, health; anything else is vendor error 3."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from xiutu.gateway import health
from xiutu.gateway.api import docs as api_docs
from xiutu.gateway.api.mount import PREFIX as API
from xiutu.gateway.api.mount import later
from xiutu.gateway.baidu import routes as baidu
from xiutu.gateway.context import Context
from xiutu.gateway.easydl import routes as easydl
from xiutu.gateway.easydl.uploads import examiner
from xiutu.gateway.tencent import links
from xiutu.gateway.tencent.routes import ANY_METHOD, at_root
from xiutu.web import routes as console

__all__ = ["build_app"]


async def _not_routed(request: Request, _: Exception) -> Response:
    return await baidu.unknown_path(request)


def build_app(context: Context) -> Starlette:
    """Compose the server. The caller starts and stops what ``context`` holds."""
    settings = context.settings
    examine = examiner(context.executor, settings.job_timeout_s)
    api = later(context.platform, context.classifiers, examine, settings.body_timeout_s)
    app = Starlette(
        routes=[
            Route("/", at_root(console.home, baidu.unknown_path), methods=ANY_METHOD),
            *console.ROUTES,
            *links.ROUTES,
            Mount(API, app=api),
            *api_docs.ROUTES,
            *health.ROUTES,
            *baidu.ROUTES,
            *easydl.ROUTES,
        ],
        exception_handlers={404: _not_routed, 405: _not_routed},
    )
    app.router.redirect_slashes = False  # a redirect would turn a POST into a GET
    app.state.context = context
    return app
