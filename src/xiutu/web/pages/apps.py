"""Apps of the account: keys, ticked interfaces, usage; and only of this account."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from xiutu.contract.services import tickable_ids
from xiutu.errors import XiutuError
from xiutu.platform.management.actions import Note
from xiutu.platform.models import App
from xiutu.web.operators import cards, names
from xiutu.web.page import page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES", "own_app"]


def own_app(visit: Visit) -> App:
    """The app of the address, if it is one of the account. Raises ``NotHere``."""
    app = visit.platform.apps.get(visit.path("app_id"))
    if app.account.name != visit.account_name:
        raise NotHere
    return app


def listed(visit: Visit) -> Response:
    """All apps with their keys' beginnings and what they were used for lately."""
    account = visit.account_name
    since = visit.now - timedelta(days=30)
    calls: dict[str, int] = {}
    for row in visit.platform.ledger.counts(account=account, since=since):
        calls[row.app_id] = calls.get(row.app_id, 0) + row.succeeded + row.failed
    return visit.show("apps.html", apps=visit.platform.apps.all(account), calls=calls)


def new(visit: Visit) -> Response:
    return _form(visit, 200, "", "", None, "")


def create(visit: Visit) -> Response:
    """Straight to the keys."""
    form = visit.form
    name, description, ticked = form.text("name"), form.text("description"), _ticked(visit)
    actions = visit.platform.actions
    try:
        with actions.recording(visit.user.actor, "app.create", account=visit.account_name) as note:
            made = visit.platform.apps.create(
                name, account=visit.account_name, operators=ticked, description=description
            )
            note.target = made.app.app_id
    except XiutuError as error:
        return _form(visit, 400, name, description, ticked, visit.sorry(error))
    return visit.go(f"/apps/{made.app.app_id}", visit.t("The app is made. Here are its keys."))


def show(visit: Visit) -> Response:
    """Keys, ticked interfaces, usage of the last 30 days by interface."""
    app = own_app(visit)
    since = visit.now - timedelta(days=30)
    rows = visit.platform.ledger.counts(app_id=app.app_id, since=since)
    return visit.show(
        "app.html",
        app=app,
        keys=visit.platform.apps.keys(app.app_id),
        rows=sorted(rows, key=lambda row: -row.succeeded - row.failed),
        ticked=app.operators,
        **_tickable(visit),
    )


def update(visit: Visit) -> Response:
    app = own_app(visit)
    form = visit.form
    with _recorded(visit, "app.update", app):
        visit.platform.apps.update(
            app.app_id,
            name=form.text("name"),
            description=form.text("description"),
            operators=_ticked(visit),
        )
    return visit.go(f"/apps/{app.app_id}", visit.t("Saved. It counts from the next call on."))


def rotate(visit: Visit) -> Response:
    app = own_app(visit)
    with _recorded(visit, "app.rotate", app):
        visit.platform.apps.rotate(app.app_id)
    said = visit.t("There is a new Secret Key. The old one and its tokens no longer work.")
    return visit.go(f"/apps/{app.app_id}", said)


def enable(visit: Visit) -> Response:
    app = own_app(visit)
    on = visit.form.text("enabled") == "true"
    with _recorded(visit, "app.enable" if on else "app.disable", app):
        visit.platform.apps.update(app.app_id, enabled=on)
    said = visit.t("The app may call again.") if on else visit.t("The app is switched off.")
    return visit.go(f"/apps/{app.app_id}", said)


def delete(visit: Visit) -> Response:
    app = own_app(visit)
    with _recorded(visit, "app.delete", app):
        visit.platform.apps.delete(app.app_id)
    return visit.go("/apps", visit.t("The app {name} is deleted.", name=app.name))


def _recorded(visit: Visit, action: str, app: App) -> AbstractContextManager[Note]:
    return visit.platform.actions.recording(
        visit.user.actor, action, account=app.account.name, target=app.app_id
    )


def _ticked(visit: Visit) -> frozenset[str] | None:
    if visit.form.text("all") == "true":
        return None
    return frozenset(visit.form.every("operator"))


def _tickable(visit: Visit) -> dict[str, Any]:
    statuses = {card.id: card.status for card in cards(visit)}
    return {"tickable": tickable_ids(), "statuses": statuses, "names": names(visit)}


def _form(
    visit: Visit,
    status: int,
    name: str,
    description: str,
    ticked: frozenset[str] | None,
    problem: str,
) -> Response:
    values: dict[str, Any] = {
        "name": name,
        "description": description,
        "ticked": ticked,
        "problem": problem,
    }
    return visit.show("app_new.html", status, **values, **_tickable(visit))


ROUTES = [
    page("/apps", listed),
    page("/apps/new", new, post=create),
    page("/apps/{app_id}", show, post=update),
    page("/apps/{app_id}/rotate", rotate, only_post=True),
    page("/apps/{app_id}/enable", enable, only_post=True),
    page("/apps/{app_id}/delete", delete, only_post=True),
]
