"""Backup beside a running server, restore to the same or the other kind of database."""

import gzip
import io
import json
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.platform.billing.conftest import Caller, NoLimit
from tests.platform.conftest import TurnableClock
from tests.services import Postgres
from xiutu.platform.backup import BackupError, backup, restore
from xiutu.platform.billing.deduction import Source, Switch
from xiutu.platform.facade import Platform
from xiutu.platform.keyring import SecretKeyError
from xiutu.platform.models import AccountKind, Plan, Principal
from xiutu.settings import Settings
from xiutu.storage import Database, dump, migrate


@pytest.fixture
def settings(tmp_path: Path, database_url: str | None) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty installation elsewhere."""
    data = tmp_path / "other"
    if request.param == "sqlite":
        yield Settings(data=data, database_url=None)
        return
    cluster: Postgres = request.getfixturevalue("postgres")
    url = cluster.empty()
    yield Settings(data=data, database_url=url)
    cluster.drop(url)


def busy(platform: Platform, clock: TurnableClock) -> Caller:
    """An account with everything: vouchers, a pack, an add-on, bills, a ticket, a token."""
    platform.accounts.create("acme", AccountKind.PERSONAL, Plan.METERED)
    app = platform.apps.create("app", account="acme", operators=["dehaze", "denoise"]).app
    platform.billing.counter = NoLimit()
    caller = Caller(platform, clock, Principal.of(app))
    wallets, shop = platform.billing.wallets, platform.billing.shop
    wallets.topup("acme", "1000.123456", reference="R1", actor="tests", note="注\n2")
    wallets.issue_voucher("acme", 5)
    platform.billing.grants.give("acme", "denoise", -50)
    shop.buy_pack("acme", "denoise", 10_000)
    platform.billing.grants.withdraw("acme", "dehaze")
    shop.set_payg("acme", "dehaze", Switch.ON)
    shop.buy_addon("acme", "dehaze", 3)
    caller.calls(3), caller.call(code=282000), caller.calls(2, "denoise")
    clock.turn(hours=1)
    platform.billing.keeper.round()
    caller.call()
    caller.admit("denoise")  # at work while the backup is made
    platform.tickets.open("acme", "subject", "text")
    with platform.actions.recording("tests", "test.done", account="acme", n=None):
        pass
    return caller


def rows(settings: Settings) -> list[str]:
    database = Database.open(settings.data, settings.database_url)
    with database.snapshot() as connection:
        found = list(dump.write(connection))
    database.close()
    return found


def test_round_trip(
    platform: Platform, clock: TurnableClock, settings: Settings, other: Settings, tmp_path: Path
) -> None:
    """Between all pairs of databases: every row is the same, keys open, books agree, calls go on."""
    caller = busy(platform, clock)
    secret = platform.api_tokens.create("t", account="acme").secret
    keys = platform.apps.keys(caller.principal.app_id)
    models = settings.data / "classify/models/1"
    (settings.data / "classify/blobs/features").mkdir(parents=True)
    (settings.data / "classify/blobs/features/x.npy").write_bytes(b"computed")
    models.mkdir(parents=True)
    (models / "head.onnx").write_bytes(b"onnx")
    file = tmp_path / "backup.tar.gz"
    made = backup(settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (made.schema, made.files) == (migrate.HEAD, 1)
    restored, aside = restore(other, file)
    assert (restored, aside) == (made, [])
    assert rows(other) == rows(settings)
    assert (other.data / "classify/models/1/head.onnx").read_bytes() == b"onnx"
    assert not (other.data / "classify/blobs").exists()
    with Platform.open(other.data, other.database_url, clock=clock) as again:
        assert again.apps.keys(keys.app.app_id) == keys
        assert again.api_tokens.verify(secret).account == "acme"
        assert again.billing.audit.verify().problems == ()
        assert again.billing.wallets.balance("acme") == platform.billing.wallets.balance("acme")
        again.billing.counter = NoLimit()
        there = Caller(again, clock, Principal.of(again.apps.get(keys.app.app_id)))
        assert there.call() is Source.PAYG
        again.accounts.create("next")  # numbers go on
        there.call("denoise")
        clock.turn(hours=2)
        again.billing.keeper.round()  # gives the call back that was at work
        there.verified()
        (pack,) = again.billing.shop.packs("acme")
        assert pack.left == 10_000 - 3
        assert {a.name for a in again.accounts.all()} == {"default", "acme", "next"}


def test_consistent_beside_writers(
    platform: Platform, clock: TurnableClock, settings: Settings, tmp_path: Path
) -> None:
    """While calls are recorded and money moves, the backup is one state in which the books agree."""
    caller = busy(platform, clock)
    stop = threading.Event()

    def load(operator: str) -> None:
        while not stop.is_set():
            caller.call(operator)
            platform.billing.wallets.topup("acme", 1)

    threads = [threading.Thread(target=load, args=(name,)) for name in ("dehaze", "denoise")]
    for thread in threads:
        thread.start()
    try:
        made = [backup(settings, tmp_path / f"{number}.tar.gz") for number in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert made[0].rows < made[1].rows < made[2].rows
    for number in range(3):
        other = Settings(data=tmp_path / f"other {number}", database_url=None)
        restore(other, tmp_path / f"{number}.tar.gz")
        with Platform.open(other.data, clock=clock) as again:
            assert again.billing.audit.verify().problems == ()


def test_a_place_that_is_taken(
    platform: Platform, clock: TurnableClock, settings: Settings, tmp_path: Path
) -> None:
    platform.close()
    file = tmp_path / "backup.tar.gz"
    backup(settings, file)
    with pytest.raises(BackupError, match="database already"):
        restore(settings, file)
    mine = Settings(data=tmp_path / "mine", database_url=None)
    with Platform.open(mine.data, clock=clock) as running:
        running.accounts.create("mine")
        with pytest.raises(BackupError, match="key is there"):
            restore(mine, file)
        with pytest.raises(Exception, match="stop the server first"):
            restore(mine, file, force=True)
        assert running.accounts.get("mine")
    damaged = changed(file, lambda m: m.update({"database.jsonl": b"[1]\n"}))
    with pytest.raises(dump.BadDump):
        restore(mine, damaged, force=True)
    with Platform.open(mine.data, clock=clock) as running:  # as it was
        assert running.accounts.get("mine")
    _, aside = restore(mine, file, force=True)
    assert [path.name.split(".before")[0] for path in aside] == ["xiutu.db", "secret.key"]
    with Platform.open(mine.data, clock=clock) as restored:
        assert [a.name for a in restored.accounts.all()] == ["default"]
    with sqlite3.connect(aside[0]) as old:
        assert old.execute("SELECT name FROM accounts").fetchall() == [("mine",)]
    old.close()


def test_a_backup_of_the_previous_release(tmp_path: Path, database_url: str | None) -> None:
    """A dump of schema 0001 is loaded as such and migrated."""
    lines = [
        '{"table":"accounts","columns":["id","name","kind","plan","created_at"]}\n',
        '[1,"acme","enterprise","metered","2026-01-01T00:00:00+00:00"]\n',
        '{"table":"server_state","columns":["name","value"]}\n',
        '["log_id_node","41"]\n',
    ]
    data = tmp_path / "old"
    assert dump.load(data, None, "0001", lines) == 2
    with Platform.open(data) as platform:
        assert platform.billing.wallets.balance("acme").available == 0
        assert platform.log_ids
    with pytest.raises(dump.NotEmpty):
        dump.load(tmp_path / "data", database_url, "0001", lines)


def changed(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The backup with other contents."""
    with tarfile.open(file) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]
    change(members)
    made = file.with_name("changed.tar.gz")
    with tarfile.open(made, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_that_are_no_backup(
    platform: Platform, clock: TurnableClock, settings: Settings, tmp_path: Path
) -> None:
    """Nothing is left behind where a damaged file was restored to, and nothing leaves the folder."""
    busy(platform, clock)
    file = tmp_path / "backup.tar.gz"
    backup(settings, file)

    def manifest(**values: object) -> Callable[[dict[str, bytes]], None]:
        return lambda m: m.update(
            {"manifest.json": json.dumps(json.loads(m["manifest.json"]) | values).encode()}
        )

    garbage, cut = tmp_path / "garbage", tmp_path / "cut"
    garbage.write_bytes(gzip.compress(b"garbage"))
    cut.write_bytes(file.read_bytes()[:2000])
    cases: list[tuple[Path, str]] = [(garbage, "no backup"), (tmp_path / "none", "no backup")]
    cases.append((cut, "damaged|no backup"))
    for change, message in (
        (lambda m: m.pop("manifest.json"), "no manifest"),
        (lambda m: m.pop("secret.key"), "no secret"),
        (manifest(schema="9999"), "update"),
        (manifest(format=2), "update"),
        (lambda m: m.update({"database.jsonl": b"[1]\n"}), "no dump"),
        (lambda m: m.update({"database.jsonl": m["database.jsonl"][:-40]}), "no dump"),
    ):
        made = changed(file, change)
        cases.append((made.rename(tmp_path / f"case {len(cases)}"), message))
    for number, (bad, message) in enumerate(cases):
        other = Settings(data=tmp_path / f"other {number}", database_url=None)
        with pytest.raises(Exception, match=message):
            restore(other, bad)
        assert not (other.data / "secret.key").exists()
        Platform.open(other.data).close()  # a first start there goes well
    evil = changed(file, lambda m: m.update({"classify/../../evil": b"x", "/etc/evil": b"x"}))
    restore(Settings(data=tmp_path / "safe", database_url=None), evil)
    assert not list(tmp_path.rglob("evil"))


def test_no_key_no_backup(settings: Settings, tmp_path: Path, platform: Platform) -> None:
    (settings.data / "secret.key").unlink()
    with pytest.raises(SecretKeyError):
        backup(settings, tmp_path / "backup.tar.gz")
    assert not list(tmp_path.glob("*backup*"))
