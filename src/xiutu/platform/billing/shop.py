"""What an account can buy for an operator: packs, QPS add-ons; and its pay-as-you-go switch."""

from collections.abc import Callable
from datetime import date, timedelta

from xiutu import contract
from xiutu.errors import InvalidParameter, NotPurchasable, NotRefundable, PackNotFound
from xiutu.platform.accounts import Accounts
from xiutu.platform.billing.beijing import addon_period, day_of, pack_end
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Addon, Kind, Pack, Unit
from xiutu.platform.billing.prices import OperatorPrices
from xiutu.platform.billing.purse import Purse, Reason
from xiutu.platform.billing.quota_repository import QuotaRepository
from xiutu.platform.billing.standings import Rules, Standings
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.clock import Clock
from xiutu.storage import Database

MOST_QPS = 10_000
MOST_PERIODS = {Unit.DAY: 366, Unit.MONTH: 24}
FURTHEST_START = timedelta(days=366)


class Shop:
    def __init__(
        self, database: Database, accounts: Accounts, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._rules = rules
        self._clock = clock

    def buy_pack(self, account: str, operator: str, calls: int, *, actor: str = "") -> Pack:
        """Paid at once, usable at once, lapses at 24:00 of the same day twelve months later.

        Raises ``NotPurchasable`` (operator or size), ``InsufficientBalance``, ``AccountNotFound``.
        """
        prices, now = self._prices(operator), self._clock()
        if calls not in prices.packs:
            sizes = ", ".join(str(size) for size in sorted(prices.packs))
            raise NotPurchasable(f"packs of {operator} have {sizes} calls")
        price = prices.packs[calls]
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            purse = Purse(connection, account_id, now)
            expires_at = pack_end(now, self._rules().book.pack_months)
            repository = QuotaRepository(connection)
            pack = repository.add_pack(account_id, operator, calls, price, now, expires_at)
            purse.pay(price, Reason(Kind.PACK, f"pack:{pack.id}", actor))
            return pack

    def refund_pack(self, account: str, pack_id: int, *, actor: str = "") -> Pack:
        """Give an untouched pack back within 7 x 24 hours for its full price (A-61).

        Raises ``PackNotFound``, ``NotRefundable`` or ``AccountNotFound``.
        """
        now, days = self._clock(), self._rules().book.refund_days
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            purse = Purse(connection, account_id, now)
            repository = QuotaRepository(connection)
            pack = repository.pack(pack_id)
            if pack is None or pack.account_id != account_id:
                raise PackNotFound(f"no pack {pack_id} of account {account!r}")
            if pack.refunded_at is not None:
                raise NotRefundable("the pack was refunded before")
            if pack.left != pack.calls:
                raise NotRefundable("calls were made from the pack")
            if now > pack.bought_at + timedelta(days=days):
                raise NotRefundable(f"the {days} days after the purchase are over")
            subject = f"pack:{pack_id}"
            paid = WalletRepository(connection).movements(account_id, subject=subject)
            repository.set_pack(pack_id, refunded_at=now)
            purse.undo(paid, Reason(Kind.REFUND, subject, actor))
            refunded = repository.pack(pack_id)
            assert refunded is not None
            return refunded

    def buy_addon(
        self,
        account: str,
        operator: str,
        qps: int,
        *,
        unit: Unit = Unit.DAY,
        periods: int = 1,
        first_day: date | None = None,
        actor: str = "",
    ) -> Addon:
        """``qps`` more calls a second for ``periods`` days or months from ``first_day`` (today).

        Today: from now on; later: from 0:00 Beijing time. Needs pay-as-you-go or a pack. No refund.
        Raises ``NotPurchasable``, ``InvalidParameter``, ``InsufficientBalance``, ``AccountNotFound``.
        """
        prices, now = self._prices(operator), self._clock()
        today = day_of(now)
        first = first_day or today
        if not 1 <= qps <= MOST_QPS or not 1 <= periods <= MOST_PERIODS[unit]:
            raise InvalidParameter(
                f"an add-on has 1 to {MOST_QPS} QPS for 1 to {MOST_PERIODS[unit]} {unit}s"
            )
        if not today <= first <= today + FURTHEST_START:
            raise InvalidParameter("an add-on begins today or later, within a year")
        each = prices.addon_day if unit is Unit.DAY else prices.addon_month
        length = {"days" if unit is Unit.DAY else "months": periods}
        starts_at, ends_at = addon_period(now, first, **length)
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            purse = Purse(connection, account_id, now)
            standing = Standings(connection, [account_id], self._rules()).of(account_id, operator)
            if not standing.paid(self._rules().book, now):
                raise NotPurchasable("an add-on needs pay-as-you-go or a pack of the operator")
            addon = QuotaRepository(connection).add_addon(
                account_id,
                operator,
                qps=qps,
                unit=unit.value,
                periods=periods,
                price=each * qps * periods,
                bought_at=now,
                starts_at=starts_at,
                ends_at=ends_at,
            )
            purse.pay(addon.price, Reason(Kind.ADDON, f"addon:{addon.id}", actor))
            return addon

    def set_payg(self, account: str, operator: str, switch: Switch) -> None:
        """``ON`` or ``OFF`` by hand, or ``AUTO``: on once a pack of the operator is used up (A-56).

        Raises ``NotPurchasable`` or ``AccountNotFound``.
        """
        if switch is not Switch.OFF:
            self._prices(operator)
        self._known(operator)
        now = self._clock()
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            standings = Standings(connection, [account_id], self._rules())
            standings.free_part(account_id, operator)
            standings.write(now)  # makes the meter when this is the first that is heard of it
            QuotaRepository(connection).set_meter(account_id, operator, switch=switch.value)

    def packs(self, account: str) -> tuple[Pack, ...]:
        """Refunded and lapsed ones too, oldest first. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            return tuple(QuotaRepository(connection).packs(self._accounts.get(account).id))

    def addons(self, account: str) -> tuple[Addon, ...]:
        """Past ones too, oldest first. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            return tuple(QuotaRepository(connection).addons(self._accounts.get(account).id))

    def _known(self, operator: str) -> OperatorPrices:
        if operator not in contract.operator_ids():
            raise InvalidParameter(f"unknown operator {operator}")
        return self._rules().book.of(operator)

    def _prices(self, operator: str) -> OperatorPrices:
        prices = self._known(operator)
        if not prices.purchasable:
            raise NotPurchasable(f"{operator} cannot be paid for")
        return prices
