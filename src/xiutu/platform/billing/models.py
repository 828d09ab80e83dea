"""What the billing services give and take: plain frozen values. Moments are UTC, money is exact."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from xiutu.platform.billing.deduction import Source, Switch


class Kind(StrEnum):
    """Why money moved."""

    TOPUP = "topup"
    WITHDRAWAL = "withdrawal"
    VOUCHER = "voucher"
    VOUCHER_LAPSED = "voucher_lapsed"
    DEBT_PAID = "debt_paid"
    PACK = "pack"
    ADDON = "addon"
    REFUND = "refund"
    BILL = "bill"


class GrantReason(StrEnum):
    """``VERIFICATION``: automatic, by kind of account; ``ADMIN``: given or taken by hand."""

    VERIFICATION = "verification"
    ADMIN = "admin"


class Unit(StrEnum):
    """How a QPS add-on is bought."""

    DAY = "day"
    MONTH = "month"


class Period(StrEnum):
    """What bills are added up to."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Wallet:
    """``balance`` is cash; in arrears it is below zero, otherwise never."""

    account_id: int
    balance: Decimal
    arrears_since: datetime | None
    settled_until: datetime


@dataclass(frozen=True)
class Balance:
    """``available`` = cash + vouchers that have not lapsed. ``unbilled``: spent in open hours."""

    cash: Decimal
    vouchers: Decimal
    unbilled: Decimal
    arrears_since: datetime | None
    currency: str

    @property
    def available(self) -> Decimal:
        return self.cash + self.vouchers


@dataclass(frozen=True)
class Voucher:
    id: int
    account_id: int
    amount: Decimal
    left: Decimal
    issued_at: datetime
    expires_at: datetime | None

    def usable(self, now: datetime) -> bool:
        return self.left > 0 and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Movement:
    """One row of the money ledger; of the cash balance, or of a voucher where ``voucher_id`` is set.

    ``subject`` says what it is about: ``pack:3``, ``addon:1``, ``bill:17``, ``voucher:2`` or "".
    """

    id: int
    account_id: int
    at: datetime
    kind: Kind
    amount: Decimal
    after: Decimal
    voucher_id: int | None
    subject: str
    reference: str | None
    actor: str
    note: str


@dataclass(frozen=True)
class Meter:
    """Quota of one account at one operator, as stored. See ``tables.meters``."""

    account_id: int
    operator: str
    granted: int | None
    automatic: int
    used: int
    usable_from: datetime
    withdrawn_at: datetime | None
    switch: Switch
    cap: int | None
    cap_used: int
    invited: bool | None


@dataclass(frozen=True)
class Grant:
    id: int
    account_id: int
    operator: str
    calls: int
    at: datetime
    reason: GrantReason
    actor: str
    note: str


@dataclass(frozen=True)
class Pack:
    """``left`` is without the calls at work; a lapsed pack keeps it, but it cannot be used."""

    id: int
    account_id: int
    operator: str
    calls: int
    left: int
    price: Decimal
    bought_at: datetime
    expires_at: datetime
    refunded_at: datetime | None

    def usable_calls(self, now: datetime) -> int:
        """0 once it is lapsed or refunded."""
        return self.left if self.refunded_at is None and now < self.expires_at else 0


@dataclass(frozen=True)
class Addon:
    """``qps`` more calls a second with ``starts_at <= now < ends_at``."""

    id: int
    account_id: int
    operator: str
    qps: int
    unit: Unit
    periods: int
    price: Decimal
    bought_at: datetime
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Reservation:
    log_id: int
    account_id: int
    operator: str
    source: Source
    pack_id: int | None
    at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class BillLine:
    """``calls`` of one operator in one hour that the same thing paid for.

    ``failed`` of them failed. With ``Source.PAYG``, ``first_call`` is the number in the month of the
    first one and ``amount = calls * unit_price``; else both are None and the amount is 0.
    """

    operator: str
    source: Source
    pack_id: int | None
    calls: int
    failed: int
    first_call: int | None
    unit_price: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Bill:
    """One account's bill of the hour that begins at ``hour``."""

    id: int
    account_id: int
    hour: datetime
    amount: Decimal
    at: datetime
    lines: tuple[BillLine, ...] = ()


@dataclass(frozen=True)
class Statement:
    """Bills of a period (hour, Beijing day or month) added up; ``begins`` in UTC, ``label`` for show.

    ``lines`` are the bills' lines merged where operator, source, pack and unit price are the same.
    """

    label: str
    begins: datetime
    amount: Decimal
    lines: tuple[BillLine, ...]


@dataclass(frozen=True)
class Resource:
    """One operator as an account sees it: quota, packs, add-ons, switches, limits.

    ``granted`` None: not counted. ``free_left`` is what may be used now; ``usable_from`` is when a
    delayed grant begins. ``qps`` is the limit now.
    """

    operator: str
    granted: int | None
    used: int
    free_left: int | None
    usable_from: datetime
    withdrawn: bool
    purchasable: bool
    switch: Switch
    payg: bool
    paid: bool
    qps: int
    cap: int | None
    cap_used: int
    invited: bool | None
    packs: tuple[Pack, ...] = ()
    addons: tuple[Addon, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """``days_left`` None: nothing is being spent. ``level``: the reminder due (3, 2, 1 or None)."""

    available: Decimal
    mean_daily_fee: Decimal
    days_left: Decimal | None
    level: int | None
    expected_on: date | None


@dataclass(frozen=True)
class Notice:
    """Something an account's owner must hear of; told once for a ``topic``."""

    id: int
    account_id: int
    topic: str
    kind: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    delivered_at: datetime | None = None
    attempts: int = 0
