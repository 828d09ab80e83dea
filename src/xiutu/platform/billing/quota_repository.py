"""SQL of ``meters``, ``grants``, ``packs`` and ``addons``."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Addon, Grant, GrantReason, Meter, Pack, Unit, Wallet
from xiutu.platform.billing.tables import addons, grants, meters, packs, wallets

_METER = [meters.c[field.name] for field in fields(Meter)]
_PACK = [packs.c[field.name] for field in fields(Pack)]
_ADDON = [addons.c[field.name] for field in fields(Addon)]
_GRANT = [grants.c[field.name] for field in fields(Grant)]


def _at(table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.account_id == bindparam("account"), table.c.operator == bindparam("at_operator")


# Built once: these run for every metered call.
_WALLET = [wallets.c[field.name] for field in fields(Wallet)]
_SEEN = (
    select(*_WALLET, *_METER)
    .outerjoin_from(
        wallets,
        meters,
        (meters.c.account_id == wallets.c.account_id)
        & (meters.c.operator == bindparam("at_operator")),
    )
    .where(wallets.c.account_id == bindparam("account"))
)
_METER_AT = select(*_METER).where(*_at(meters))
_PACKS_AT = select(*_PACK).where(*_at(packs), packs.c.refunded_at.is_(None))
_ADDONS_AT = select(*_ADDON).where(*_at(addons), addons.c.ends_at > bindparam("now"))
_COUNT_METER = (
    update(meters)
    .where(*_at(meters))
    .values(used=bindparam("new_used"), cap_used=bindparam("new_cap_used"))
)
_COUNT_PACK = (
    update(packs).where(packs.c.id == bindparam("pack")).values(left=bindparam("new_left"))
)


class QuotaRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wallet_and_meter(self, account_id: int, operator: str) -> tuple[Wallet, Meter | None]:
        """Both in one query, without any lock."""
        at = {"account": account_id, "at_operator": operator}
        row = self._connection.execute(_SEEN, at).one()
        wallet, meter = row[: len(_WALLET)], row[len(_WALLET) :]
        return Wallet(*wallet), None if meter[0] is None else _meter(meter)

    def meter(self, account_id: int, operator: str) -> Meter | None:
        at = {"account": account_id, "at_operator": operator}
        row = self._connection.execute(_METER_AT, at).first()
        return None if row is None else _meter(row)

    def meters(self, account_id: int | None = None) -> Sequence[Meter]:
        query = select(*_METER).order_by(meters.c.account_id, meters.c.operator)
        if account_id is not None:
            query = query.where(meters.c.account_id == account_id)
        return [_meter(row) for row in self._connection.execute(query)]

    def add_meter(self, meter: Meter) -> None:
        """Raises ``sqlalchemy.exc.IntegrityError`` when it is there already."""
        values = {field.name: getattr(meter, field.name) for field in fields(Meter)}
        self._connection.execute(insert(meters).values({**values, "switch": meter.switch.value}))

    def set_meter(self, account_id: int, operator: str, **values: Any) -> None:
        where = (meters.c.account_id == account_id, meters.c.operator == operator)
        self._connection.execute(update(meters).where(*where).values(**values))

    def count_meters(self, rows: Sequence[tuple[int, str, int, int]]) -> None:
        """Rows of (account, operator, used, cap_used)."""
        names = ("account", "at_operator", "new_used", "new_cap_used")
        self._connection.execute(_COUNT_METER, [dict(zip(names, r, strict=True)) for r in rows])

    def count_packs(self, rows: Sequence[tuple[int, int]]) -> None:
        """Rows of (pack, left)."""
        values = [{"pack": pack, "new_left": left} for pack, left in rows]
        self._connection.execute(_COUNT_PACK, values)

    def add_grant(
        self,
        account_id: int,
        operator: str,
        calls: int,
        at: datetime,
        reason: GrantReason,
        *,
        actor: str = "",
        note: str = "",
    ) -> None:
        self._connection.execute(
            insert(grants).values(
                account_id=account_id,
                operator=operator,
                calls=calls,
                at=at,
                reason=reason.value,
                actor=actor,
                note=note,
            )
        )

    def grants(self, account_id: int | None = None) -> Sequence[Grant]:
        """In the order they were given."""
        query = select(*_GRANT).order_by(grants.c.id)
        if account_id is not None:
            query = query.where(grants.c.account_id == account_id)
        rows = self._connection.execute(query)
        return [Grant(**{**row._mapping, "reason": GrantReason(row.reason)}) for row in rows]

    def add_pack(
        self,
        account_id: int,
        operator: str,
        calls: int,
        price: Decimal,
        bought_at: datetime,
        expires_at: datetime,
    ) -> Pack:
        made = self._connection.execute(
            insert(packs).values(
                account_id=account_id,
                operator=operator,
                calls=calls,
                left=calls,
                price=price,
                bought_at=bought_at,
                expires_at=expires_at,
            )
        ).inserted_primary_key
        assert made is not None
        return Pack(made[0], account_id, operator, calls, calls, price, bought_at, expires_at, None)

    def set_pack(self, pack_id: int, **values: Any) -> None:
        self._connection.execute(update(packs).where(packs.c.id == pack_id).values(**values))

    def pack(self, pack_id: int) -> Pack | None:
        row = self._connection.execute(select(*_PACK).where(packs.c.id == pack_id)).first()
        return None if row is None else Pack(*row)

    def packs(self, account_id: int | None = None) -> Sequence[Pack]:
        """Refunded and lapsed ones too, oldest first."""
        query = select(*_PACK).order_by(packs.c.id)
        if account_id is not None:
            query = query.where(packs.c.account_id == account_id)
        return [Pack(*row) for row in self._connection.execute(query)]

    def packs_at(self, account_id: int, operator: str) -> Sequence[Pack]:
        """Those not refunded, lapsed ones too."""
        at = {"account": account_id, "at_operator": operator}
        return [Pack(*row) for row in self._connection.execute(_PACKS_AT, at)]

    def add_addon(self, account_id: int, operator: str, **values: Any) -> Addon:
        made = self._connection.execute(
            insert(addons).values(account_id=account_id, operator=operator, **values)
        ).inserted_primary_key
        assert made is not None
        query = select(*_ADDON).where(addons.c.id == made[0])
        return _addon(self._connection.execute(query).one())

    def addons(self, account_id: int) -> Sequence[Addon]:
        """Past ones too, oldest first."""
        query = select(*_ADDON).where(addons.c.account_id == account_id).order_by(addons.c.id)
        return [_addon(row) for row in self._connection.execute(query)]

    def addons_at(self, account_id: int, operator: str, now: datetime) -> Sequence[Addon]:
        """Those not over yet."""
        at = {"account": account_id, "at_operator": operator, "now": now}
        return [_addon(row) for row in self._connection.execute(_ADDONS_AT, at)]


def _meter(row: Any) -> Meter:
    # By position and without a loop: this runs for every metered call.
    (account, operator, granted, automatic, used, usable, withdrawn, switch, *limits) = row
    cap, cap_used, invited = limits
    return Meter(
        account, operator, granted, automatic, used, usable, withdrawn, Switch(switch),
        cap, cap_used, invited,
    )  # fmt: skip


def _addon(row: Any) -> Addon:
    return Addon(**{**row._mapping, "unit": Unit(row.unit)})
