"""Accounts: who owns apps, and on which plan."""

import re

from sqlalchemy.exc import IntegrityError

from xiutu.errors import AccountNotFound, NameTaken
from xiutu.platform.accounts_repository import AccountRepository
from xiutu.platform.billing.beijing import hour_of
from xiutu.platform.billing.wallet_repository import WalletRepository
from xiutu.platform.clock import Clock
from xiutu.platform.models import Account, AccountKind, Plan
from xiutu.platform.names import checked_name, is_possible
from xiutu.storage import Database

DEFAULT_ACCOUNT = "default"

_NUMBER = re.compile("[0-9]{1,15}", re.ASCII)


class Accounts:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(
        self,
        name: str,
        kind: AccountKind = AccountKind.ENTERPRISE,
        plan: Plan = Plan.UNLIMITED,
    ) -> Account:
        """Raises ``NameTaken`` or ``InvalidParameter``."""
        name = checked_name(name)
        with self._database.transaction() as connection:
            try:
                now = self._clock()
                account = AccountRepository(connection).add(name, kind, plan, now)
                WalletRepository(connection).add(account.id, hour_of(now))
                return account
            except IntegrityError as error:
                raise NameTaken(f"there is an account {name!r} already") from error

    def get(self, name: str) -> Account:
        """Raises ``AccountNotFound``."""
        found = None
        if is_possible(name):
            with self._database.reading() as connection:
                found = AccountRepository(connection).by_name(name)
        if found is None:
            raise AccountNotFound(f"no account {name!r}")
        return found

    def find(self, name_or_number: str) -> Account:
        """By name, else by account number. Raises ``AccountNotFound``."""
        try:
            return self.get(name_or_number)
        except AccountNotFound:
            found = None
            if _NUMBER.fullmatch(name_or_number):
                with self._database.reading() as connection:
                    found = AccountRepository(connection).find(int(name_or_number))
            if found is None:
                raise
            return found

    def change_plan(self, name: str, plan: Plan) -> Account:
        """Counts from the next call on; what the old plan has charged stays.

        Raises ``AccountNotFound``.
        """
        with self._database.transaction() as connection:
            account = self.get(name)
            AccountRepository(connection).change(account.id, plan=plan.value)
            return self.get(name)

    def all(self) -> tuple[Account, ...]:
        """Oldest first."""
        with self._database.reading() as connection:
            return tuple(AccountRepository(connection).all())

    def ensure_default(self) -> Account:
        """The account ``default`` (no quota, no rate limit, no bill), made when it is not there."""
        try:
            return self.get(DEFAULT_ACCOUNT)
        except AccountNotFound:
            pass
        try:
            return self.create(DEFAULT_ACCOUNT)
        except NameTaken:  # another process was quicker
            return self.get(DEFAULT_ACCOUNT)
