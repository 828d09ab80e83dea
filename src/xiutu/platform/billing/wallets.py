"""Balance, top-up, withdrawal, vouchers, and the history of all of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal

from xiutu.errors import InvalidParameter
from xiutu.platform.accounts import Accounts
from xiutu.platform.billing.bill_repository import BillRepository
from xiutu.platform.billing.models import Balance, Kind, Movement, Voucher
from xiutu.platform.billing.money import ZERO, positive
from xiutu.platform.billing.open_hours import unbilled
from xiutu.platform.billing.purse import Purse, Reason
from xiutu.platform.billing.standings import Rules
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.clock import Clock
from xiutu.storage import Database

LONGEST_REFERENCE = 64
_PAGE = 1000


class Wallets:
    def __init__(
        self, database: Database, accounts: Accounts, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._rules = rules
        self._clock = clock

    def balance(self, account: str) -> Balance:
        """Raises ``AccountNotFound``."""
        now = self._clock()
        with self._database.reading() as connection:
            account_id = self._accounts.get(account).id
            repository = WalletRepository(connection)
            wallet = repository.get(account_id)
            open_lines = unbilled(BillRepository(connection), wallet, self._rules().book)
            return Balance(
                cash=wallet.balance,
                vouchers=sum((v.left for v in repository.usable_vouchers(account_id, now)), ZERO),
                unbilled=sum((line.amount for line in open_lines), ZERO),
                arrears_since=wallet.arrears_since,
                currency=self._rules().book.currency,
            )

    def topup(
        self,
        account: str,
        amount: Decimal | int | str,
        *,
        reference: str | None = None,
        actor: str = "",
        note: str = "",
    ) -> Balance:
        """Add cash; ends arrears once the balance is not below zero.

        With a ``reference`` (a payment's number) the same top-up given twice is made once; another
        amount under it raises ``InvalidParameter``. Raises ``AccountNotFound``.
        """
        value = positive(amount)
        if reference is not None and not 1 <= len(reference) <= LONGEST_REFERENCE:
            raise InvalidParameter(f"a reference has 1 to {LONGEST_REFERENCE} characters")
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            purse = Purse(connection, account_id, self._clock())
            before = reference and WalletRepository(connection).by_reference(account_id, reference)
            if not before:
                reason = Reason(Kind.TOPUP, actor=actor, note=note, reference=reference)
                purse.put(value, reason)
            elif (before.kind, before.amount) != (Kind.TOPUP, value):
                raise InvalidParameter(f"reference {reference!r} was used for another payment")
            return self.balance(account)

    def withdraw(
        self, account: str, amount: Decimal | int | str, *, actor: str = "", note: str = ""
    ) -> Balance:
        """Pay unused cash out, never what open hours have spent already; vouchers are no cash.

        Raises ``InsufficientBalance``, ``AccountNotFound`` or ``InvalidParameter``.
        """
        value = positive(amount)
        with self._database.transaction() as connection:
            account_id = self._accounts.get(account).id
            purse = Purse(connection, account_id, self._clock())
            wallet = WalletRepository(connection).get(account_id)
            open_lines = unbilled(BillRepository(connection), wallet, self._rules().book)
            spent = sum((line.amount for line in open_lines), ZERO)
            purse.take_cash(value, Reason(Kind.WITHDRAWAL, actor=actor, note=note), keep=spent)
            return self.balance(account)

    def issue_voucher(
        self,
        account: str,
        amount: Decimal | int | str,
        *,
        expires_at: datetime | None = None,
        actor: str = "",
        note: str = "",
    ) -> Voucher:
        """Counts as balance until it lapses, is spent before cash, and cannot be withdrawn."""
        value, now = positive(amount), self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidParameter("the voucher would have lapsed already")
        with self._database.transaction() as connection:
            purse = Purse(connection, self._accounts.get(account).id, now)
            return purse.issue_voucher(
                value, expires_at, Reason(Kind.VOUCHER, actor=actor, note=note)
            )

    def vouchers(self, account: str) -> tuple[Voucher, ...]:
        """Spent and lapsed ones too, oldest first. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            repository = WalletRepository(connection)
            return tuple(repository.vouchers(self._accounts.get(account).id))

    def movements(
        self,
        account: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> tuple[Movement, ...]:
        """The money ledger, newest first; ``before_id`` continues after the last row of a page."""
        with self._database.reading() as connection:
            return tuple(
                WalletRepository(connection).movements(
                    self._accounts.get(account).id,
                    since=since,
                    until=until,
                    before_id=before_id,
                    limit=limit,
                    newest_first=True,
                )
            )

    def every_movement(
        self, account: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Movement]:
        """All of them, newest first, a page at a time. Raises ``AccountNotFound``."""
        before_id = None
        while page := self.movements(
            account, since=since, until=until, before_id=before_id, limit=_PAGE
        ):
            yield from page
            before_id = page[-1].id

    def lapse_vouchers(self) -> int:
        """Book what lapsed vouchers still hold as gone. For the keeper; gives how many."""
        now = self._clock()
        with self._database.reading() as connection:
            owners = {v.account_id for v in WalletRepository(connection).lapsed_vouchers(now)}
        count = 0
        for account_id in sorted(owners):
            with self._database.transaction() as connection:
                purse = Purse(connection, account_id, now)
                lapsed = WalletRepository(connection).lapsed_vouchers(now)
                for voucher in lapsed:
                    if voucher.account_id == account_id:
                        purse.lapse(voucher)
                        count += 1
        return count
