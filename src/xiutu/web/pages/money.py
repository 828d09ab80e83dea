"""Finance centre of a metered account: balance, movements, vouchers, bills; money is put in and paid
out by administrators, because they are who sees it arrive."""

from datetime import UTC, date, datetime, time, timedelta

from starlette.responses import Response

from xiutu.errors import InvalidParameter
from xiutu.platform import exports
from xiutu.platform.billing.beijing import midnight
from xiutu.platform.billing.bills import Period
from xiutu.web.operators import names
from xiutu.web.page import Access, page
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]

_METERED = Access(metered=True)
_ADMIN = Access(metered=True, admin=True)
_PAGE = 50


def finance(visit: Visit) -> Response:
    """Balance, forecast, vouchers, the money ledger."""
    wallets, account = visit.platform.billing.wallets, visit.account_name
    before = visit.query.text("before")
    movements = wallets.movements(
        account,
        before_id=int(before) if before.isdigit() and len(before) < 16 else None,
        limit=_PAGE,
    )
    return visit.show(
        "money.html",
        balance=wallets.balance(account),
        forecast=visit.platform.billing.reminders.forecast(account),
        vouchers=wallets.vouchers(account),
        movements=movements,
        older=movements[-1].id if len(movements) == _PAGE else None,
        now=visit.now,
    )


def topup(visit: Visit) -> Response:
    form, account = visit.form, visit.account_name
    with visit.platform.actions.recording(
        visit.user.actor, "wallet.topup", account=account, amount=form.text("amount")
    ):
        visit.platform.billing.wallets.topup(
            account,
            form.text("amount"),
            reference=form.text("reference") or None,
            actor=visit.user.actor,
            note=form.text("note"),
        )
    return visit.go("/money", visit.t("The money is on the balance."))


def withdraw(visit: Visit) -> Response:
    form, account = visit.form, visit.account_name
    with visit.platform.actions.recording(
        visit.user.actor, "wallet.withdraw", account=account, amount=form.text("amount")
    ):
        visit.platform.billing.wallets.withdraw(
            account, form.text("amount"), actor=visit.user.actor, note=form.text("note")
        )
    return visit.go("/money", visit.t("The money is paid out."))


def voucher(visit: Visit) -> Response:
    form, account = visit.form, visit.account_name
    until = form.text("until")
    with visit.platform.actions.recording(
        visit.user.actor, "voucher.issue", account=account, amount=form.text("amount")
    ):
        visit.platform.billing.wallets.issue_voucher(
            account,
            form.text("amount"),
            expires_at=midnight(_day(until) + timedelta(days=1)) if until else None,
            actor=visit.user.actor,
            note=form.text("note"),
        )
    return visit.go("/money", visit.t("The voucher is issued."))


def bills(visit: Visit) -> Response:
    """Bills by hour, day or month with their arithmetic, and what is not billed yet."""
    period = _period(visit)
    billing, account = visit.platform.billing, visit.account_name
    months = {Period.HOUR: 3, Period.DAY: 62, Period.MONTH: 730}
    since = visit.now - timedelta(days=months[period])
    return visit.show(
        "bills.html",
        period=period,
        statements=billing.bills.statements(account, period, since=since)[::-1],
        unbilled=billing.bills.unbilled(account),
        currency=billing.book.currency,
        names=names(visit),
    )


def bills_csv(visit: Visit) -> Response:
    billing, account = visit.platform.billing, visit.account_name
    rows = billing.bills.statements(account, _period(visit))
    text = "".join(exports.bills_csv(account, rows, billing.book.currency))
    headers = {"content-disposition": f'attachment; filename="bills-{visit.now:%Y%m%d}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _period(visit: Visit) -> Period:
    try:
        return Period(visit.query.text("period", "day"))
    except ValueError:
        raise NotHere from None


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
        datetime.combine(found, time(), UTC) + timedelta(days=2)
    except (ValueError, OverflowError):
        raise InvalidParameter("a day is due, such as 2026-03-01") from None
    return found


ROUTES = [
    page("/money", finance, access=_METERED),
    page("/money/topup", topup, only_post=True, access=_ADMIN),
    page("/money/withdraw", withdraw, only_post=True, access=_ADMIN),
    page("/money/voucher", voucher, only_post=True, access=_ADMIN),
    page("/bills", bills, access=_METERED),
    page("/bills.csv", bills_csv, access=_METERED),
]
