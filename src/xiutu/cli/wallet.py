"""``xiutu accounts topup`` and the other commands about an account's money."""

from typing import Annotated

import typer

from xiutu.cli._csv import write_csv
from xiutu.cli._options import AccountName, CsvFile, Json, Note, Since, Until, moment
from xiutu.cli._platform import actor, opened, print_view, print_views, recorded
from xiutu.gateway.api.views.money import BalanceView, ForecastView, MovementView, VoucherView
from xiutu.platform.exports import movements_csv

__all__ = ["add_to"]

Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 100 or 12.50.")]


def add_to(app: typer.Typer) -> None:
    """Money commands are part of the group ``accounts``."""
    for name, command in (
        ("topup", topup),
        ("withdraw", withdraw),
        ("balance", balance),
        ("movements", movements),
        ("voucher", voucher),
        ("vouchers", vouchers),
        ("forecast", forecast),
    ):
        app.command(name)(command)


def topup(
    account: AccountName,
    amount: Amount,
    reference: Annotated[
        str | None, typer.Option(help="The payment's number: given twice, it counts once.")
    ] = None,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Add cash to the balance; ends arrears once it is not below zero."""
    details = {"amount": amount, "note": note}
    with opened() as platform:
        target = reference or ""
        with recorded(platform, "wallet.topup", account=account, target=target, **details):
            made = platform.billing.wallets.topup(
                account, amount, reference=reference, actor=actor(), note=note
            )
    print_view(BalanceView.model_validate(made), as_json)


def withdraw(account: AccountName, amount: Amount, note: Note = "", as_json: Json = False) -> None:
    """Pay unused cash out."""
    details = {"amount": amount, "note": note}
    with opened() as platform, recorded(platform, "wallet.withdraw", account=account, **details):
        made = platform.billing.wallets.withdraw(account, amount, actor=actor(), note=note)
    print_view(BalanceView.model_validate(made), as_json)


def balance(account: AccountName, as_json: Json = False) -> None:
    """Cash, vouchers, and what is spent but not billed yet."""
    with opened() as platform:
        found = platform.billing.wallets.balance(account)
    print_view(BalanceView.model_validate(found), as_json)


def movements(
    account: AccountName,
    *,
    since: Since = None,
    until: Until = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Rows at most; CSV has all.")
    ] = 100,
    csv: CsvFile = None,
    as_json: Json = False,
) -> None:
    """The money ledger, newest first."""
    with opened() as platform:
        wallets, begin, end = platform.billing.wallets, moment(since), moment(until)
        if csv is not None:
            rows = wallets.every_movement(account, since=begin, until=end)
            write_csv(csv, movements_csv(account, rows, platform.billing.book.currency))
            return
        found = wallets.movements(account, since=begin, until=end, limit=limit)
    columns = ("id", "at", "kind", "amount", "after", "subject", "reference", "actor", "note")
    print_views([MovementView.model_validate(row) for row in found], columns, as_json)


def voucher(
    account: AccountName,
    amount: Amount,
    expires: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="Moment or day it lapses; else never.")
    ] = None,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Give a voucher: counts as balance, is spent first, cannot be withdrawn."""
    details = {"amount": amount, "note": note}
    with (
        opened() as platform,
        recorded(platform, "voucher.issue", account=account, **details) as record,
    ):
        made = platform.billing.wallets.issue_voucher(
            account, amount, expires_at=moment(expires), actor=actor(), note=note
        )
        record.target = str(made.id)
    print_view(VoucherView.model_validate(made), as_json)


def vouchers(account: AccountName, as_json: Json = False) -> None:
    """Spent and lapsed ones too."""
    with opened() as platform:
        found = platform.billing.wallets.vouchers(account)
    columns = ("id", "amount", "left", "issued_at", "expires_at")
    print_views([VoucherView.model_validate(row) for row in found], columns, as_json)


def forecast(account: AccountName, as_json: Json = False) -> None:
    """How long the balance will last, from the bills of the last seven days."""
    with opened() as platform:
        found = platform.billing.reminders.forecast(account)
    print_view(ForecastView.model_validate(found), as_json)
