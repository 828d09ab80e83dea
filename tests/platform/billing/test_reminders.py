"""Reminders, notices, and the keeper that does what is due: R-187, R-189."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.platform.billing.beijing import BEIJING
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.notices import Notices, Webhook


class Receiver:
    """A webhook's other end; answers with ``status``."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[dict[str, Any]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if receiver.status == 204:
                    receiver.got.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def spender(caller: Caller) -> Caller:
    """Spends 0.7 on each of seven days (1 on average of 7 = 0.7 a day); then it is the 9th, 10:00."""
    caller.billing.grants.withdraw(caller.account)
    caller.billing.shop.set_payg(caller.account, "remove_moire", Switch.ON)
    caller.billing.wallets.topup(caller.account, "7.5")
    for day in range(2, 9):
        caller.clock.now = datetime(2026, 3, day, 10, tzinfo=BEIJING)
        caller.calls(7, "remove_moire")
    caller.clock.now = datetime(2026, 3, 9, 10, tzinfo=BEIJING)
    caller.billing.bills.settle()
    return caller


def test_three_two_one_days_before(spender: Caller, clock: TurnableClock) -> None:
    """R-189, A-65: at the mean of the last seven days; one reminder a level and day."""
    reminders, wallets = spender.billing.reminders, spender.billing.wallets
    forecast = reminders.forecast(spender.account)
    assert (f"{forecast.available:f}", f"{forecast.mean_daily_fee:f}") == ("2.6", "0.7")
    assert forecast.level is None
    assert reminders.remind() == 0
    for left, level in (("2.1", 3), ("1.4", 2), ("0.7", 1)):
        wallets.withdraw(spender.account, wallets.balance(spender.account).cash - to_money(left))
        assert reminders.remind() == 1
        assert reminders.remind() == 0
        (notice, *_) = spender.billing.notices.of(spender.account)
        assert (notice.kind, notice.facts["days"]) == ("balance_low", level)
    assert notice.facts["expected_on"] == "2026-03-10"
    clock.turn(days=1)  # the day before yesterday's spending is still in the week
    assert reminders.remind() == 1
    wallets.issue_voucher(spender.account, 100)
    assert reminders.forecast(spender.account).level is None


def to_money(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def test_open_hours_count_as_spent(spender: Caller) -> None:
    spender.calls(6, "remove_moire")
    assert spender.billing.reminders.forecast(spender.account).available == 2
    assert spender.billing.reminders.remind() == 1


def test_who_is_in_arrears_is_told_that_only(spender: Caller, clock: TurnableClock) -> None:
    """R-187."""
    spender.billing.wallets.withdraw(spender.account, "2.6")
    spender.call("remove_moire")
    clock.turn(hours=1)
    spender.billing.keeper.round()
    assert [n.kind for n in spender.billing.notices.of(spender.account)] == ["arrears"]


def test_webhook(spender: Caller, receiver: Receiver) -> None:
    wallets = spender.billing.wallets
    wallets.withdraw(spender.account, wallets.balance(spender.account).cash - to_money("1.4"))
    spender.billing.reminders.remind()
    notices = Notices(
        spender.platform._database, spender.platform.accounts, spender.clock, Webhook(receiver.url)
    )
    receiver.status = 503
    assert notices.deliver() == 0
    receiver.status = 204
    assert notices.deliver() == 1
    assert notices.deliver() == 0
    (body,) = receiver.got
    assert body["account"] == spender.account
    assert body["kind"] == "balance_low"
    assert body["facts"]["available"] == "1.4"
    assert body["facts"]["days"] == 2
    (notice,) = notices.of(spender.account)
    assert (notice.attempts, notice.delivered_at) == (2, spender.clock())


def test_without_a_webhook_the_log_will_do(
    spender: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    wallets = spender.billing.wallets
    wallets.withdraw(spender.account, wallets.balance(spender.account).cash - to_money("1"))
    spender.billing.reminders.remind()
    assert spender.billing.notices.deliver() == 1
    out = "".join(capsys.readouterr())
    assert "balance_low" in out and spender.account in out


def test_the_keeper(caller: Caller, clock: TurnableClock) -> None:
    """One round does what is due; a thread makes rounds until it is stopped."""
    caller.billing.grants.withdraw(caller.account)
    caller.billing.wallets.issue_voucher(caller.account, 5, expires_at=clock() + timedelta(hours=1))
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    caller.call()
    caller.admit()
    clock.turn(hours=1)
    caller.billing.keeper.start()
    caller.billing.keeper.stop()
    balance = caller.billing.wallets.balance(caller.account)
    assert (f"{balance.cash:f}", balance.vouchers) == ("-0.007", 0)
    (notice,) = caller.billing.notices.of(caller.account)
    assert notice.delivered_at is not None
    caller.verified()


def test_the_keeper_survives_failures(
    caller: Caller, clock: TurnableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails now is tried again in the next round."""
    caller.billing.grants.withdraw(caller.account)
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    caller.call()
    clock.turn(hours=1)
    with caller.platform._database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE bills RENAME TO gone")
    caller.billing.keeper.round()
    with caller.platform._database.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO bills")
    assert caller.cash() == 0
    caller.billing.keeper.round()
    assert caller.cash() < 0
