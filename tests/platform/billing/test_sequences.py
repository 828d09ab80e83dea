"""Random sequences of purchases, calls, failures, refunds, month ends and crashes, against a model.

The model is written as naively as the rules read; whatever happens, the books must agree with it and
with themselves: never negative, ledger = balance, the order of deduction, no call charged twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.errors import InsufficientBalance, NotRefundable, QuotaExhausted
from xiutu.platform.billing.admission import Ticket
from xiutu.platform.billing.beijing import BEIJING
from xiutu.platform.billing.deduction import Source, Switch
from xiutu.platform.billing.prices import Tier
from xiutu.platform.models import AccountKind

OPERATOR = "dehaze"
FREE = {"personal": 2, "enterprise": 4}
PACKS = {2: Decimal("0.5"), 4: Decimal("0.75")}
TIERS = (Tier(3, Decimal("0.3")), Tier(None, Decimal("0.1")))
START = datetime(2026, 1, 30, 12, 0, 0, 500_000, UTC)
RESERVED = timedelta(seconds=180)


@dataclass
class ModelPack:
    size: int
    left: int
    bought: datetime
    expires: datetime
    number: int


@dataclass
class Model:
    """One account as the documents describe it."""

    granted: int = 2
    used: int = 0
    money: Decimal = Decimal(0)
    switch: Switch = Switch.AUTO
    packs: dict[int, ModelPack] = field(default_factory=dict)
    at_work: dict[int, tuple[Source, int | None, datetime]] = field(default_factory=dict)
    open_calls: list[datetime] = field(default_factory=list)
    month_calls: dict[str, int] = field(default_factory=dict)
    finished: int = 0

    def expected(self, now: datetime) -> tuple[Source, int | None] | None:
        if self.used < self.granted:
            return Source.FREE, None
        usable = [p for p in self.packs.values() if p.left and now < p.expires]
        if usable:
            first = min(usable, key=lambda p: (p.expires, p.bought, p.size, p.number))
            return Source.PACK, first.number
        emptied = any(p.left == 0 for p in self.packs.values())
        on = self.switch is Switch.ON or (self.switch is Switch.AUTO and emptied)
        return (Source.PAYG, None) if on and self.money >= 0 else None

    def take(self, source: Source, pack: int | None, by: int = 1) -> None:
        if source is Source.FREE:
            self.used += by
        elif pack is not None:
            self.packs[pack].left -= by

    def expire(self, now: datetime) -> None:
        for log_id, (source, pack, at) in list(self.at_work.items()):
            if now >= at + RESERVED:
                self.take(source, pack, -1)
                del self.at_work[log_id]

    def bill(self, now: datetime) -> None:
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        for at in sorted(self.open_calls):
            if at < this_hour:
                month = f"{at.astimezone(BEIJING):%Y-%m}"
                number = self.month_calls[month] = self.month_calls.get(month, 0) + 1
                self.money -= TIERS[0].unit_price if number <= 3 else TIERS[1].unit_price
        self.open_calls = [at for at in self.open_calls if at >= this_hour]


class Sequences(RuleBasedStateMachine):
    new_caller: Callable[..., Caller]
    clock: TurnableClock
    names = count()
    tickets: Bundle[Ticket] = Bundle("tickets")
    packs: Bundle[int] = Bundle("packs")

    @initialize()
    def begin(self) -> None:
        self.clock.now = START
        self.caller = type(self).new_caller(f"account {next(self.names)}")
        rules = self.caller.billing.rules
        dehaze = replace(rules.book.of(OPERATOR), free=FREE, packs=PACKS, tiers=TIERS)
        book = replace(rules.book, prices={**rules.book.prices, OPERATOR: dehaze})
        self.caller.billing.rules = replace(rules, book=book)
        self.model = Model()

    @property
    def now(self) -> datetime:
        return self.clock()

    @rule(target=tickets)
    def call(self) -> object:
        self.model.expire(self.now) if self.model.expected(self.now) is None else None
        expected = self.model.expected(self.now)
        try:
            ticket = self.caller.admit(OPERATOR)
        except QuotaExhausted:
            assert expected is None
            return multiple()
        assert ticket.charge is not None
        assert (ticket.charge.source, ticket.charge.pack_id) == expected
        self.model.take(*expected)
        self.model.at_work[ticket.log_id] = (*expected, self.now)
        return ticket

    @rule(ticket=consumes(tickets), succeeded=st.booleans())
    def answer(self, ticket: Ticket, succeeded: bool) -> None:
        held = self.model.at_work.pop(ticket.log_id, None)
        if held is None:  # given back meanwhile: it takes its call again, or nothing
            expected = self.model.expected(self.now)
            if expected is not None:
                self.model.take(*expected)
            held = (*(expected or (Source.NONE, None)), self.now)
        source, pack, _ = held
        if not succeeded and source in (Source.PACK, Source.PAYG):
            self.model.take(source, pack, -1)
            source = Source.NONE
        assert self.caller.finish(ticket, 0 if succeeded else 216201) is source
        if source is Source.PAYG:
            self.model.open_calls.append(self.now)
        self.model.finished += 1

    @rule(ticket=consumes(tickets))
    def overload(self, ticket: Ticket) -> None:
        released = self.caller.billing.admission.release(ticket)
        assert released is not None
        released.result(10)
        held = self.model.at_work.pop(ticket.log_id, None)
        if held is not None:
            self.model.take(held[0], held[1], -1)

    @rule(tickets=st.lists(consumes(tickets), max_size=3))
    def crash(self, tickets: list[Ticket]) -> None:
        """A server dies with these calls at work; their reservations expire."""
        self.clock.turn(seconds=RESERVED.total_seconds())
        self.caller.billing.keeper.give_back_expired()
        self.model.expire(self.now)

    @rule(minutes=st.sampled_from([1, 20, 60, 60 * 24 * 3, 60 * 24 * 31, 60 * 24 * 366]))
    def wait(self, minutes: int) -> None:
        self.clock.turn(minutes=minutes)

    @rule()
    def full_hour(self) -> None:
        self.caller.billing.bills.settle()
        self.model.bill(self.now)

    @rule(amount=st.sampled_from(["0.25", "1", "3.000001"]), voucher=st.booleans())
    def pay_in(self, amount: str, voucher: bool) -> None:
        wallets = self.caller.billing.wallets
        (wallets.issue_voucher if voucher else wallets.topup)(self.caller.account, amount)
        self.model.money += Decimal(amount)

    @rule(amount=st.sampled_from(["0.1", "1"]))
    def withdraw(self, amount: str) -> None:
        before = self.caller.billing.wallets.balance(self.caller.account)
        try:
            self.caller.billing.wallets.withdraw(self.caller.account, amount)
        except InsufficientBalance:
            assert min(before.cash, before.available - before.unbilled) < Decimal(amount)
        else:
            self.model.money -= Decimal(amount)

    @rule(target=packs, size=st.sampled_from(sorted(PACKS)))
    def buy(self, size: int) -> object:
        try:
            pack = self.caller.billing.shop.buy_pack(self.caller.account, OPERATOR, size)
        except InsufficientBalance:
            assert self.model.money < PACKS[size]
            return multiple()
        self.model.money -= PACKS[size]
        assert self.model.money >= 0
        bought, expires = pack.bought_at, pack.expires_at
        self.model.packs[pack.id] = ModelPack(size, size, bought, expires, pack.id)
        return pack.id

    @rule(number=consumes(packs))
    def refund(self, number: int) -> None:
        pack = self.model.packs[number]
        in_time = self.now <= pack.bought + timedelta(days=7)
        try:
            self.caller.billing.shop.refund_pack(self.caller.account, number)
        except NotRefundable:
            assert pack.left != pack.size or not in_time
        else:
            assert pack.left == pack.size and in_time
            self.model.money += PACKS[pack.size]
            del self.model.packs[number]

    @rule(switch=st.sampled_from(Switch))
    def turn(self, switch: Switch) -> None:
        self.caller.billing.shop.set_payg(self.caller.account, OPERATOR, switch)
        self.model.switch = switch

    @rule()
    def upgrade(self) -> None:
        self.caller.billing.grants.verify(self.caller.account, AccountKind.ENTERPRISE)
        self.model.granted = 4

    @invariant()
    def books_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        balance = self.caller.billing.wallets.balance(self.caller.account)
        assert balance.available == self.model.money
        assert balance.cash >= 0 or balance.arrears_since is not None
        row = self.caller.resource(OPERATOR)
        assert (row.granted, row.used) == (self.model.granted, self.model.used)
        left = {pack.id: pack.left for pack in row.packs if pack.refunded_at is None}
        assert left == {number: pack.left for number, pack in self.model.packs.items()}
        counts = self.caller.platform.ledger.counts(account=self.caller.account)
        assert sum(c.succeeded + c.failed for c in counts) == self.model.finished

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.caller.verified()


@pytest.mark.timeout(600)
def test_sequences(new_caller: Callable[..., Caller], clock: TurnableClock) -> None:
    machine = type(
        "Machine", (Sequences,), {"new_caller": staticmethod(new_caller), "clock": clock}
    )
    profile = settings(
        max_examples=8,
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        # A failure prints its steps; looking for a shorter sequence would take minutes.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)
