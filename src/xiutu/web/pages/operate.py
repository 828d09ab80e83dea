"""Operate: what an administrator sees of the running server."""

import platform as machine
import time
from collections.abc import Mapping

from pydantic import SecretStr
from starlette.responses import Response

from xiutu.models import catalogue
from xiutu.models.store import store_root
from xiutu.platform.management.models import TicketState
from xiutu.settings import Settings
from xiutu.web.page import Access, page
from xiutu.web.visit import Visit

__all__ = ["ADMIN_ONLY", "ROUTES"]

ADMIN_ONLY = Access(admin=True)
_SECRETS = ("database_url", "notify_url", "redis_url", "blobs_url", "admin_password")
_PAGE = 50


def live(visit: Visit) -> Response:
    """Health, queue, workers and their memory; the page asks again by itself."""
    context = visit.context
    stats = context.executor.stats()
    now = time.monotonic()
    waiting = visit.platform.tickets.all(state=TicketState.OPEN)
    return visit.show(
        "operate.html",
        checks={
            visit.t("Database"): _answers(visit),
            visit.t("Workers"): stats.alive > 0,
            visit.t("In service"): not context.settings.maintenance,
        },
        stats=stats,
        workers=[
            (worker, None if worker.busy_since is None else now - worker.busy_since)
            for worker in stats.workers
        ],
        limit=context.settings.queue_length,
        bodies=context.bodies,
        waiting=waiting,
        settings=context.settings,
        machine=f"{machine.system()} {machine.machine()}, Python {machine.python_version()}",
    )


def _answers(visit: Visit) -> bool:
    try:
        visit.platform.ping()
    except Exception:  # whatever the driver raises: the database cannot be used
        return False
    return True


def models(visit: Visit) -> Response:
    """Networks with their licences. Presence by name and size: hashing them all takes too long."""
    root = store_root()
    rows = []
    for weight in catalogue.load().values():
        path = root / weight.file
        there = path.is_file() and path.stat().st_size == weight.size
        rows.append((weight, there))
    return visit.show(
        "operate_models.html", rows=rows, own=catalogue.own_nets().values(), root=str(root)
    )


def settings(visit: Visit) -> Response:
    """Every setting with its value in force; secrets are only said to be set."""
    return visit.show("operate_settings.html", rows=_settings(visit.context.settings))


def _settings(used: Settings) -> list[tuple[str, str, bool, str]]:
    rows = []
    for name, field in type(used).model_fields.items():
        value = getattr(used, name)
        secret = isinstance(value, SecretStr) or (name in _SECRETS and value is not None)
        text = "" if value is None else _text(value)
        shown = "••••••" if secret else text
        rows.append((name.upper(), shown, name in used.model_fields_set, field.description or ""))
    return rows


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)


def audit(visit: Visit) -> Response:
    """The record of administrative actions, newest first."""
    before = visit.query.text("before")
    number = int(before) if before.isdigit() and len(before) < 16 else None
    rows = visit.platform.actions.list(before_id=number, limit=_PAGE)
    older = rows[-1].id if len(rows) == _PAGE else None
    return visit.show("operate_audit.html", rows=rows, older=older)


def tickets(visit: Visit) -> Response:
    """Everybody's, those that wait for an answer first."""
    rows = sorted(visit.platform.tickets.all(), key=lambda t: t.state is not TicketState.OPEN)
    return visit.show("operate_tickets.html", tickets=rows)


def ticket(visit: Visit) -> Response:
    found = visit.platform.tickets.get(visit.number("ticket"))
    return visit.show("ticket.html", ticket=found, action=f"/console/operate/tickets/{found.id}")


def answer(visit: Visit) -> Response:
    """The administrator's answer, or the end of it."""
    number = visit.number("ticket")
    if visit.form.text("close"):
        visit.platform.tickets.close(number)
        return visit.go("/operate/tickets", visit.t("The ticket is closed."))
    visit.platform.tickets.reply(
        number, visit.form.text("text"), author=visit.user.name, from_admin=True
    )
    return visit.go("/operate/tickets", visit.t("Sent."))


ROUTES = [
    page("/operate", live, access=ADMIN_ONLY),
    page("/operate/models", models, access=ADMIN_ONLY),
    page("/operate/settings", settings, access=ADMIN_ONLY),
    page("/operate/audit", audit, access=ADMIN_ONLY),
    page("/operate/tickets", tickets, access=ADMIN_ONLY),
    page("/operate/tickets/{ticket}", ticket, post=answer, access=ADMIN_ONLY),
]
