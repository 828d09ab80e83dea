"""Try it: operators by picture, and one operator with its form, a photo and the result."""

import json

from starlette.responses import RedirectResponse, Response

from xiutu import contract
from xiutu.contract import Operator
from xiutu.web.fields import fields
from xiutu.web.operators import cards
from xiutu.web.page import page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]


def gallery(visit: Visit) -> Response:
    """Every operator with what it does to a picture."""
    found = cards(visit)
    groups = {
        visit.t("Effects"): [c for c in found if c.group == "effects"],
        visit.t("Enhancement"): [c for c in found if c.group == "enhancement"],
        visit.t("History"): [c for c in found if c.group == "historical"],
    }
    return visit.show("try.html", groups=groups)


def operator(visit: Visit) -> Response:
    """The studio of one operator."""
    name = visit.path("operator")
    if name not in contract.operator_ids():
        raise NotHere
    found = cards(visit)
    card = next(card for card in found if card.id == name)
    if not card.served:
        return RedirectResponse("/console/try", 303)
    apps = [
        app
        for app in visit.platform.apps.all(visit.account_name)
        if app.active and (app.operators is None or name in app.operators)
    ]
    row = contract.operator(name)
    return visit.show(
        "studio.html",
        card=card,
        cards=[c for c in found if c.served],
        fields=fields(visit, name),
        apps=apps,
        row=row,
        limits=_limits(row),
        errors=json.dumps(_explained(visit)),
        address=str(visit.request.base_url).rstrip("/"),
    )


def _limits(row: Operator) -> dict[str, object]:
    """What the page checks before anything is sent."""
    limits = row.image_limits["image"]
    return {
        "base64": limits.max_base64_bytes_recommended,
        "short": limits.min_short_side_px,
        "long": limits.max_long_side_px,
        "ratio": limits.max_ratio,
        "pixels": limits.max_pixel_product,
        "formats": sorted(limits.file_formats),
        "pdf": "pdf_file" in row.image_limits,
    }


def _explained(visit: Visit) -> dict[int, str]:
    """What to do about the errors that a call of the console can meet."""
    advice = {
        4: "The server is busy. Try again in a moment.",
        2: "The server is in maintenance, or its workers are restarting.",
        6: "The app may not call this interface: tick it on the page of the app, or ask with a ticket.",
        17: "The free quota is used up: buy a pack or switch on pay-as-you-go under Resources.",
        18: "Too many calls in one second. Wait a moment.",
        19: "The limit that the administrator set for this account is reached.",
        216101: "Something is missing: a picture, or a style.",
        216100: "One of the values is outside its range.",
        216201: "This picture format is not taken here.",
        216202: "The picture is too large or too small for this interface.",
        282000: "The work took too long or failed inside. The log of the server says why.",
        282003: "A value is missing. Perhaps a box must be drawn on the picture.",
        282100: "The picture file is damaged.",
        282102: "Nothing of what this interface works on was found in the picture.",
        216401: "Model weights are missing: run xiutu models pull.",
    }
    return {code: visit.t(text) for code, text in advice.items()}


ROUTES = [page("/try", gallery), page("/try/{operator}", operator)]
