"""Every page of the console, mounted at ``/console``."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from xiutu.web import calls, uploads
from xiutu.web.assets import asset
from xiutu.web.page import Access, page
from xiutu.web.pages import (
    apps,
    datasets,
    documents,
    explorer,
    models,
    money,
    operate,
    operate_accounts,
    overview,
    resources,
    services,
    session,
    tickets,
    trained,
    try_it,
    usage,
)
from xiutu.web.visit import NotHere, Visit

__all__ = ["HOME", "ROUTES", "home"]

HOME = "/console/"


async def home(_: Request) -> Response:
    """``/`` for browsers."""
    return RedirectResponse(HOME, 302)


def _missing(_: Visit) -> Response:
    raise NotHere


_PAGES: list[BaseRoute] = [
    Route("/static/{version}/{path:path}", asset),
    *session.ROUTES,
    *overview.ROUTES,
    *calls.ROUTES,
    *try_it.ROUTES,
    *explorer.ROUTES,
    *apps.ROUTES,
    *uploads.ROUTES,
    *models.ROUTES,
    *datasets.ROUTES,
    *trained.ROUTES,
    *services.ROUTES,
    *usage.ROUTES,
    *resources.ROUTES,
    *money.ROUTES,
    *tickets.ROUTES,
    *documents.ROUTES,
    *operate.ROUTES,
    *operate_accounts.ROUTES,
    page("/{path:path}", _missing, post=_missing, access=Access(signed_in=False)),
]

ROUTES: list[BaseRoute] = [
    Mount("/console", routes=_PAGES),
    Route("/console", home),
]
