"""The billing services of one platform, built together."""

from functools import cached_property

from xiutu.platform.accounts import Accounts
from xiutu.platform.billing import price_book
from xiutu.platform.billing.admission import Admission
from xiutu.platform.billing.audit import Audit
from xiutu.platform.billing.bills import Bills
from xiutu.platform.billing.grants import Grants
from xiutu.platform.billing.keeper import Keeper
from xiutu.platform.billing.notices import Notices, Webhook
from xiutu.platform.billing.prices import PriceBook
from xiutu.platform.billing.reminders import Reminders
from xiutu.platform.billing.settlement import Settlement, Work
from xiutu.platform.billing.shop import Shop
from xiutu.platform.billing.standings import Rules
from xiutu.platform.billing.wallets import Wallets
from xiutu.platform.clock import Clock
from xiutu.platform.group_commit import GroupCommit
from xiutu.platform.options import Options
from xiutu.platform.retention import Retention
from xiutu.storage import Database
from xiutu.storage.counters import Counter, LocalCounter


class Billing:
    """``writer`` is the one group commit of the process, shared with the usage ledger."""

    def __init__(
        self, database: Database, accounts: Accounts, clock: Clock, options: Options
    ) -> None:
        self._options = options
        self.writer: GroupCommit[Work] = GroupCommit(database, Settlement(self._rules).apply)
        self.admission = Admission(database, self.writer, lambda: self.counter, self._rules, clock)
        self.wallets = Wallets(database, accounts, self._rules, clock)
        self.grants = Grants(database, accounts, self._rules, clock)
        self.shop = Shop(database, accounts, self._rules, clock)
        self.bills = Bills(database, accounts, self._rules, clock)
        self.reminders = Reminders(database, accounts, self.wallets, self.bills, self._rules, clock)
        webhook = Webhook(options.webhook) if options.webhook else None
        self.notices = Notices(database, accounts, clock, webhook)
        self.audit = Audit(database)
        self.retention = Retention(database, clock, options.usage_days)
        self.keeper = Keeper(
            database,
            self.wallets,
            self.bills,
            self.reminders,
            self.notices,
            self.retention,
            self._rules,
            clock,
        )

    @cached_property
    def rules(self) -> Rules:
        """Loads the price book on first use: most commands need none. Raises ``BadPriceBook``."""
        options = self._options
        return Rules(
            book=price_book.load(options.price_book, options.currency),
            grant_delay=options.grant_delay,
            invited=options.invited,
            reservation=options.reservation,
        )

    @property
    def book(self) -> PriceBook:
        return self.rules.book

    @cached_property
    def counter(self) -> Counter:
        """Raises ``RedisMissing``."""
        if self._options.redis_url is None:
            return LocalCounter()
        from xiutu.storage.redis_counters import RedisCounter

        return RedisCounter(self._options.redis_url)

    def close(self) -> None:
        """Stop the keeper, write what is waiting, let Redis go."""
        self.keeper.stop()
        self.writer.close()
        if "counter" in vars(self):
            self.counter.close()

    def _rules(self) -> Rules:
        return self.rules
