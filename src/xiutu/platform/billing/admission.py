"""May this call be made now? One question before the work; ``Ledger.record`` after it.

The order of the refusals is the documents': permission (6), rate (18), quota (17), total limit (19).
A refused call consumes nothing, not even its place in the second it came in.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from xiutu import contract
from xiutu.errors import LimitReached, PermissionDenied, QpsExceeded
from xiutu.platform.billing.deduction import Charge, take
from xiutu.platform.billing.quota_repository import QuotaRepository
from xiutu.platform.billing.reservation_repository import ReservationRepository
from xiutu.platform.billing.settlement import Release, Reserve, Work
from xiutu.platform.billing.standings import Rules, load, load_addons, load_packs
from xiutu.platform.clock import Clock
from xiutu.platform.group_commit import GroupCommit
from xiutu.platform.models import Plan, Principal
from xiutu.storage import Database
from xiutu.storage.counters import Counter

FRESH = timedelta(seconds=1)
"""How long an account that could call is taken to be able to, unless this process changed something:
another one may, and rates count by the second anyway."""


@dataclass(frozen=True)
class Ticket:
    """An admitted call. ``charge`` None: the account has no meter."""

    log_id: int
    account_id: int
    operator: str
    charge: Charge | None = None

    @property
    def metered(self) -> bool:
        return self.charge is not None


class Admission:
    def __init__(
        self,
        database: Database,
        writer: GroupCommit[Work],
        counter: Callable[[], Counter],
        rules: Callable[[], Rules],
        clock: Clock,
    ) -> None:
        self._database = database
        self._writer = writer
        self._counter = counter
        self._rules = rules
        self._clock = clock
        self._lately: dict[tuple[int, str], _Seen] = {}

    def admit(self, principal: Principal, operator: str, log_id: int) -> Ticket:
        """Let the call pass and reserve what it will take. Blocks for a transaction or two.

        Raises ``PermissionDenied``, ``QpsExceeded``, ``QuotaExhausted`` or ``TotalLimitReached``.
        Every ticket is to be handed to ``Ledger.record`` or ``release``, once.
        """
        if not principal.allows(operator):
            raise PermissionDenied(operator)
        account_id = principal.account_id
        if principal.plan is Plan.UNLIMITED:
            if _invite_only(operator):
                self._check_invitation(account_id, operator)
            return Ticket(log_id, account_id, operator)
        now = self._clock()
        stamp, seen = self._pass(account_id, operator, now)
        try:
            if seen.refusal is not None:
                raise seen.refusal
            charge = self._writer.submit(Reserve(log_id, account_id, operator, now)).result()
        except BaseException:
            self._lately.pop((account_id, operator), None)
            self._counter().release(_rate(account_id, operator), stamp)
            raise
        return Ticket(log_id, account_id, operator, charge)

    def release(self, ticket: Ticket) -> Future[None] | None:
        """The call was not served (overload, caller gone): give back what it took.

        Nobody needs to wait for the future; None when there is nothing to give back.
        """
        if not ticket.metered:
            return None
        return self._writer.submit(Release(ticket.log_id, ticket.account_id, self._clock()))

    def _pass(self, account_id: int, operator: str, now: datetime) -> tuple[int, "_Seen"]:
        """The stamp of a place in this second, and the account as it is or was just now."""
        place, counter = (account_id, operator), self._counter()
        seen = self._lately.get(place)
        if seen is not None and seen.holds(now, self._database.changes):
            stamp = counter.acquire(_rate(*place), seen.qps)
            if stamp is not None:
                return stamp, seen
        seen = self._look(account_id, operator, now)
        if _invite_only(operator) and not _invited(seen.invited, self._rules()):
            raise PermissionDenied(f"{operator} is open to invited accounts only")
        stamp = counter.acquire(_rate(*place), seen.qps)
        if stamp is None:
            raise QpsExceeded(operator)
        self._lately[place] = seen
        return stamp, seen

    def _look(self, account_id: int, operator: str, now: datetime) -> "_Seen":
        """The account as read without any lock, so that refused callers cost reads only.

        It may be outdated in either direction; the reservation decides.
        """
        rules, changes = self._rules(), self._database.changes
        with self._database.reading() as connection:
            wallet, meter = QuotaRepository(connection).wallet_and_meter(account_id, operator)
            standing, _ = load(connection, wallet, meter, operator, rules)
            if rules.book.of(operator).purchasable:
                standing.packs = load_packs(connection, account_id, operator)
            if standing.paid(rules.book, now):
                standing.addons = load_addons(connection, account_id, operator, now)
            qps, refusal = standing.qps(rules.book, now), None
            try:
                take(standing, rules.book, now)
            except LimitReached as error:
                reservations = ReservationRepository(connection)
                if not reservations.any_expired(account_id, operator, now):
                    refusal = error
        return _Seen(standing.invited, qps, refusal, now, changes)

    def _check_invitation(self, account_id: int, operator: str) -> None:
        with self._database.reading() as connection:
            meter = QuotaRepository(connection).meter(account_id, operator)
        if not _invited(meter.invited if meter else None, self._rules()):
            raise PermissionDenied(f"{operator} is open to invited accounts only")


@dataclass(frozen=True)
class _Seen:
    """``refusal``: why the call cannot be served, if that is certain already."""

    invited: bool | None
    qps: int
    refusal: LimitReached | None
    at: datetime
    changes: int

    def holds(self, now: datetime, changes: int) -> bool:
        return self.changes == changes and self.at <= now < self.at + FRESH


def _invited(invited: bool | None, rules: Rules) -> bool:
    return rules.invited if invited is None else invited


def _invite_only(operator: str) -> bool:
    return contract.operator(operator).status == "invite_only"


def _rate(account_id: int, operator: str) -> str:
    """The counter's key: a rate is an account's at an operator, whatever app calls."""
    return f"{account_id}:{operator}"
