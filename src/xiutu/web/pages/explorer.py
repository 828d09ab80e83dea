"""API explorer and sample code: build a request, send it, read the answer; and the signature checker."""

from datetime import UTC, datetime
from secrets import compare_digest
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from xiutu.errors import InvalidParameter, XiutuError
from xiutu.gateway.context import Context
from xiutu.gateway.reading import announced_length, read_body
from xiutu.platform.models import App, Credentials
from xiutu.platform.tokens import TokenRefused
from xiutu.web.explorer.building import auth_of, built, own_app
from xiutu.web.explorer.errors import explanation
from xiutu.web.explorer.interfaces import Interface, find, offered
from xiutu.web.explorer.signing import proof
from xiutu.web.operators import cards
from xiutu.web.page import find_session, page, visit_of
from xiutu.web.samples import DIRECT, program, sdk_languages
from xiutu.web.security import harden, same_origin
from xiutu.web.signatures import Unreadable, explain, read
from xiutu.web.signatures.keys import Keyring, Pair
from xiutu.web.visit import Form, NotHere, Visit

__all__ = ["ROUTES"]

_LARGEST = 24 * 1024 * 1024
"""Bytes of body that can be signed here; the interface itself takes less."""
_LONGEST_PASTE = 200_000
_LONGEST_CANONICAL = 10_000  # comparing takes the square of the lines


def first(visit: Visit) -> Response:
    """The first interface an app may call."""
    return RedirectResponse(f"/console/explorer/{offered(visit)[0][0]}", 303)


def interface(visit: Visit) -> Response:
    """One interface: its form, code, request and answer."""
    found = _interface(visit)
    shown = {card.id: card for card in cards(visit)}
    samples = {card.id: card.sample for card in shown.values()}
    form = [("v-" + i.name, i.value) for i in found.inputs if i.kind != "file"]
    form += [
        ("f-" + i.name, _file_name(i.name)) for i in found.inputs if i.kind == "file" and i.value
    ]
    form.append(("service", found.services[0] if found.services else "name"))
    request = built(visit, found, Form(form))
    chosen = visit.query.text("app")
    return visit.show(
        "explorer.html",
        interface=found,
        offered=offered(visit),
        apps=_apps(visit, found),
        chosen=chosen,
        regions=visit.context.settings.tencent_regions if found.tencent else (),
        tongues=DIRECT.values(),
        standing=shown[found.id].status if found.id in shown else "active",
        program=program("curl", request),
        sample=samples.get(found.id) or samples.get("dehaze", ""),
        address=request.address,
        file_names={i.name: _file_name(i.name) for i in found.inputs if i.kind == "file"},
        words=_words(visit),
    )


def code(visit: Visit) -> Response:
    """The program for what is filled in: JSON for the page."""
    found = _interface(visit)
    form = visit.form
    try:
        request = built(visit, found, form)
        languages = sdk_languages(request)
        language, sdk = form.text("language") or "curl", bool(form.text("sdk"))
        if sdk and language not in languages:
            language = languages[0] if languages else language
            sdk = bool(languages)
        if language not in DIRECT:
            raise NotHere
        made = program(language, request, sdk=sdk)
    except InvalidParameter as error:
        return JSONResponse({"problem": visit.sorry(error)}, 400)
    values = {
        "code": made.code,
        "language": language,
        "sdk": sdk,
        "sdk_languages": languages,
        "file": made.language.file,
        "run": made.language.run,
        "needs": made.language.needs,
    }
    return JSONResponse(values)


def error(visit: Visit) -> Response:
    """Cause and remedy of a code: JSON for the page."""
    told = explanation(visit, visit.path("code"))
    return JSONResponse(told or {}, 200 if told else 404)


