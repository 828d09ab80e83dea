"""What the pages of custom models send as it is: pictures and archives for a data set, a photo to try."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import compare_digest
from typing import ClassVar

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from xiutu.classify.sources import Item, from_zip
from xiutu.errors import XiutuError
from xiutu.gateway.context import Context
from xiutu.gateway.easydl import stages
from xiutu.gateway.easydl.call import Call
from xiutu.gateway.easydl.routes import answered
from xiutu.gateway.easydl.uploads import examiner
from xiutu.gateway.reading import announced_length, read_body
from xiutu.platform.console.models import Session
from xiutu.platform.models import Principal
from xiutu.web.calls import own_app
from xiutu.web.page import find_session, visit_of
from xiutu.web.security import harden, same_origin

__all__ = ["ROUTES"]

_LARGEST_PICTURE = 48 * 1024 * 1024
_LARGEST_ARCHIVE = 256 * 1024 * 1024
_STAGES = tuple(stage for stage in stages.STAGES if stage is not stages.authenticate)
Items = Callable[[bytes, Path], Iterable[Item]]


@dataclass(kw_only=True)
class ConsoleCall(Call):
    """Counted as any call of the app it is made for."""

    api: ClassVar[str] = "console"


def _said(text: str, status: int) -> Response:
    return harden(JSONResponse({"error": text}, status))


async def _admitted(request: Request, context: Context) -> Session | Response:
    """An administrator on a page of this server, or why not."""
    session = await run_sync(find_session, request, context)
    if session is None or not same_origin(request):
        return _said("signed out", 401)
    if not session.user.admin:
        return _said("for administrators", 403)
    token = request.headers.get("x-form-token", "")
    if not compare_digest(token.encode(), session.form_token.encode()):
        return _said("reload the page", 403)
    return session


async def _added(request: Request, ceiling: int, items: Items) -> Response:
    """Take the body into the data set; pictures are decoded in workers."""
    context: Context = request.app.state.context
    admitted = await _admitted(request, context)
    if isinstance(admitted, Response):
        return admitted
    found, settings = context.classifiers.datasets, context.settings
    number = request.path_params["set"]
    rows = await run_sync(found.all)
    name = next((row.name for row in rows if str(row.id) == number), None)
    if name is None:
        return _said("no such data set", 404)
    try:
        with context.bodies.hold(min(announced_length(request) or 0, ceiling)) as held:
            data = await read_body(request, ceiling, settings.body_timeout_s, held)

            def add() -> dict[str, object]:
                examine = examiner(context.executor, settings.job_timeout_s)
                with tempfile.TemporaryDirectory() as folder:
                    given = items(data, Path(folder))
                    return asdict(found.add(name, given, examine=examine))

            return harden(JSONResponse(await run_sync(add), 201))
    except ClientDisconnect:
        return Response(status_code=499)
    except XiutuError as error:
        return _said(visit_of(request, context).sorry(error), 422)


async def picture(request: Request) -> Response:
    """The body is a file; ``?label=`` its class, ``?source=`` its name."""
    query = request.query_params
    label, source = query.get("label", ""), query.get("source", "")[:255]
    return await _added(
        request, _LARGEST_PICTURE, lambda data, _: [Item(label, source, lambda: data)]
    )


async def archive(request: Request) -> Response:
    """The body is a zip with a folder for each class."""

    def items(data: bytes, folder: Path) -> Iterable[Item]:
        file = folder / "upload.zip"
        file.write_bytes(data)
        return from_zip(file)

    return await _added(request, _LARGEST_ARCHIVE, items)


async def attempt(request: Request) -> Response:
    """A call of the service as its users make it, for an app of the account that is looked at."""
    context: Context = request.app.state.context
    admitted = await _admitted(request, context)
    if isinstance(admitted, Response):
        return admitted
    app = await run_sync(own_app, context, admitted.account, request.query_params.get("app", ""))
    if app is None:
        return _said("no such app", 404)
    name = request.path_params["service"]
    try:
        published = await run_sync(context.classifiers.services.get, name)
    except XiutuError:
        return _said("no such service", 404)
    call = ConsoleCall(
        request=request,
        context=context,
        service=f"classification/{name}",
        log_id=context.platform.log_ids.small(),
        name=name,
        published=published,
        principal=Principal.of(app),
        credential="session",
    )
    return harden(await answered(call, _STAGES))


ROUTES = [
    Route("/models/sets/{set}/upload", picture, methods=["POST"]),
    Route("/models/sets/{set}/archive", archive, methods=["POST"]),
    Route("/models/services/{service}/try", attempt, methods=["POST"]),
]
