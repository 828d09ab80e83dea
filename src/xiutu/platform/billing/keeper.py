"""The thread that does what is due by the clock: bills at the full hour, reminders, lost calls.

Every task may run in several servers at once and be interrupted anywhere; the next round goes on.
"""

import threading
from collections.abc import Callable
from datetime import date, datetime

import structlog

from xiutu.platform.billing.beijing import day_of, hour_of
from xiutu.platform.billing.bills import Bills
from xiutu.platform.billing.notices import Notices
from xiutu.platform.billing.reminders import Reminders
from xiutu.platform.billing.reservation_repository import ReservationRepository
from xiutu.platform.billing.settlement import give_back_expired
from xiutu.platform.billing.standings import Rules
from xiutu.platform.billing.wallets import Wallets
from xiutu.platform.clock import Clock
from xiutu.platform.retention import Retention
from xiutu.storage import Database

ROUND_S = 5.0
"""Seconds between two looks at the clock; a bill is at most this late."""

_QUIET_ROUNDS = 12
"""Rounds between two tries of what needs no haste: once a minute."""

_log = structlog.get_logger("xiutu.keeper")


class Keeper:
    def __init__(
        self,
        database: Database,
        wallets: Wallets,
        bills: Bills,
        reminders: Reminders,
        notices: Notices,
        retention: Retention,
        rules: Callable[[], Rules],
        clock: Clock,
    ) -> None:
        self._database = database
        self._wallets = wallets
        self._bills = bills
        self._reminders = reminders
        self._notices = notices
        self._retention = retention
        self._pruned: date | None = None
        self._rules = rules
        self._clock = clock
        self._hour: datetime | None = None
        self._rounds = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, with a first round at once: what became due while no server ran."""
        self._thread = threading.Thread(target=self._run, name="xiutu-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the round that is running."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def round(self) -> None:
        """Do what is due now. Tests and the command line call it, too."""
        self._do("expired calls", self.give_back_expired)
        hour = hour_of(self._clock())
        if hour != self._hour and (
            self._do("vouchers", self._wallets.lapse_vouchers)
            and self._do("bills", self._bills.settle)
            and self._do("reminders", self._reminders.remind)
        ):
            self._hour = hour
            if self._pruned != day_of(hour) and self._do("retention", self._retention.prune):
                self._pruned = day_of(hour)
            self._rounds = 0  # what the bills have to tell goes out now
        if self._rounds % _QUIET_ROUNDS == 0:
            self._do("notices", self._notices.deliver)
        self._rounds += 1

    def give_back_expired(self) -> int:
        """Free what calls of killed servers have reserved; gives how many calls."""
        now, count = self._clock(), 0
        with self._database.reading() as connection:
            accounts = ReservationRepository(connection).accounts_with_expired(now)
        for account_id in accounts:
            with self._database.transaction(durable=False) as connection:
                count += give_back_expired(connection, account_id, self._rules(), now)
        return count

    def _run(self) -> None:
        while not self._stop.is_set():
            self.round()
            self._stop.wait(ROUND_S)

    def _do(self, name: str, task: Callable[[], object]) -> bool:
        try:
            task()
        except Exception:  # the thread has to live on; the next round tries again
            _log.exception("due work failed", task=name)
            return False
        return True
