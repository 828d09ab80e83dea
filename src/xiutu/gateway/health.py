"""/livez, /readyz, /metrics."""

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from xiutu.gateway.answers import json_answer
from xiutu.gateway.context import Context

__all__ = ["ROUTES"]


async def livez(_: Request) -> Response:
    """The process answers; nothing else is checked."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """503 while a call could not succeed: no database, no worker alive, or maintenance."""
    context: Context = request.app.state.context
    checks = {
        "database": await run_sync(_database, context),
        "workers": context.executor.stats().alive > 0,
        "in_service": not context.settings.maintenance,
    }
    ready = all(checks.values())
    return json_answer({"ready": ready, "checks": checks}, 200 if ready else 503)


def _database(context: Context) -> bool:
    try:
        context.platform.ping()
    except Exception:  # whatever the driver raises: the database cannot be used
        return False
    return True


async def metrics(request: Request) -> Response:
    """Prometheus text format."""
    context: Context = request.app.state.context
    context.metrics.bodies.set(context.bodies.held)
    return Response(context.metrics.render(), media_type="text/plain; version=0.0.4")


ROUTES = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
