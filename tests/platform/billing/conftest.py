"""A metered account and calls through its meter."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from tests.platform.conftest import TurnableClock
from xiutu.platform.billing.admission import Ticket
from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import Resource
from xiutu.platform.billing.services import Billing
from xiutu.platform.facade import Platform
from xiutu.platform.models import AccountKind, Plan, Principal, UsageEntry


@dataclass
class Caller:
    """An app of a metered account. Calls are spread over time, so that no rate limit is met."""

    platform: Platform
    clock: TurnableClock
    principal: Principal
    operator: str = "dehaze"

    @property
    def account(self) -> str:
        return self.principal.account_name

    @property
    def billing(self) -> Billing:
        return self.platform.billing

    def admit(self, operator: str | None = None) -> Ticket:
        log_id = self.platform.log_ids.large()
        return self.billing.admission.admit(self.principal, operator or self.operator, log_id)

    def finish(self, ticket: Ticket, code: int = 0) -> Source | None:
        """Record the call; gives what paid for it."""
        entry = UsageEntry(
            ticket.log_id,
            ticket.account_id,
            self.principal.app_id,
            ticket.operator,
            self.clock(),
            code,
        )
        charge = self.platform.ledger.record(entry, ticket).result(30)
        return None if charge is None else charge.source

    def call(self, operator: str | None = None, code: int = 0) -> Source | None:
        return self.finish(self.admit(operator), code)

    def calls(self, count: int, operator: str | None = None, code: int = 0) -> list[Source | None]:
        return [self.call(operator, code) for _ in range(count)]

    def resource(self, operator: str | None = None) -> Resource:
        rows = self.billing.grants.resources(self.account)
        return next(row for row in rows if row.operator == (operator or self.operator))

    def cash(self) -> Decimal:
        return self.billing.wallets.balance(self.account).cash

    def verified(self) -> None:
        """The books agree."""
        report = self.billing.audit.verify()
        assert report.problems == ()


class NoLimit:
    """Stands in for the counter of calls a second where a test is about something else."""

    def acquire(self, key: str, limit: int) -> int | None:
        return 1

    def release(self, key: str, stamp: int) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def new_caller(platform: Platform, clock: TurnableClock) -> Callable[..., Caller]:
    def made(
        name: str = "acme",
        kind: AccountKind = AccountKind.PERSONAL,
        plan: Plan = Plan.METERED,
        operator: str = "dehaze",
    ) -> Caller:
        platform.accounts.create(name, kind, plan)
        app = platform.apps.create(f"{name}'s app", account=name).app
        platform.billing.counter = NoLimit()
        return Caller(platform, clock, Principal.of(app), operator)

    return made


@pytest.fixture
def caller(new_caller: Callable[..., Caller]) -> Caller:
    """Personal, at dehaze: 1000 free calls."""
    return new_caller()
