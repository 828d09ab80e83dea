"""Three, two and one day before the balance is expected to run out, the account is reminded."""

from collections.abc import Callable
from datetime import timedelta

from xiutu.platform.accounts import Accounts
from xiutu.platform.accounts_repository import AccountRepository
from xiutu.platform.billing.beijing import day_of
from xiutu.platform.billing.bill_repository import BillRepository
from xiutu.platform.billing.bills import Bills
from xiutu.platform.billing.forecast import HISTORY_DAYS, days_left, reminder_level
from xiutu.platform.billing.models import Forecast
from xiutu.platform.billing.money import ZERO, shown
from xiutu.platform.billing.notice_repository import NoticeRepository
from xiutu.platform.billing.standings import Rules
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.billing.wallets import Wallets
from xiutu.platform.clock import Clock
from xiutu.platform.models import Account
from xiutu.storage import Database

_LONGEST = 3650
"""Beyond ten years an expected day is no information."""


class Reminders:
    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        wallets: Wallets,
        bills: Bills,
        rules: Callable[[], Rules],
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._wallets = wallets
        self._bills = bills
        self._rules = rules
        self._clock = clock

    def forecast(self, account: str) -> Forecast:
        """From the bills of the last 7 days and the balance, vouchers included, what is spent in
        open hours taken off (A-65). Raises ``AccountNotFound``."""
        return self._forecast(self._accounts.get(account))

    def remind(self) -> int:
        """Note the reminders that are due, one a level and day; gives how many are new.

        Accounts in arrears have been told already.
        """
        new = 0
        with self._database.reading() as connection:
            since = self._clock() - timedelta(days=HISTORY_DAYS + 1)
            accounts = AccountRepository(connection)
            spending = [
                accounts.by_id(number)
                for number in BillRepository(connection).accounts_with_fees(since)
            ]
        for account in spending:
            forecast = self._forecast(account)
            if forecast.level is None:
                continue
            with self._database.transaction() as connection:
                wallet = WalletRepository(connection).lock([account.id])[account.id]
                if wallet.arrears_since is None:
                    new += NoticeRepository(connection).add(
                        account.id,
                        topic=f"balance {forecast.level} {day_of(self._clock())}",
                        kind="balance_low",
                        at=self._clock(),
                        facts={
                            "days": forecast.level,
                            "expected_on": str(forecast.expected_on),
                            "available": str(forecast.available),
                            "shown": shown(forecast.available),
                            "mean_daily_fee": str(forecast.mean_daily_fee),
                            "currency": self._rules().book.currency,
                        },
                    )
        return new

    def _forecast(self, account: Account) -> Forecast:
        fees = self._bills.daily_fees(account.id, HISTORY_DAYS)
        balance = self._wallets.balance(account.name)
        available = balance.available - balance.unbilled
        left = days_left(available, fees)
        expected = None
        if left is not None and left <= _LONGEST:
            expected = day_of(self._clock() + timedelta(days=float(left)))
        mean = sum(fees, ZERO) / len(fees)
        return Forecast(available, mean, left, reminder_level(left), expected)
