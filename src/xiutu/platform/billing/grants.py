"""Free quota, verification, limits and invitations; and what an account has at each operator."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from xiutu import contract
from xiutu.errors import InvalidParameter
from xiutu.platform.accounts import Accounts
from xiutu.platform.accounts_repository import AccountRepository
from xiutu.platform.billing.deduction import AddonState
from xiutu.platform.billing.models import Addon, Grant, GrantReason, Meter, Pack, Resource
from xiutu.platform.billing.quota_repository import QuotaRepository
from xiutu.platform.billing.standings import Rules, Standings
from xiutu.platform.clock import Clock
from xiutu.platform.models import Account, AccountKind
from xiutu.storage import Database

MOST_CALLS = 10**12


class Grants:
    def __init__(
        self, database: Database, accounts: Accounts, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._rules = rules
        self._clock = clock

    def verify(self, account: str, kind: AccountKind, *, actor: str = "") -> Account:
        """Set the kind of verification, and grant what it has more than was granted so far (A-66).

        The difference comes once: going back and forth grants nothing more, and nothing is taken
        away. The first grant of an account may be used after the server's delay (A-67). Raises
        ``AccountNotFound``.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            owner = self._accounts.get(account)
            quota = QuotaRepository(connection)
            for meter in self._meters(connection, owner.id, contract.operator_ids(), now):
                free = self._rules().book.of(meter.operator).free
                more = 0 if free is None else free.get(kind.value, 0) - meter.automatic
                if more > 0:
                    # Nothing to wait for where an earlier grant has been waited for already.
                    start = (
                        meter.usable_from if meter.automatic else now + self._rules().grant_delay
                    )
                    quota.set_meter(
                        owner.id,
                        meter.operator,
                        granted=(meter.granted or 0) + more,
                        automatic=meter.automatic + more,
                        usable_from=start,
                    )
                    reason = GrantReason.VERIFICATION
                    note = f"{owner.kind} to {kind}"
                    quota.add_grant(
                        owner.id, meter.operator, more, now, reason, actor=actor, note=note
                    )
            AccountRepository(connection).change(owner.id, kind=kind.value)
            return self._accounts.get(account)

    def give(
        self, account: str, operator: str, calls: int, *, actor: str = "", note: str = ""
    ) -> None:
        """An administrator's change of the free quota: more calls, or with a negative number fewer.

        Never below what is used. Raises ``AccountNotFound`` or ``InvalidParameter``.
        """
        if calls == 0 or abs(calls) > MOST_CALLS:
            raise InvalidParameter("how many calls more or fewer?")
        now = self._clock()
        with self._database.transaction() as connection:
            owner = self._accounts.get(account)
            (meter,) = self._meters(connection, owner.id, [operator], now)
            granted = (meter.granted or 0) + calls
            if granted < meter.used:
                raise InvalidParameter(f"{meter.used} calls of the quota are used already")
            quota = QuotaRepository(connection)
            quota.set_meter(owner.id, operator, granted=granted)
            reason = GrantReason.ADMIN
            quota.add_grant(owner.id, operator, calls, now, reason, actor=actor, note=note)

    def withdraw(self, account: str, operator: str | None = None) -> None:
        """Take the free quota away (cheating, forbidden use), of one operator or all; see restore.

        Raises ``AccountNotFound`` or ``InvalidParameter``.
        """
        self._set(account, operator, withdrawn_at=self._clock())

    def restore(self, account: str, operator: str | None = None) -> None:
        """Undo ``withdraw``: what was left may be used again."""
        self._set(account, operator, withdrawn_at=None)

    def set_cap(self, account: str, operator: str, cap: int | None) -> None:
        """A lifetime limit of calls, error 19 beyond it; None: no limit. Calls so far count too.

        Raises ``AccountNotFound`` or ``InvalidParameter``.
        """
        if cap is not None and not 0 <= cap <= MOST_CALLS:
            raise InvalidParameter(f"a limit is 0 to {MOST_CALLS} calls")
        self._set(account, operator, cap=cap)

    def invite(self, account: str, operator: str, invited: bool | None) -> None:
        """Open or close an operator at the invitation stage (``segment``); None: server's default.

        Raises ``AccountNotFound`` or ``InvalidParameter`` (the operator is open to everybody).
        """
        if operator in contract.operator_ids() and (
            contract.operator(operator).status != "invite_only"
        ):
            raise InvalidParameter(f"{operator} needs no invitation")
        self._set(account, operator, invited=invited)

    def history(self, account: str) -> tuple[Grant, ...]:
        """Every change of the free quota, in order. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            owner = self._accounts.get(account)
            return tuple(QuotaRepository(connection).grants(owner.id))

    def resources(self, account: str) -> tuple[Resource, ...]:
        """Every operator, in the order of the documents. Raises ``AccountNotFound``."""
        now = self._clock()
        with self._database.transaction(durable=False) as connection:
            owner = self._accounts.get(account)
            meters = self._meters(connection, owner.id, contract.operator_ids(), now)
            standings = Standings(connection, [owner.id], self._rules())
            quota = QuotaRepository(connection)
            packs, addons = quota.packs(owner.id), quota.addons(owner.id)
            return tuple(
                self._resource(
                    meter,
                    standings,
                    tuple(p for p in packs if p.operator == meter.operator),
                    tuple(a for a in addons if a.operator == meter.operator),
                    now,
                )
                for meter in meters
            )

    def _resource(
        self,
        meter: Meter,
        standings: Standings,
        packs: tuple[Pack, ...],
        addons: tuple[Addon, ...],
        now: datetime,
    ) -> Resource:
        book = self._rules().book
        standing = standings.of(meter.account_id, meter.operator)
        standing.addons = tuple(AddonState(a.qps, a.starts_at, a.ends_at) for a in addons)
        return Resource(
            operator=meter.operator,
            granted=meter.granted,
            used=meter.used,
            free_left=None if meter.granted is None else standing.free_left(now),
            usable_from=meter.usable_from,
            withdrawn=standing.withdrawn,
            purchasable=book.of(meter.operator).purchasable,
            switch=meter.switch,
            payg=standing.payg(book),
            paid=standing.paid(book, now),
            qps=standing.qps(book, now),
            cap=meter.cap,
            cap_used=meter.cap_used,
            invited=meter.invited,
            packs=packs,
            addons=addons,
        )

    def _set(self, account: str, operator: str | None, **values: object) -> None:
        names = contract.operator_ids() if operator is None else (operator,)
        now = self._clock()
        with self._database.transaction() as connection:
            owner = self._accounts.get(account)
            for meter in self._meters(connection, owner.id, names, now):
                QuotaRepository(connection).set_meter(owner.id, meter.operator, **values)

    def _meters(
        self, connection: Connection, account_id: int, operators: Iterable[str], now: datetime
    ) -> list[Meter]:
        """Locks the wallet and makes the meters that are missing."""
        names = list(operators)
        unknown = sorted(set(names).difference(contract.operator_ids()))
        if unknown:
            raise InvalidParameter(f"unknown operator {', '.join(unknown)}")
        standings = Standings(connection, [account_id], self._rules())
        for name in names:
            standings.free_part(account_id, name)
        standings.write(now)
        found = {m.operator: m for m in QuotaRepository(connection).meters(account_id)}
        return [found[name] for name in names]
