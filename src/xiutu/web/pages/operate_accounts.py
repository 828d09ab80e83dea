"""Operate: accounts, who may sign in for them, quota and invitations by hand."""

from typing import Any

from starlette.responses import Response

from xiutu import contract
from xiutu.errors import InvalidParameter
from xiutu.platform.console import passwords
from xiutu.platform.console.models import User
from xiutu.platform.models import Account, AccountKind, Plan
from xiutu.web.operators import names
from xiutu.web.page import page
from xiutu.web.pages.operate import ADMIN_ONLY
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]


def listed(visit: Visit) -> Response:
    """Accounts with plan, apps and people."""
    platform = visit.platform
    apps: dict[str, int] = {}
    for app in platform.apps.all():
        apps[app.account.name] = apps.get(app.account.name, 0) + 1
    return visit.show(
        "operate_accounts.html",
        accounts=platform.accounts.all(),
        apps=apps,
        users=platform.users.all(),
        kinds=list(AccountKind),
        plans=list(Plan),
    )


def create(visit: Visit) -> Response:
    form = visit.form
    kind, plan = _kind(form.text("kind")), _plan(form.text("plan"))
    with visit.platform.actions.recording(visit.user.actor, "account.create", kind=kind) as note:
        made = visit.platform.accounts.create(form.text("name"), kind, plan)
        if plan is Plan.METERED:
            visit.platform.billing.grants.verify(made.name, kind, actor=visit.user.actor)
        note.target = made.name
    return visit.go(f"/operate/accounts/{made.id}", visit.t("The account is made."))


def show(visit: Visit) -> Response:
    """One account: plan, verification, people, quota and limits of every interface."""
    account = _account(visit)
    return visit.show("operate_account.html", fresh=None, **_of(visit, account))


def change(visit: Visit) -> Response:
    """Plan and kind of verification."""
    account, form = _account(visit), visit.form
    kind, plan = _kind(form.text("kind")), _plan(form.text("plan"))
    with visit.platform.actions.recording(
        visit.user.actor, "account.change", account=account.name, kind=kind, plan=plan
    ):
        if plan is not account.plan:
            visit.platform.accounts.change_plan(account.name, plan)
        if kind is not account.kind:
            visit.platform.billing.grants.verify(account.name, kind, actor=visit.user.actor)
    return visit.go(f"/operate/accounts/{account.id}", visit.t("Saved."))


def quota(visit: Visit) -> Response:
    """Free calls, a lifetime limit, an invitation, or taking the free quota away."""
    account, form = _account(visit), visit.form
    operator, what = form.text("operator"), form.text("what")
    if operator not in contract.operator_ids():
        raise InvalidParameter("which interface?")
    grants, actor = visit.platform.billing.grants, visit.user.actor
    with visit.platform.actions.recording(
        actor, f"quota.{what}"[:64], account=account.name, target=operator, calls=form.text("calls")
    ):
        if what == "give":
            grants.give(account.name, operator, _whole(form.text("calls")), actor=actor)
        elif what == "cap":
            text = form.text("calls")
            grants.set_cap(account.name, operator, _whole(text) if text else None)
        elif what in ("invite", "uninvite"):
            grants.invite(account.name, operator, what == "invite")
        elif what == "withdraw":
            grants.withdraw(account.name, operator)
        elif what == "restore":
            grants.restore(account.name, operator)
        else:
            raise InvalidParameter("what should be done?")
    return visit.go(f"/operate/accounts/{account.id}", visit.t("Saved."))


def add_user(visit: Visit) -> Response:
    """Somebody who may sign in for the account; the password is shown once."""
    account, fresh = _account(visit), passwords.fresh()
    with visit.platform.actions.recording(
        visit.user.actor, "user.create", account=account.name, target=visit.form.text("name")
    ):
        user = visit.platform.users.create(visit.form.text("name"), fresh, account=account.name)
    return visit.show("operate_account.html", fresh=(user.name, fresh), **_of(visit, account))


def add_admin(visit: Visit) -> Response:
    """A further administrator; the password is shown once."""
    fresh = passwords.fresh()
    name = visit.form.text("name")
    with visit.platform.actions.recording(visit.user.actor, "user.create_admin", target=name):
        user = visit.platform.users.create(name, fresh)
    return visit.show("operate_password.html", fresh=(user.name, fresh))


def reset(visit: Visit) -> Response:
    """A new password, shown once; the user is signed out everywhere."""
    user, fresh = _user(visit), passwords.fresh()
    with visit.platform.actions.recording(
        visit.user.actor, "user.reset", account=user.account, target=user.name
    ):
        visit.platform.users.set_password(user.id, fresh)
    return visit.show("operate_password.html", fresh=(user.name, fresh))


def enable(visit: Visit) -> Response:
    """Switch somebody off or on; nobody can switch off themselves."""
    user, on = _user(visit), visit.form.text("enabled") == "true"
    if user.id == visit.user.id:
        raise InvalidParameter(visit.t("nobody can switch off themselves"))
    with visit.platform.actions.recording(
        visit.user.actor, "user.enable" if on else "user.disable", account=user.account,
        target=user.name,
    ):  # fmt: skip
        visit.platform.users.enable(user.id, on)
    return visit.go("/operate/accounts", visit.t("Saved."))


def _of(visit: Visit, account: Account) -> dict[str, Any]:
    platform = visit.platform
    return {
        "account": account,
        "apps": platform.apps.all(account.name),
        "users": platform.users.all(account.name),
        "resources": platform.billing.grants.resources(account.name),
        "history": platform.billing.grants.history(account.name)[::-1][:50],
        "kinds": list(AccountKind),
        "plans": list(Plan),
        "names": names(visit),
        "statuses": {row.id: row.status for row in contract.operators().values()},
    }


def _account(visit: Visit) -> Account:
    number = visit.number("account")
    found = next((a for a in visit.platform.accounts.all() if a.id == number), None)
    if found is None:
        raise NotHere
    return found


def _user(visit: Visit) -> User:
    return visit.platform.users.get(visit.number("user"))


def _kind(text: str) -> AccountKind:
    try:
        return AccountKind(text)
    except ValueError as error:
        raise InvalidParameter(str(error)) from error


def _plan(text: str) -> Plan:
    try:
        return Plan(text)
    except ValueError as error:
        raise InvalidParameter(str(error)) from error


def _whole(text: str) -> int:
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()):
        raise InvalidParameter("a whole number is due")
    return int(text[:15])


ROUTES = [
    page("/operate/accounts", listed, post=create, access=ADMIN_ONLY),
    page("/operate/accounts/{account}", show, post=change, access=ADMIN_ONLY),
    page("/operate/accounts/{account}/quota", quota, only_post=True, access=ADMIN_ONLY),
    page("/operate/accounts/{account}/users", add_user, only_post=True, access=ADMIN_ONLY),
    page("/operate/administrators", add_admin, only_post=True, access=ADMIN_ONLY),
    page("/operate/users/{user}/password", reset, only_post=True, access=ADMIN_ONLY),
    page("/operate/users/{user}/enable", enable, only_post=True, access=ADMIN_ONLY),
]
