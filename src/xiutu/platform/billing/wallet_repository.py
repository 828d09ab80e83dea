"""SQL of ``wallets``, ``vouchers`` and ``money_ledger``."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from xiutu.platform.billing.models import Kind, Movement, Voucher, Wallet
from xiutu.platform.billing.tables import money_ledger, vouchers, wallets

_WALLET = [wallets.c[field.name] for field in fields(Wallet)]
# Built once: these run for every metered call.
_GET = select(*_WALLET).where(wallets.c.account_id == bindparam("account"))
_LOCK_ONE = _GET.with_for_update()
_LOCK = (
    select(*_WALLET)
    .where(wallets.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(wallets.c.account_id)
    .with_for_update()
)
_MOVEMENT = [money_ledger.c[field.name] for field in fields(Movement)]


class WalletRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account_id: int, settled_until: datetime) -> None:
        """An empty wallet for a new account."""
        self._connection.execute(
            insert(wallets).values(
                account_id=account_id, balance=Decimal(0), settled_until=settled_until
            )
        )

    def get(self, account_id: int) -> Wallet:
        return Wallet(*self._connection.execute(_GET, {"account": account_id}).one())

    def lock(self, account_ids: Collection[int]) -> dict[int, Wallet]:
        """These wallets, until the transaction ends. Always in one order: no deadlocks."""
        if len(account_ids) == 1:  # the usual case, and the quicker statement
            (account_id,) = account_ids
            rows = self._connection.execute(_LOCK_ONE, {"account": account_id})
        else:
            rows = self._connection.execute(_LOCK, {"accounts": sorted(account_ids)})
        return {row.account_id: Wallet(*row) for row in rows}

    def set(self, account_id: int, **values: Any) -> None:
        self._connection.execute(
            update(wallets).where(wallets.c.account_id == account_id).values(**values)
        )

    def all(self) -> Sequence[Wallet]:
        rows = self._connection.execute(select(*_WALLET).order_by(wallets.c.account_id))
        return [Wallet(*row) for row in rows]

    def add_voucher(
        self, account_id: int, amount: Decimal, issued_at: datetime, expires_at: datetime | None
    ) -> Voucher:
        """An empty one; ``set_voucher`` fills it, together with its row in the ledger."""
        made = self._connection.execute(
            insert(vouchers).values(
                account_id=account_id,
                amount=amount,
                left=Decimal(0),
                issued_at=issued_at,
                expires_at=expires_at,
            )
        ).inserted_primary_key
        assert made is not None
        return Voucher(made[0], account_id, amount, Decimal(0), issued_at, expires_at)

    def set_voucher(self, voucher_id: int, left: Decimal) -> None:
        self._connection.execute(
            update(vouchers).where(vouchers.c.id == voucher_id).values(left=left)
        )

    def vouchers(self, account_id: int | None = None) -> Sequence[Voucher]:
        """Of one account or of all, oldest first."""
        query = select(vouchers).order_by(vouchers.c.id)
        if account_id is not None:
            query = query.where(vouchers.c.account_id == account_id)
        return [Voucher(**row._mapping) for row in self._connection.execute(query)]

    def lapsed_vouchers(self, now: datetime) -> Sequence[Voucher]:
        """Those past their end with something left."""
        query = select(vouchers).where(vouchers.c.left > Decimal(0), vouchers.c.expires_at <= now)
        return [Voucher(**row._mapping) for row in self._connection.execute(query)]

    def append(
        self,
        account_id: int,
        at: datetime,
        kind: Kind,
        amount: Decimal,
        after: Decimal,
        *,
        voucher_id: int | None = None,
        subject: str = "",
        reference: str | None = None,
        actor: str = "",
        note: str = "",
    ) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` when the account has used the reference before."""
        self._connection.execute(
            insert(money_ledger).values(
                account_id=account_id,
                at=at,
                kind=kind.value,
                amount=amount,
                after=after,
                voucher_id=voucher_id,
                subject=subject,
                reference=reference,
                actor=actor,
                note=note,
            )
        )

    def movements(
        self,
        account_id: int | None = None,
        *,
        subject: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before_id: int | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Sequence[Movement]:
        """With ``since <= at < until``, in the order they happened unless ``newest_first``."""
        query = select(*_MOVEMENT)
        if account_id is not None:
            query = query.where(money_ledger.c.account_id == account_id)
        if subject is not None:
            query = query.where(money_ledger.c.subject == subject)
        if since is not None:
            query = query.where(money_ledger.c.at >= since)
        if until is not None:
            query = query.where(money_ledger.c.at < until)
        if before_id is not None:
            query = query.where(money_ledger.c.id < before_id)
        order = money_ledger.c.id.desc() if newest_first else money_ledger.c.id
        rows = self._connection.execute(query.order_by(order).limit(limit))
        return [_movement(row) for row in rows]

    def by_reference(self, account_id: int, reference: str) -> Movement | None:
        query = select(*_MOVEMENT).where(
            money_ledger.c.account_id == account_id, money_ledger.c.reference == reference
        )
        row = self._connection.execute(query).first()
        return None if row is None else _movement(row)

    def usable_vouchers(self, account_id: int, now: datetime) -> Sequence[Voucher]:
        """In the order of use: first to lapse, oldest."""
        query = select(vouchers).where(
            vouchers.c.account_id == account_id,
            vouchers.c.left > Decimal(0),
            or_(vouchers.c.expires_at.is_(None), vouchers.c.expires_at > now),
        )
        order = (vouchers.c.expires_at.is_(None), vouchers.c.expires_at, vouchers.c.id)
        rows = self._connection.execute(query.order_by(*order))
        return [Voucher(**row._mapping) for row in rows]


def _movement(row: Any) -> Movement:
    values = dict(row._mapping)
    return Movement(**{**values, "kind": Kind(values["kind"])})
