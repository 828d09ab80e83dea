"""Balance, top-up, withdrawal, vouchers, the money ledger, the forecast (R-007, R-189)."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from xiutu.gateway.api.access import Admin, Managed, Own, PlatformOf
from xiutu.gateway.api.csv import csv_answer
from xiutu.gateway.api.inputs import Amount, Input, Moment, Name, Note
from xiutu.gateway.api.paging import Paging, cut, newest
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.money import BalanceView, ForecastView, MovementView, VoucherView
from xiutu.platform.exports import movements_csv

router = APIRouter(prefix="/accounts/{account}", tags=["wallet"])
Since = Annotated[Moment | None, Query(description="At this moment or later.")]
Until = Annotated[Moment | None, Query(description="Before this moment.")]


class TopUp(Input):
    """`reference` is the payment's number: the same top-up given twice is made once."""

    amount: Amount
    reference: Name | None = None
    note: Note = ""


class Withdrawal(Input):
    """Unused cash that is paid out."""

    amount: Amount
    note: Note = ""


class NewVoucher(Input):
    """Counts as balance until it lapses."""

    amount: Amount
    expires_at: Moment | None = None
    note: Note = Field("")


@router.get("/wallet")
def show_wallet(account: Own, platform: PlatformOf) -> BalanceView:
    """What the account has."""
    return BalanceView.model_validate(platform.billing.wallets.balance(account.name))


@router.get("/wallet/forecast")
def show_forecast(account: Own, platform: PlatformOf) -> ForecastView:
    """How long the balance will last, from the bills of the last seven days."""
    return ForecastView.model_validate(platform.billing.reminders.forecast(account.name))


@router.get("/wallet/movements")
def list_movements(
    account: Own, platform: PlatformOf, paging: Paging, since: Since = None, until: Until = None
) -> Page[MovementView]:
    """The money ledger, newest first."""
    return newest(
        lambda before_id, limit: platform.billing.wallets.movements(
            account.name, since=since, until=until, before_id=before_id, limit=limit
        ),
        paging,
        lambda row: row.id,
        MovementView,
    )


@router.get("/wallet/movements.csv", response_class=Response)
def export_movements(
    account: Own, platform: PlatformOf, since: Since = None, until: Until = None
) -> Response:
    """The money ledger as CSV, newest first."""
    rows = platform.billing.wallets.every_movement(account.name, since=since, until=until)
    lines = movements_csv(account.name, rows, platform.billing.book.currency)
    return csv_answer("movements", lines)


@router.post("/wallet/topups", status_code=201)
def top_up(body: TopUp, account: Managed, caller: Admin, platform: PlatformOf) -> BalanceView:
    """Add cash; ends arrears once the balance is not below zero."""
    with platform.actions.recording(
        caller.actor,
        "wallet.topup",
        account=account.name,
        target=body.reference or "",
        amount=str(body.amount),
        note=body.note,
    ):
        balance = platform.billing.wallets.topup(
            account.name,
            body.amount,
            reference=body.reference,
            actor=caller.actor,
            note=body.note,
        )
    return BalanceView.model_validate(balance)


@router.post("/wallet/withdrawals", status_code=201)
def withdraw(
    body: Withdrawal, account: Managed, caller: Admin, platform: PlatformOf
) -> BalanceView:
    """Pay unused cash out."""
    with platform.actions.recording(
        caller.actor,
        "wallet.withdraw",
        account=account.name,
        amount=str(body.amount),
        note=body.note,
    ):
        balance = platform.billing.wallets.withdraw(
            account.name, body.amount, actor=caller.actor, note=body.note
        )
    return BalanceView.model_validate(balance)


@router.get("/vouchers")
def list_vouchers(account: Own, platform: PlatformOf, paging: Paging) -> Page[VoucherView]:
    """Spent and lapsed ones too, oldest first."""
    found = platform.billing.wallets.vouchers(account.name)
    return cut(found, paging, lambda voucher: voucher.id, VoucherView)


@router.post("/vouchers", status_code=201)
def issue_voucher(
    body: NewVoucher, account: Managed, caller: Admin, platform: PlatformOf
) -> VoucherView:
    """Give a voucher."""
    with platform.actions.recording(
        caller.actor,
        "voucher.issue",
        account=account.name,
        amount=str(body.amount),
        note=body.note,
    ) as note:
        voucher = platform.billing.wallets.issue_voucher(
            account.name,
            body.amount,
            expires_at=body.expires_at,
            actor=caller.actor,
            note=body.note,
        )
        note.target = str(voucher.id)
    return VoucherView.model_validate(voucher)
