"""From a request to a page function and back: session, language, forms, errors, policy headers."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import compare_digest
from urllib.parse import parse_qsl, quote, unquote

import structlog
from anyio.to_thread import run_sync
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from xiutu.errors import (
    AccountNotFound,
    AdminOnly,
    AppNotFound,
    BodyTooLarge,
    DatasetNotFound,
    MalformedBody,
    ModelNotFound,
    PackNotFound,
    ServiceNotFound,
    TicketNotFound,
    UserNotFound,
    XiutuError,
)
from xiutu.gateway.context import Context
from xiutu.gateway.reading import read_body
from xiutu.platform.console.models import Session
from xiutu.web.i18n import LANGUAGES, preferred
from xiutu.web.security import FLASH, LANGUAGE, SESSION, THEME, harden, same_origin, set_cookie
from xiutu.web.visit import Form, NotHere, Visit

__all__ = ["THEMES", "Access", "View", "find_session", "page", "said", "visit_of"]

THEMES = ("auto", "light", "dark")
_LARGEST_FORM = 256 * 1024
_MOST_FIELDS = 2000
_UNKNOWN = (
    AppNotFound,
    AccountNotFound,
    PackNotFound,
    TicketNotFound,
    UserNotFound,
    DatasetNotFound,
    ModelNotFound,
    ServiceNotFound,
)
_log = structlog.get_logger("xiutu.console")

View = Callable[[Visit], Response]


@dataclass(frozen=True)
class Access:
    """Who may see a page: everybody, who is signed in, administrators, metered accounts only."""

    signed_in: bool = True
    admin: bool = False
    metered: bool = False


def page(
    path: str,
    view: View,
    *,
    post: View | None = None,
    only_post: bool = False,
    access: Access | None = None,
) -> Route:
    """A route: ``view`` for GET, ``post`` for forms (``only_post``: ``view`` is for forms)."""
    allowed = access or Access()

    async def endpoint(request: Request) -> Response:
        handler = view if request.method in ("GET", "HEAD") or post is None else post
        return harden(await _answer(request, handler, allowed))

    methods = ["POST"] if only_post else ["GET", "POST"] if post else ["GET"]
    endpoint.__name__ = view.__name__
    return Route(path, endpoint, methods=methods, name=f"{view.__module__}.{view.__name__}")


async def _answer(request: Request, handler: View, access: Access) -> Response:
    context: Context = request.app.state.context
    visit = visit_of(request, context)
    try:
        visit.session = await run_sync(find_session, request, context)
        refused = await _gate(visit, access)
        if refused is not None:
            return refused
        response = await run_in_threadpool(handler, visit)
    except ClientDisconnect:
        return Response(status_code=499)
    except (NotHere, *_UNKNOWN):
        return await run_in_threadpool(visit.show, "missing.html", 404)
    except AdminOnly:
        return await run_in_threadpool(visit.show, "refused.html", 403)
    except XiutuError as error:
        if error.report:
            _log.error("console", path=request.url.path, error=error.kind, detail=str(error)[:500])
        return await _complained(visit, error)
    if visit.flash is not None and request.method == "GET":
        set_cookie(request, response, FLASH, "")
    return response


async def _gate(visit: Visit, access: Access) -> Response | None:
    """What is needed before a page function runs. Raises ``NotHere``, ``AdminOnly``."""
    request = visit.request
    posted = request.method == "POST"
    if posted and not same_origin(request):
        return await run_in_threadpool(visit.show, "refused.html", 403)
    if access.signed_in and visit.session is None:
        if posted:
            return visit.go("/sign-in", visit.t("Please sign in again."), "bad")
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/console/sign-in?next={quote(there)}", 303)
    if access.admin:
        visit.need_admin()
    if access.metered and not await run_sync(lambda: visit.metered):
        raise NotHere
    if posted:
        visit.form = await _form(request, visit.context)
        given = visit.form.text("_token") or request.headers.get("x-form-token", "")
        session = visit.session
        if session and not compare_digest(given.encode(), session.form_token.encode()):
            return await run_in_threadpool(visit.show, "refused.html", 403)
    return None


async def _form(request: Request, context: Context) -> Form:
    raw = await read_body(request, _LARGEST_FORM, context.settings.body_timeout_s)
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            strict_parsing=False,
        )
    except ValueError as error:
        raise MalformedBody(str(error)) from error
    return Form(pairs)


async def _complained(visit: Visit, error: XiutuError) -> Response:
    """Back to where the form was, with the reason; a page that cannot be made says so."""
    request = visit.request
    if request.method == "POST" and not isinstance(error, BodyTooLarge | MalformedBody):
        back = visit.form.text("_back") or request.url.path
        if not back.startswith("/console/") or "\\" in back:
            back = "/console/"
        response = RedirectResponse(back, 303)
        set_cookie(request, response, FLASH, quote(f"bad:{visit.sorry(error)}"[:300]))
        return response
    return await run_in_threadpool(visit.show, "failed.html", 400, reason=visit.sorry(error))


def visit_of(request: Request, context: Context) -> Visit:
    """Language, theme and the word from the page before."""
    chosen = request.cookies.get(LANGUAGE, "")
    language = (
        chosen if chosen in LANGUAGES else preferred(request.headers.get("accept-language", ""))
    )
    theme = request.cookies.get(THEME, "auto")
    return Visit(
        request=request,
        context=context,
        language=language,
        theme=theme if theme in THEMES else "auto",
        flash=said(request),
    )


def said(request: Request) -> tuple[str, str] | None:
    """Kind (``good``, ``bad``) and text of the flash cookie."""
    kind, colon, text = unquote(request.cookies.get(FLASH, "")).partition(":")
    return (kind, text[:500]) if colon and kind in ("good", "bad") else None


def find_session(request: Request, context: Context) -> Session | None:
    """Whose session the cookie is of."""
    secret = request.cookies.get(SESSION, "")
    return context.platform.sessions.find(secret) if secret else None