async def sign(request: Request) -> Response:
    """Token or signature for the body that comes with it. The page may hold megabytes: no form."""
    context: Context = request.app.state.context
    visit = visit_of(request, context)
    visit.session = await run_sync(find_session, request, context)
    if visit.session is None or not same_origin(request):
        return harden(JSONResponse({"problem": visit.t("Please sign in again.")}, 401))
    token = request.headers.get("x-form-token", "")
    if not compare_digest(token.encode(), visit.session.form_token.encode()):
        return harden(JSONResponse({"problem": visit.t("Please reload the page.")}, 403))
    try:
        with context.bodies.hold(min(announced_length(request) or 0, _LARGEST)) as held:
            body = await read_body(request, _LARGEST, context.settings.body_timeout_s, held)
        made = await run_sync(_proof, visit, body)
    except NotHere:
        return harden(JSONResponse({"problem": visit.t("No such interface or app.")}, 404))
    except XiutuError as failure:
        return harden(JSONResponse({"problem": visit.sorry(failure)}, 400))
    return harden(JSONResponse(made))


def _proof(visit: Visit, body: bytes) -> Any:
    found, query = _interface(visit), visit.query
    app = own_app(visit, query.text("app"))
    if app is None:
        raise NotHere
    sent = {"input_type": "url"} if query.text("input_type") == "url" else {}
    path = found.path
    if found.services or found.id == "classification":
        path += query.text("service")
    keys: Credentials = visit.platform.apps.keys(app.app_id)
    try:
        return proof(
            visit.platform,
            keys,
            auth_of(found, query.text("auth")),
            host=visit.request.headers.get("host", ""),
            path=path,
            query=sent,
            region=query.text("region"),
            body=body,
            now=datetime.now(UTC),
        )
    except TokenRefused as refused:
        raise InvalidParameter(refused.detail) from refused


def checker(visit: Visit) -> Response:
    """An empty form."""
    return _checked(visit, "", "", "")


def check(visit: Visit) -> Response:
    """What is wrong with the request pasted."""
    form = visit.form
    return _checked(visit, form.text("request"), form.text("theirs"), form.text("body_hash"))


def _checked(visit: Visit, text: str, theirs: str, body_hash: str) -> Response:
    verdict, problem = None, ""
    if text:
        try:
            if len(text) > _LONGEST_PASTE or len(theirs) > _LONGEST_CANONICAL:
                raise Unreadable("That is more than 200,000 characters: leave out the body.")
            keys = _keyring(visit)
            verdict = explain(
                read(text), keys, datetime.now(UTC), theirs=theirs, body_hash=body_hash
            )
        except Unreadable as unreadable:
            problem = visit.t(str(unreadable))
    return visit.show(
        "signature.html",
        400 if problem else 200,
        text=text,
        theirs=theirs,
        body_hash=body_hash,
        verdict=verdict,
        problem=problem,
        offered=offered(visit),
    )


def _keyring(visit: Visit) -> Keyring:
    """Pairs of this account: nothing is computed with anybody else's secret."""
    apps = visit.platform.apps
    pairs = []
    for app in apps.all(visit.account_name):
        keys = apps.keys(app.app_id)
        pairs.append(Pair(app.name, keys.api_key, keys.secret_key, app.active))
    return Keyring(tuple(pairs))


def _interface(visit: Visit) -> Interface:
    found = find(visit, visit.path("interface"))
    if found is None:
        raise NotHere
    return found


def _apps(visit: Visit, found: Interface) -> list[App]:
    """All that live: calls of one that lacks the interface show error 6."""
    apps = [app for app in visit.platform.apps.all(visit.account_name) if app.active]
    return sorted(
        apps, key=lambda app: not (app.operators is None or found.service in app.operators)
    )


def _file_name(name: str) -> str:
    return {"pdf_file": "paper.pdf", "style": "style.jpg", "Mask": "mask.png"}.get(
        name, "photo.jpg"
    )


def _words(visit: Visit) -> dict[str, str]:
    words = {
        "working": "Sending…",
        "took": "HTTP {status} after {ms} ms, {size}",
        "characters": "{n} characters",
        "network": "The server cannot be reached.",
        "nofile": "Choose a file for {name} first.",
        "retry": "The same request may succeed later.",
        "success": "The call succeeded.",
        "unknown": "No document knows this code.",
        "copied": "Copied",
    }
    return {key: visit.t(text) for key, text in words.items()}


ROUTES = [
    page("/explorer", first),
    page("/explorer/signature", checker, post=check),
    page("/explorer/errors/{code}", error),
    page("/explorer/{interface}", interface),
    page("/explorer/{interface}/code", code, only_post=True),
    Route("/explorer/{interface}/sign", sign, methods=["POST"]),
]
