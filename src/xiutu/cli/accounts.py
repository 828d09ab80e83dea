"""``xiutu accounts``: who owns applications, and on which plan."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from xiutu.cli._platform import opened, print_fields, print_json, print_rows
from xiutu.platform.models import Account, AccountKind, Plan

if TYPE_CHECKING:
    from xiutu.platform.facade import Platform

__all__ = ["app"]

app = typer.Typer(
    help="Accounts: each owns applications; its plan decides about quota and bill.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="Name of the account.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Kind = Annotated[
    AccountKind, typer.Option(help="Verification: decides the size of the free quota.")
]
PlanOption = Annotated[
    Plan,
    typer.Option(help="unlimited: no quota, rate limit or bill. metered: as the vendor counts."),
]


@app.command("create")
def create_account(
    name: Name,
    kind: Kind = AccountKind.ENTERPRISE,
    plan: PlanOption = Plan.UNLIMITED,
    as_json: Json = False,
) -> None:
    """Make an account. Applications are made for it with `xiutu apps create --account NAME`."""
    with opened() as platform:
        account = platform.accounts.create(name, kind, plan)
    _print(_fields(account), as_json)


@app.command("list")
def list_accounts(as_json: Json = False) -> None:
    """Every account."""
    with opened() as platform:
        accounts = platform.accounts.all()
    if as_json:
        print_json([_fields(account) for account in accounts])
        return
    print_rows(
        ("NAME", "KIND", "PLAN", "CREATED"),
        [(a.name, a.kind, a.plan, f"{a.created_at:%Y-%m-%d}") for a in accounts],
    )


@app.command("show")
def show_account(name: Name, as_json: Json = False) -> None:
    """One account: its plan, its applications, and how often they called."""
    with opened() as platform:
        account = platform.accounts.get(name)
        fields = _fields(account) | _activity(platform, account)
    if not as_json:
        fields["apps"] = ", ".join(fields["apps"]) or "none"
    _print(fields, as_json)


def _fields(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "kind": account.kind.value,
        "plan": account.plan.value,
        "created_at": account.created_at.isoformat(timespec="seconds"),
    }


def _activity(platform: "Platform", account: Account) -> dict[str, Any]:
    counts = platform.ledger.counts(account=account.name)
    return {
        "apps": [app.name for app in platform.apps.all(account.name)],
        "calls_succeeded": sum(count.succeeded for count in counts),
        "calls_failed": sum(count.failed for count in counts),
    }


def _print(fields: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(fields)
    else:
        print_fields(fields)
