"""A call from the console: the stages of the vendor's interface, with the session as the caller."""

from dataclasses import dataclass
from secrets import compare_digest
from typing import ClassVar

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from xiutu import contract
from xiutu.errors import AppNotFound
from xiutu.gateway.baidu import stages
from xiutu.gateway.baidu.call import Call
from xiutu.gateway.baidu.routes import answered
from xiutu.gateway.context import Context
from xiutu.gateway.reading import announced_length
from xiutu.platform.models import App, Principal
from xiutu.web.page import find_session
from xiutu.web.security import harden, same_origin

__all__ = ["ROUTES", "own_app"]

_STAGES = tuple(stage for stage in stages.STAGES if stage is not stages.authenticate)


@dataclass(kw_only=True)
class ConsoleCall(Call):
    """Counted, limited and billed like any call of the app it is made for."""

    api: ClassVar[str] = "console"


async def call(request: Request) -> Response:
    """Body and answer are the vendor's; the app is named by ``?app=``. Times by ``Server-Timing``."""
    context: Context = request.app.state.context
    session = await run_sync(find_session, request, context)
    token = request.headers.get("x-form-token", "")
    if session is None or not same_origin(request):
        return harden(JSONResponse({"error": "signed out"}, 401))
    if not compare_digest(token.encode(), session.form_token.encode()):
        return harden(JSONResponse({"error": "reload the page"}, 403))
    operator = contract.operators().get(request.path_params["operator"])
    app = await run_sync(own_app, context, session.account, request.query_params.get("app", ""))
    if operator is None or app is None:
        return harden(JSONResponse({"error": "no such operator or app"}, 404))
    ids = context.platform.log_ids
    made = ConsoleCall(
        request=request,
        context=context,
        service=operator.id,
        operator=operator,
        log_id=ids.small() if operator.response.log_id_needs_53_bits else ids.large(),
        principal=Principal.of(app),
        credential="session",
    )
    size = min(announced_length(request) or 0, stages.transport_ceiling(operator))
    response = harden(await answered(made, size, _STAGES))
    steps = {**made.timings, "total": made.seconds}
    response.headers["server-timing"] = ", ".join(
        f"{step};dur={seconds * 1000:.1f}" for step, seconds in steps.items()
    )
    return response


def own_app(context: Context, account: str, app_id: str) -> App | None:
    """An app of the account that is looked at, and no other's."""
    try:
        app = context.platform.apps.get(app_id)
    except AppNotFound:
        return None
    return app if app.account.name == account and app.active else None


ROUTES = [Route("/try/{operator}/call", call, methods=["POST"])]
