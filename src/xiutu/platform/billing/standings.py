"""Accounts at operators, loaded into memory for one transaction, changed there, written back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from xiutu.platform.accounts_repository import AccountRepository
from xiutu.platform.billing.deduction import AddonState, PackState, Standing, Switch
from xiutu.platform.billing.models import GrantReason, Meter, Wallet
from xiutu.platform.billing.prices import PriceBook
from xiutu.platform.billing.quota_repository import QuotaRepository
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.models import Account

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rules:
    """What a server's settings decide.

    ``grant_delay``: time from verification until the free quota may be used (A-67).
    ``invited``: whether operators at the invitation stage are open without a grant (A-69).
    ``reservation``: how long a call may be at work before what it took is given back.
    """

    book: PriceBook
    grant_delay: timedelta = timedelta(0)
    invited: bool = True
    reservation: timedelta = timedelta(seconds=180)


def new_meter(account: Account, operator: str, rules: Rules) -> Meter:
    """The quota an account starts with at an operator: by its kind, nothing when unverified."""
    free = rules.book.of(operator).free
    granted = None if free is None else free.get(account.kind.value, 0)
    return Meter(
        account_id=account.id,
        operator=operator,
        granted=granted,
        automatic=granted or 0,
        used=0,
        usable_from=account.created_at + rules.grant_delay,
        withdrawn_at=None,
        switch=Switch.AUTO,
        cap=None,
        cap_used=0,
        invited=None,
    )


def add_meter(connection: Connection, meter: Meter, at: datetime) -> None:
    """Write a new meter and the grant it begins with."""
    quota = QuotaRepository(connection)
    quota.add_meter(meter)
    if meter.granted:
        quota.add_grant(
            meter.account_id, meter.operator, meter.granted, at, GrantReason.VERIFICATION
        )


def load(
    connection: Connection, wallet: Wallet, meter: Meter | None, operator: str, rules: Rules
) -> tuple[Standing, Meter | None]:
    """The standing without packs and add-ons, and the meter to be added when there was none yet."""
    fresh = None
    if meter is None:
        account = AccountRepository(connection).by_id(wallet.account_id)
        meter = fresh = new_meter(account, operator, rules)
    standing = Standing(
        operator=operator,
        granted=meter.granted,
        used=meter.used,
        usable_from=meter.usable_from,
        withdrawn=meter.withdrawn_at is not None,
        switch=meter.switch,
        cap=meter.cap,
        cap_used=meter.cap_used,
        invited=meter.invited,
        arrears=wallet.arrears_since is not None,
    )
    return standing, fresh


def load_packs(connection: Connection, account_id: int, operator: str) -> list[PackState]:
    """Those not refunded."""
    return [
        PackState(p.id, p.calls, p.left, p.bought_at, p.expires_at)
        for p in QuotaRepository(connection).packs_at(account_id, operator)
    ]


def load_addons(
    connection: Connection, account_id: int, operator: str, now: datetime
) -> tuple[AddonState, ...]:
    """Those not over yet. They count in the paid state only: ask when an account is in it."""
    return tuple(
        AddonState(a.qps, a.starts_at, a.ends_at)
        for a in QuotaRepository(connection).addons_at(account_id, operator, now)
    )


class Standings:
    """Locks the wallets it is made for; ``write`` stores what was changed in between."""

    def __init__(self, connection: Connection, account_ids: Collection[int], rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self.wallets = WalletRepository(connection).lock(account_ids) if account_ids else {}
        self._held: dict[tuple[int, str], Standing] = {}
        self._counted: dict[tuple[int, str], tuple[int, int]] = {}
        self._fresh: dict[tuple[int, str], Meter] = {}
        self._packs: dict[tuple[int, str], dict[int, int]] = {}

    def of(self, account_id: int, operator: str) -> Standing:
        """To be changed by ``deduction``'s functions."""
        standing = self.free_part(account_id, operator)
        key = (account_id, operator)
        if key not in self._packs:
            standing.packs = load_packs(self._connection, account_id, operator)
            self._packs[key] = {pack.id: pack.left for pack in standing.packs}
        return standing

    def free_part(self, account_id: int, operator: str) -> Standing:
        """The same without its packs: one query less where free quota pays anyway."""
        key = (account_id, operator)
        if key not in self._held:
            wallet = self.wallets[account_id]
            meter = QuotaRepository(self._connection).meter(account_id, operator)
            standing, fresh = load(self._connection, wallet, meter, operator, self._rules)
            if fresh is not None:
                self._fresh[key] = fresh
            self._held[key] = standing
            self._counted[key] = (standing.used, standing.cap_used)
        return self._held[key]

    def write(self, now: datetime) -> None:
        """Store every change. To be called once, at the end."""
        quota = QuotaRepository(self._connection)
        meters, packs = [], []
        for key, standing in self._held.items():
            if key in self._fresh:
                add_meter(self._connection, self._fresh[key], now)
            if (standing.used, standing.cap_used) != self._counted[key]:
                meters.append((*key, standing.used, standing.cap_used))
            before = self._packs.get(key, {})
            packs += [(p.id, p.left) for p in standing.packs if p.left != before[p.id]]
        if meters:
            quota.count_meters(meters)
        if packs:
            quota.count_packs(packs)
