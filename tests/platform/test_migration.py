"""A database of the previous release, on both databases: its accounts call on as before."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.platform.conftest import TurnableClock
from tests.services import Postgres
from xiutu.classify.tables import models
from xiutu.platform.billing.deduction import Source
from xiutu.platform.console.tables import console_users
from xiutu.platform.facade import Platform
from xiutu.platform.management.tables import actions
from xiutu.platform.models import AccountKind, Plan, Principal, UsageEntry
from xiutu.storage import migrate
from xiutu.storage.schema import metadata

TABLES = (actions, models, console_users)
BORN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | None]:
    """Migrated to 0001 only."""
    (tmp_path / "data").mkdir()
    if request.param == "sqlite":
        fill(f"sqlite:///{tmp_path / 'data/xiutu.db'}")
        yield None
        return
    cluster: Postgres = request.getfixturevalue("postgres")
    url = cluster.empty()
    fill(url.replace("postgresql:", "postgresql+psycopg:"))
    yield url
    cluster.drop(url)


def fill(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        settings = migrate.config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        rows(connection)
    engine.dispose()


def rows(connection: Connection) -> None:
    """Two accounts, one metered, with an app each and calls."""
    for number, plan in ((1, "unlimited"), (2, "metered")):
        values = {"number": number, "name": f"acme {plan}", "plan": plan, "born": str(BORN)}
        values["born"] = values["born"].replace("+00:00", ".000000")
        for statement in (
            "INSERT INTO accounts (id, name, kind, plan, created_at) "
            "VALUES (:number, :name, 'enterprise', :plan, :born)",
            "INSERT INTO apps (app_id, account_id, name, description, api_key, sealed_secret, "
            "key_generation, created_at, updated_at) "
            "VALUES ('10000000' || :name, :number, :name, '', :name, 'x', 1, :born, :born)",
            "INSERT INTO usage (log_id, account_id, app_id, operator, at, code, latency_ms, "
            "queue_ms, pixels, bytes_in, bytes_out, api, api_version, credential) "
            "VALUES (:number, :number, '10000000' || :name, 'dehaze', :born, 0, 1, 1, 1, 1, 1, "
            "'baidu', 'v1', 'token')",
        ):
            # An app id has 20 characters at most.
            connection.execute(
                text(statement.replace("'10000000' || :name", "'app' || :plan")), values
            )


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_it_goes_on(opened: Callable[[], Platform], clock: TurnableClock) -> None:
    platform = opened()
    account = platform.accounts.get("acme metered")
    assert (account.kind, account.plan) == (AccountKind.ENTERPRISE, Plan.METERED)
    counts = {c.app_id: c.succeeded for c in platform.ledger.counts()}
    assert counts == {"appunlimited": 1, "appmetered": 1}
    for name in ("acme unlimited", "acme metered"):
        balance = platform.billing.wallets.balance(name)
        assert (balance.available, balance.arrears_since) == (0, None)
    clock.turn(hours=3)
    assert platform.billing.bills.settle() == ()  # calls of then are not charged
    app = platform.apps.get("appmetered")
    ticket = platform.billing.admission.admit(
        app_principal(platform, app.app_id), "dehaze", platform.log_ids.large()
    )
    entry = UsageEntry(ticket.log_id, account.id, app.app_id, "dehaze", clock())
    charge = platform.ledger.record(entry, ticket).result(10)
    assert charge is not None and charge.source is Source.FREE
    resource = next(
        r for r in platform.billing.grants.resources(account.name) if r.operator == "dehaze"
    )
    assert (resource.granted, resource.used) == (3000, 1)
    clock.turn(hours=1)
    assert len(platform.billing.bills.settle()) == 1
    assert platform.billing.audit.verify().problems == ()


def app_principal(platform: Platform, app_id: str) -> Principal:
    return Principal.of(platform.apps.get(app_id))


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_schema_is_that_of_a_new_database(opened: Callable[[], Platform]) -> None:
    """Whatever release a database comes from: the same tables, and the same refusals."""
    platform = opened()
    with platform._database.reading() as connection:
        assert migrate.is_current(connection)
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    assert {table.name for table in TABLES} <= metadata.tables.keys()
    for table in ("usage", "actions"):
        with platform.actions.recording("tests", "test.done"):
            pass
        with (
            pytest.raises(SQLAlchemyError, match="append-only"),
            platform._database.transaction() as connection,
        ):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    backups = platform.api_tokens.create("made after the migration", account="acme metered")
    assert platform.api_tokens.verify(backups.secret).account == "acme metered"
