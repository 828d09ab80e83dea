"""Moving money of one locked account: cash and vouchers, each movement a row of the ledger.

To be used inside a transaction that holds the wallet's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from xiutu.errors import InsufficientBalance
from xiutu.platform.billing.models import Kind, Movement, Voucher
from xiutu.platform.billing.money import ZERO
from xiutu.platform.billing.wallet_repository import WalletRepository


@dataclass(frozen=True)
class Reason:
    """What the ledger says about a movement. ``reference`` makes it possible only once."""

    kind: Kind
    subject: str = ""
    actor: str = ""
    note: str = ""
    reference: str | None = None


class Purse:
    """Locks the wallet it is made for."""

    def __init__(self, connection: Connection, account_id: int, now: datetime) -> None:
        self._repository = WalletRepository(connection)
        self._account_id = account_id
        self._now = now
        self._wallet = self._repository.lock([account_id])[account_id]
        self._cash = self._wallet.balance
        self.arrears_since = self._wallet.arrears_since

    @property
    def cash(self) -> Decimal:
        return self._cash

    @property
    def settled_until(self) -> datetime:
        return self._wallet.settled_until

    def available(self) -> Decimal:
        """Cash and vouchers that have not lapsed."""
        return self._cash + sum((v.left for v in self._vouchers()), ZERO)

    def put(self, amount: Decimal, reason: Reason) -> None:
        """Add cash; a balance that is no longer below zero ends arrears (A-64)."""
        self._move_cash(amount, reason)

    def take_cash(self, amount: Decimal, reason: Reason, keep: Decimal = ZERO) -> None:
        """Cash only; ``keep`` of the available balance must stay. Raises ``InsufficientBalance``."""
        if amount > min(self._cash, self.available() - keep):
            raise InsufficientBalance
        self._move_cash(-amount, reason)

    def pay(self, amount: Decimal, reason: Reason) -> None:
        """For something bought now: vouchers first, then cash. Raises ``InsufficientBalance``."""
        if amount > self.available():
            raise InsufficientBalance
        self.charge(amount, reason)

    def charge(self, amount: Decimal, reason: Reason) -> None:
        """For calls already made: vouchers first, then cash, which may fall below zero."""
        for voucher in self._vouchers():
            part = min(voucher.left, amount)
            if part > 0:
                self._move_voucher(voucher, -part, reason)
                amount -= part
        if amount > 0:
            self._move_cash(-amount, reason)

    def undo(self, movements: Sequence[Movement], reason: Reason) -> None:
        """Put back exactly what these payments took, into cash and vouchers."""
        vouchers = {v.id: v for v in self._repository.vouchers(self._account_id)}
        for movement in movements:
            if movement.voucher_id is None:
                self._move_cash(-movement.amount, reason)
            else:
                voucher = vouchers[movement.voucher_id]
                vouchers[voucher.id] = self._move_voucher(voucher, -movement.amount, reason)
        self._pay_debt(reason)

    def issue_voucher(
        self, amount: Decimal, expires_at: datetime | None, reason: Reason
    ) -> Voucher:
        """A voucher counts as balance: what is owed is paid from it at once."""
        made = self._repository.add_voucher(self._account_id, amount, self._now, expires_at)
        self._move_voucher(made, amount, replace(reason, subject=f"voucher:{made.id}"))
        self._pay_debt(reason)
        return next(v for v in self._repository.vouchers(self._account_id) if v.id == made.id)

    def lapse(self, voucher: Voucher) -> None:
        """What a voucher past its end still holds is gone."""
        self._move_voucher(voucher, -voucher.left, Reason(Kind.VOUCHER_LAPSED))

    def _vouchers(self) -> list[Voucher]:
        return list(self._repository.usable_vouchers(self._account_id, self._now))

    def _pay_debt(self, reason: Reason) -> None:
        for voucher in self._vouchers():
            part = min(voucher.left, -self._cash)
            if part > 0:
                paid = Reason(Kind.DEBT_PAID, f"voucher:{voucher.id}", reason.actor)
                self._move_voucher(voucher, -part, paid)
                self._move_cash(part, paid)

    def _move_cash(self, amount: Decimal, reason: Reason) -> None:
        self._cash += amount
        if self._cash >= 0:
            self.arrears_since = None
        elif self.arrears_since is None:
            self.arrears_since = self._now
        self._append(amount, self._cash, None, reason)
        self._repository.set(self._account_id, balance=self._cash, arrears_since=self.arrears_since)

    def _move_voucher(self, voucher: Voucher, amount: Decimal, reason: Reason) -> Voucher:
        left = voucher.left + amount
        self._append(amount, left, voucher.id, reason)
        self._repository.set_voucher(voucher.id, left)
        return replace(voucher, left=left)

    def _append(
        self, amount: Decimal, after: Decimal, voucher_id: int | None, reason: Reason
    ) -> None:
        self._repository.append(
            self._account_id,
            self._now,
            reason.kind,
            amount,
            after,
            voucher_id=voucher_id,
            subject=reason.subject,
            reference=reason.reference,
            actor=reason.actor,
            note=reason.note,
        )
