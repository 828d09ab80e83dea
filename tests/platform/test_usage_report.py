"""Usage per app, operator and hour: R-013."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xiutu.platform.facade import Platform
from xiutu.platform.models import Credentials, UsageEntry, UsageHour

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def entry(keys: Credentials) -> UsageEntry:
    return UsageEntry(
        0, keys.app.account.id, keys.app.app_id, "dehaze", NOON + HOUR / 2,
        pixels=1_500_000, bytes_in=100, bytes_out=1000,
    )  # fmt: skip


def test_hours(platform: Platform, keys: Credentials, entry: UsageEntry) -> None:
    rows = [
        replace(entry, log_id=number, latency_ms=number, code=216201 if number % 50 == 0 else 0)
        for number in range(1, 201)
    ]
    rows += [
        replace(entry, log_id=501, code=216202),
        replace(entry, log_id=502, at=NOON + HOUR, latency_ms=7),
        replace(entry, log_id=503, operator="denoise", latency_ms=9),
    ]
    futures = [platform.ledger.record(row) for row in rows]
    for future in futures:
        future.result(30)
    mine = keys.app.app_id
    hours = platform.ledger.hours()
    assert [(h.hour, h.operator, h.calls) for h in hours] == [
        (NOON, "dehaze", 201),
        (NOON, "denoise", 1),
        (NOON + HOUR, "dehaze", 1),
    ]
    assert hours[0] == UsageHour(
        app_id=mine,
        operator="dehaze",
        hour=NOON,
        calls=201,
        succeeded=196,
        failures={216201: 4, 216202: 1},
        latency_ms={50: 100, 95: 190, 99: 198},
        megapixels=301.5,
        bytes_in=20_100,
        bytes_out=201_000,
    )
    assert hours[1].latency_ms == {50: 9, 95: 9, 99: 9}


def test_filters(platform: Platform, keys: Credentials, entry: UsageEntry) -> None:
    platform.accounts.create("acme")
    other = platform.apps.create("other", account="acme").app
    for number, row in enumerate(
        (
            entry,
            replace(entry, at=NOON + HOUR),
            replace(entry, operator="denoise"),
            replace(entry, app_id=other.app_id, account_id=other.account.id),
        )
    ):
        platform.ledger.record(replace(row, log_id=number)).result(10)
    hours = platform.ledger.hours
    assert len(hours()) == 4
    assert [h.app_id for h in hours(account="acme")] == [other.app_id]
    assert hours(account="nobody") == ()
    assert len(hours(app_id=keys.app.app_id)) == 3
    assert [h.operator for h in hours(operator="denoise")] == ["denoise"]
    assert [h.hour for h in hours(since=NOON + HOUR)] == [NOON + HOUR]
    assert len(hours(until=NOON + HOUR)) == 3
