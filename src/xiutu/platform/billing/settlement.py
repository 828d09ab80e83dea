"""What happens in the database around a call: reserve before the work, settle or release after it.

The work of many callers is done in one transaction (``platform/group_commit.py``). Reserving and
releasing need not reach the disk before the caller goes on: after a power cut no call is at work.
Settling must, together with the usage entry: one transaction, and the entry's unique log id makes it
impossible to charge a call twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from xiutu.errors import LimitReached
from xiutu.platform.billing.beijing import hour_of
from xiutu.platform.billing.deduction import NOTHING, Charge, Source, give_back, keep, take
from xiutu.platform.billing.models import Reservation
from xiutu.platform.billing.reservation_repository import ReservationRepository
from xiutu.platform.billing.standings import Rules, Standings
from xiutu.platform.models import UsageEntry
from xiutu.platform.usage_repository import UsageRepository, UsageRow

EXPIRED_AT_ONCE = 1000
"""Expired reservations given back in one transaction."""


@dataclass(frozen=True)
class Reserve:
    """Result: the ``Charge``, or ``LimitReached``."""

    log_id: int
    account_id: int
    operator: str
    now: datetime
    durable: ClassVar[bool] = False


@dataclass(frozen=True)
class Settle:
    """Write a finished call down; ``metered`` also makes its reservation final. Result: the charge.

    ``free_of_charge``: the call counts as refused (no worker was alive), and takes nothing.
    """

    entry: UsageEntry
    metered: bool = False
    free_of_charge: bool = False
    durable: ClassVar[bool] = True


@dataclass(frozen=True)
class Release:
    """Give back what a call took that was not served and is not written down."""

    log_id: int
    account_id: int
    now: datetime
    durable: ClassVar[bool] = False


Work = Reserve | Settle | Release


class Settlement:
    """``apply`` is the group commit's function. ``rules`` is asked per group: prices load late."""

    def __init__(self, rules: Callable[[], Rules]) -> None:
        self._rules = rules

    def apply(self, connection: Connection, group: Sequence[Work]) -> list[Any]:
        """A result for each piece of work, in order."""
        accounts = {_account(work) for work in group if _metered(work)}
        if not accounts:
            rows = [_plain(work.entry) for work in group if isinstance(work, Settle)]
            UsageRepository(connection).append(rows)
            return [None] * len(group)
        done = _Group(connection, Standings(connection, accounts, self._rules()), self._rules())
        done.find([_log_id(work) for work in group if not isinstance(work, Reserve)])
        results = [done.do(work) for work in group]
        done.write()
        return results


class _Group:
    """One transaction's work, in memory until ``write``."""

    def __init__(self, connection: Connection, standings: Standings, rules: Rules) -> None:
        self._reservations = ReservationRepository(connection)
        self._usage = UsageRepository(connection)
        self._standings = standings
        self._rules = rules
        self._found: dict[int, Reservation] = {}
        self._made: list[Reservation] = []
        self._rows: list[UsageRow] = []
        self._now = datetime.min.replace(tzinfo=UTC)

    def find(self, log_ids: list[int]) -> None:
        if log_ids:
            self._found = self._reservations.take_out(log_ids)

    def do(self, work: Work) -> Any:
        if isinstance(work, Reserve):
            return self._reserve(work)
        if isinstance(work, Release):
            return self._release(work)
        return self._settle(work)

    def write(self) -> None:
        if self._rows:
            self._usage.append(self._rows)
        if self._made:
            self._reservations.add(self._made)
        self._standings.write(self._now)

    def _reserve(self, work: Reserve) -> Charge | LimitReached:
        self._now = max(self._now, work.now)
        try:
            charge = self._take(work.account_id, work.operator, work.now)
        except LimitReached as refused:
            if not self._give_back_expired(work):
                return refused
            try:
                charge = self._take(work.account_id, work.operator, work.now)
            except LimitReached as still_refused:
                return still_refused
        self._made.append(
            Reservation(
                log_id=work.log_id,
                account_id=work.account_id,
                operator=work.operator,
                source=charge.source,
                pack_id=charge.pack_id,
                at=work.now,
                expires_at=work.now + self._rules.reservation,
            )
        )
        return charge

    def _take(self, account_id: int, operator: str, now: datetime) -> Charge:
        standing = self._standings.free_part(account_id, operator)
        if standing.free_left(now) == 0:
            standing = self._standings.of(account_id, operator)
        return take(standing, self._rules.book, now)

    def _release(self, work: Release) -> None:
        self._now = max(self._now, work.now)
        reservation = self._found.pop(work.log_id, None)
        if reservation is not None:
            self._undo(reservation)

    def _settle(self, work: Settle) -> Charge | None:
        entry = work.entry
        if not work.metered:
            self._rows.append(_plain(entry))
            return None
        self._now = max(self._now, entry.at)
        charge = self._final(work)
        # Never an hour that is billed already: a call written down late belongs to a later bill.
        hour = max(hour_of(entry.at), self._standings.wallets[entry.account_id].settled_until)
        self._rows.append(UsageRow(entry, hour, charge.source.value, charge.pack_id))
        return charge

    def _final(self, work: Settle) -> Charge:
        entry, succeeded = work.entry, work.entry.code == 0
        reservation = self._found.pop(entry.log_id, None)
        if reservation is None:
            # It took longer than reservations live and was given back: take it once more. When
            # nothing is left, the caller has been promised an answer and gets it for nothing.
            if work.free_of_charge:
                return NOTHING
            try:
                charge = self._take(entry.account_id, entry.operator, entry.at)
            except LimitReached:
                return NOTHING
        elif work.free_of_charge:
            self._undo(reservation)
            return NOTHING
        else:
            charge = Charge(reservation.source, reservation.pack_id)
        if succeeded:
            return charge
        standing = self._standings.free_part(entry.account_id, entry.operator)
        if charge.source is Source.PACK:
            standing = self._standings.of(entry.account_id, entry.operator)
        return keep(standing, charge, succeeded=False)

    def _give_back_expired(self, work: Reserve) -> bool:
        rows = self._reservations.expired(work.account_id, work.now, EXPIRED_AT_ONCE)
        for row in self._reservations.take_out([row.log_id for row in rows]).values():
            self._undo(row)
        return bool(rows)

    def _undo(self, reservation: Reservation) -> None:
        standing = self._standings.of(reservation.account_id, reservation.operator)
        give_back(standing, Charge(reservation.source, reservation.pack_id))


def give_back_expired(connection: Connection, account_id: int, rules: Rules, now: datetime) -> int:
    """Calls of killed servers: free what they have reserved. Gives how many there were."""
    standings = Standings(connection, [account_id], rules)
    repository = ReservationRepository(connection)
    expired = repository.expired(account_id, now, EXPIRED_AT_ONCE)
    if not expired:
        return 0
    taken = repository.take_out([row.log_id for row in expired])
    for row in taken.values():
        standing = standings.of(account_id, row.operator)
        give_back(standing, Charge(row.source, row.pack_id))
    standings.write(now)
    return len(taken)


def _metered(work: Work) -> bool:
    return not isinstance(work, Settle) or work.metered


def _account(work: Work) -> int:
    return work.entry.account_id if isinstance(work, Settle) else work.account_id


def _log_id(work: Work) -> int:
    return work.entry.log_id if isinstance(work, Settle) else work.log_id


def _plain(entry: UsageEntry) -> UsageRow:
    return UsageRow(entry, hour_of(entry.at), None, None)
