"""``xiutu accounts``: who owns applications, and on which plan."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from xiutu.cli import wallet
from xiutu.cli._platform import actor, opened, print_fields, print_json, print_rows, recorded
from xiutu.gateway.api.views.money import BalanceView
from xiutu.platform.models import Account, AccountKind, Plan

if TYPE_CHECKING:
    from xiutu.platform.facade import Platform

__all__ = ["app"]

app = typer.Typer(
    help="Accounts: each owns applications; its plan decides about quota and bill.",
    no_args_is_help=True,
)
wallet.add_to(app)
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
    details = {"kind": kind.value, "plan": plan.value}
    with (
        opened() as platform,
        recorded(platform, "account.create", account=name.strip(), **details),
    ):
        account = platform.accounts.create(name, kind, plan)
    _print(_fields(account), as_json)


@app.command("update")
def update_account(
    name: Name,
    kind: Annotated[AccountKind | None, typer.Option(help="Verified as.")] = None,
    plan: Annotated[Plan | None, typer.Option(help="unlimited or metered.")] = None,
    as_json: Json = False,
) -> None:
    """Verify an account, or change its plan; counts from the next call on.

    What a kind has more of free quota is granted once.
    """
    details = {
        key: value.value for key, value in (("kind", kind), ("plan", plan)) if value is not None
    }
    if not details:
        raise typer.BadParameter("nothing to change was given")
    with opened() as platform, recorded(platform, "account.change", account=name, **details):
        if kind is not None:
            platform.billing.grants.verify(name, kind, actor=actor())
        if plan is not None:
            platform.accounts.change_plan(name, plan)
        account = platform.accounts.get(name)
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
    """One account: its plan, its applications, how often they called, its balance."""
    with opened() as platform:
        account = platform.accounts.get(name)
        fields = _fields(account) | _activity(platform, account)
        balance = BalanceView.model_validate(platform.billing.wallets.balance(name))
        fields["balance"] = balance.model_dump(mode="json")
    if not as_json:
        fields["apps"] = ", ".join(fields["apps"]) or "none"
        fields["balance"] = f"{balance.shown} {balance.currency}"  # vouchers count
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
