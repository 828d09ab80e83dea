"""Balance, ledger, vouchers, bills, forecast."""

from datetime import date, datetime

from pydantic import Field, computed_field

from xiutu.gateway.api.views.base import Money, View
from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import Kind
from xiutu.platform.billing.money import shown


class BalanceView(View):
    """``available`` = cash + vouchers; ``unbilled``: spent in hours that are not billed yet."""

    cash: Money
    vouchers: Money
    available: Money
    unbilled: Money
    arrears_since: datetime | None
    currency: str

    @computed_field(description="`available` with two decimals, for people.")
    def shown(self) -> str:
        return shown(self.available)


class MovementView(View):
    """One row of the money ledger: of the cash, or of a voucher where `voucher_id` is set."""

    id: int
    at: datetime
    kind: Kind
    amount: Money
    after: Money
    voucher_id: int | None
    subject: str = Field(description="What it is about: `pack:3`, `addon:1`, `bill:17`, ...")
    reference: str | None
    actor: str
    note: str


class VoucherView(View):
    """Counts as balance until it lapses, is spent before cash, cannot be withdrawn."""

    id: int
    amount: Money
    left: Money
    issued_at: datetime
    expires_at: datetime | None


class LineView(View):
    """Calls of one operator that the same thing paid for; `calls * unit_price = amount`."""

    operator: str
    source: Source
    pack_id: int | None
    calls: int
    failed: int
    first_call: int | None = Field(description="Number in the month of the first call (tiers).")
    unit_price: Money | None
    amount: Money


class StatementView(View):
    """A bill of an hour, a Beijing day or a month."""

    label: str
    begins: datetime
    amount: Money
    lines: list[LineView]

    @computed_field(description="`amount` with two decimals, for people.")
    def shown(self) -> str:
        return shown(self.amount)


class ForecastView(View):
    """`level`: the reminder that is due (3, 2, 1 days); `days_left` null: nothing is being spent."""

    available: Money
    mean_daily_fee: Money
    days_left: Money | None
    level: int | None
    expected_on: date | None
