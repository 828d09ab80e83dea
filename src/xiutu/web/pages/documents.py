"""Docs inside: interfaces, error codes, quick start, SDKs, credits of pictures."""

import json
import re
from functools import cache
from typing import Any

from starlette.responses import RedirectResponse, Response

from xiutu import contract
from xiutu.contract._yaml import read
from xiutu.web.assets import FOLDER
from xiutu.web.content import explained, sdks
from xiutu.web.fields import fields
from xiutu.web.operators import cards, names
from xiutu.web.page import page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]


def interfaces(visit: Visit) -> Response:
    """Every interface with its one-line ability."""
    rows = contract.operators()
    return visit.show(
        "docs.html", cards=cards(visit), paths={row.id: row.path for row in rows.values()}
    )


def interface(visit: Visit) -> Response:
    """One interface: address, parameters, limits, answer."""
    name = visit.path("operator")
    if name not in contract.operator_ids():
        raise NotHere
    row = contract.operator(name)
    card = next(card for card in cards(visit) if card.id == name)
    return visit.show(
        "docs_interface.html",
        card=card,
        row=row,
        fields=fields(visit, name),
        address=_address(visit),
        methods=_methods(name),
        sdk_names={key: value["name"] for key, value in sdks().items()},
    )


def errors(visit: Visit) -> Response:
    """Every code with its literal message, when it comes and what to do."""
    rows = [explained(code, visit.language) for code in contract.error_codes()]
    return visit.show("docs_errors.html", rows=rows, local=contract.sdk_local_codes())


def quickstart(visit: Visit) -> Response:
    """From an app to the first picture: console, Postman, curl, Python."""
    return visit.show(
        "docs_quickstart.html",
        address=_address(visit),
        apps=visit.platform.apps.all(visit.account_name),
    )


def sdk(visit: Visit) -> Response:
    """One language: install, client, settings, methods, change log."""
    language = visit.path("language")
    if language not in sdks():
        raise NotHere
    return visit.show(
        "docs_sdk.html",
        language=language,
        sdk=sdks()[language],
        sdks=sdks(),
        methods={name: _methods(name).get(language, []) for name in contract.operator_ids()},
        names=names(visit),
    )


def first_sdk(_: Visit) -> Response:
    return RedirectResponse("/console/docs/sdk/python", 303)


def credits(visit: Visit) -> Response:  # noqa: A001 - the page is called so
    """Who made the pictures of the console."""
    told = json.loads((FOLDER / "pictures/credits.json").read_text("utf-8"))
    rows = [(card, *_credit(told[card.id])) for card in cards(visit) if card.id in told]
    return visit.show("docs_credits.html", rows=rows)


def _credit(markdown: str) -> tuple[str, str]:
    """Text and, where it names one, address: ``[title](address), Pexels``."""
    found = re.fullmatch(r"\[(.+?)\]\((\S+)\)(.*)", markdown)
    return (found[1] + found[3], found[2]) if found else (markdown, "")


def _address(visit: Visit) -> str:
    return str(visit.request.base_url).rstrip("/")


def _methods(operator: str) -> dict[str, list[str]]:
    return _documented()[operator]


@cache
def _documented() -> dict[str, dict[str, list[str]]]:
    """Methods of each SDK by operator, as the documents show them."""
    rows: list[dict[str, Any]] = read("operators.yaml")["operators"]
    return {
        row["id"]: {
            key: list(value)
            for key, value in row["sdk_documented"].items()
            if isinstance(value, list)
        }
        for row in rows
    }


ROUTES = [
    page("/docs", interfaces),
    page("/docs/interfaces/{operator}", interface),
    page("/docs/errors", errors),
    page("/docs/quickstart", quickstart),
    page("/docs/sdk", first_sdk),
    page("/docs/sdk/{language}", sdk),
    page("/docs/credits", credits),
]
