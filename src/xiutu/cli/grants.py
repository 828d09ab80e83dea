"""``xiutu grants``: free quota, lifetime limits, invitations."""

from enum import StrEnum
from typing import Annotated

import typer

from xiutu.cli._options import AccountName, Json, Note, Operator
from xiutu.cli._platform import actor, opened, print_views, recorded
from xiutu.gateway.api.views.quota import GrantView, ResourceView

__all__ = ["app"]

app = typer.Typer(
    help="What an account has at each operator: free quota, limits, invitations.",
    no_args_is_help=True,
)
At = Annotated[str | None, typer.Option("--operator", help="Of this operator only.")]
_COLUMNS = (
    "operator", "granted", "used", "free_left", "withdrawn", "switch", "paid", "qps", "cap",
    "invited",
)  # fmt: skip


class Invited(StrEnum):
    """``DEFAULT``: as the setting INVITATION_ONLY says."""

    YES = "yes"
    NO = "no"
    DEFAULT = "default"


@app.command("list")
def list_resources(account: AccountName, operator: At = None, as_json: Json = False) -> None:
    """The resource list: quota, switches and limits of every operator, packs and add-ons."""
    with opened() as platform:
        found = platform.billing.grants.resources(account)
    views = [ResourceView.model_validate(row) for row in found if operator in (None, row.operator)]
    print_views(views, _COLUMNS, as_json)


@app.command("history")
def history(account: AccountName, as_json: Json = False) -> None:
    """Every change of the free quota."""
    with opened() as platform:
        found = platform.billing.grants.history(account)
    columns = ("id", "at", "operator", "calls", "reason", "actor", "note")
    print_views([GrantView.model_validate(row) for row in found], columns, as_json)


@app.command("give", context_settings={"ignore_unknown_options": True})
def give(
    account: AccountName,
    operator: Operator,
    calls: Annotated[int, typer.Argument(help="More calls, or with a negative number fewer.")],
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Change the free quota of one operator."""
    details = {"calls": calls, "note": note}
    with (
        opened() as platform,
        recorded(platform, "grant.give", account=account, target=operator, **details),
    ):
        platform.billing.grants.give(account, operator, calls, actor=actor(), note=note)
    list_resources(account, operator, as_json)


@app.command("withdraw")
def withdraw(account: AccountName, operator: At = None, note: Note = "") -> None:
    """Take the free quota away: cheating, forbidden use."""
    with opened() as platform:
        target = operator or ""
        with recorded(platform, "grant.withdraw", account=account, target=target, note=note):
            platform.billing.grants.withdraw(account, operator)
    typer.echo(f"withdrawn: {operator or 'every operator'} of {account}")


@app.command("restore")
def restore(account: AccountName, operator: At = None, note: Note = "") -> None:
    """Give withdrawn free quota back."""
    with opened() as platform:
        target = operator or ""
        with recorded(platform, "grant.restore", account=account, target=target, note=note):
            platform.billing.grants.restore(account, operator)
    typer.echo(f"restored: {operator or 'every operator'} of {account}")


@app.command("cap")
def set_cap(
    account: AccountName,
    operator: Operator,
    cap: Annotated[str, typer.Argument(metavar="CALLS|none", help="Error 19 beyond it.")],
    as_json: Json = False,
) -> None:
    """Set or lift a lifetime limit of calls."""
    if cap != "none" and not (cap.isascii() and cap.isdigit()):
        raise typer.BadParameter("a number of calls, or none", param_hint="CALLS")
    limit = None if cap == "none" else int(cap)
    with (
        opened() as platform,
        recorded(platform, "cap.set", account=account, target=operator, cap=limit),
    ):
        platform.billing.grants.set_cap(account, operator, limit)
    list_resources(account, operator, as_json)


@app.command("invite")
def invite(
    account: AccountName,
    operator: Annotated[str, typer.Argument(metavar="OPERATOR", help="segment")],
    invited: Annotated[Invited, typer.Argument(help="default: as INVITATION_ONLY says.")],
    as_json: Json = False,
) -> None:
    """Open or close an operator at the invitation stage."""
    value = {Invited.YES: True, Invited.NO: False, Invited.DEFAULT: None}[invited]
    details = {"invited": value}
    with (
        opened() as platform,
        recorded(platform, "invitation.set", account=account, target=operator, **details),
    ):
        platform.billing.grants.invite(account, operator, value)
    list_resources(account, operator, as_json)
