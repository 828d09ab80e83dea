"""Commands for everything of a metered account; what they do is on the record and in the ledgers."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xiutu.cli.main import app
from xiutu.platform.billing.models import Kind
from xiutu.platform.facade import Platform
from xiutu.platform.models import Principal, UsageEntry
from xiutu.settings import load

pytestmark = pytest.mark.usefixtures("data")


def run(line: str, *more: str) -> Result:
    return CliRunner().invoke(app, [*line.split(), *more])


def parsed(line: str, *more: str) -> Any:
    result = run(line, *more, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def called(data: Path, operator: str, code: int = 0) -> None:
    """One call of the account ``acme``."""
    with Platform.open(data) as platform:
        principal = Principal.of(platform.apps.find("app", "acme"))
        ticket = platform.billing.admission.admit(principal, operator, platform.log_ids.large())
        entry = UsageEntry(
            ticket.log_id,
            principal.account_id,
            principal.app_id,
            operator,
            datetime.now(UTC),
            code,
            latency_ms=120,
            pixels=2_000_000,
        )
        platform.ledger.record(entry, ticket).result(10)


@pytest.fixture
def acme(data: Path) -> None:
    parsed("accounts create acme --kind personal --plan metered")
    parsed("apps create app --account acme")


@pytest.mark.usefixtures("acme")
def test_money(tmp_path: Path) -> None:
    """R-007 on the command line."""
    for _ in range(2):
        assert parsed("accounts topup acme 100.5 --reference P1")["cash"] == "100.5"
    parsed("accounts withdraw acme 0.5", "--note", "back")
    assert parsed("accounts voucher acme 5 --expires 2999-01-01")["left"] == "5"
    assert parsed("accounts balance acme")["available"] == "105"
    assert parsed("accounts show acme")["balance"]["shown"] == "105.00"
    kinds = [row["kind"] for row in parsed("accounts movements acme")]
    assert kinds == [Kind.VOUCHER, Kind.WITHDRAWAL, Kind.TOPUP]
    assert len(parsed("accounts vouchers acme")) == 1
    assert parsed("accounts forecast acme")["days_left"] is None
    file = tmp_path / "out.csv"
    assert run(f"accounts movements acme --csv {file}").exit_code == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["kind"], row["amount"]) for row in rows][-1] == ("topup", "100.5")
    assert run("accounts movements acme --csv -").stdout.count("\n") == 4
    assert "105.00 CNY" in run("accounts show acme").stdout


@pytest.mark.usefixtures("acme")
def test_quota_and_shop() -> None:
    (row,) = parsed("grants list acme --operator denoise")
    assert (row["granted"], row["qps"], row["paid"]) == (50, 2, False)
    assert parsed("accounts update acme --kind enterprise")["kind"] == "enterprise"
    assert parsed("grants give acme denoise -30")[0]["granted"] == 70
    assert parsed("grants cap acme denoise 5")[0]["cap"] == 5
    assert parsed("grants cap acme denoise none")[0]["cap"] is None
    assert parsed("grants invite acme segment no")[0]["invited"] is False
    assert run("grants withdraw acme --operator denoise").exit_code == 0
    assert parsed("grants list acme --operator denoise")[0]["free_left"] == 0
    assert run("grants restore acme").exit_code == 0
    given = [(row["operator"], row["calls"]) for row in parsed("grants history acme")]
    assert ("denoise", -30) in given and ("denoise", 50) in given
    assert "balance" in run("packs buy acme dehaze 10000").stderr
    parsed("accounts topup acme 1000")
    pack = parsed("packs buy acme dehaze 10000")
    assert pack["price"] == "65"
    assert parsed(f"packs refund acme {pack['id']}")["refunded_at"]
    assert run(f"packs refund acme {pack['id']}").exit_code == 1
    assert len(parsed("packs list acme")) == 1
    assert run("payg acme dehaze on").exit_code == 0
    assert parsed("addons buy acme dehaze 4 --periods 2")["price"] == "400"
    assert len(parsed("addons list acme")) == 1
    assert parsed("grants list acme --operator dehaze")[0]["qps"] == 14
    assert parsed("prices dehaze")[0]["addon_month"] == "750"
    assert "not for sale" in run("prices").stdout


@pytest.mark.usefixtures("acme")
def test_reports(data: Path, tmp_path: Path) -> None:
    """R-013, R-172: usage by hour, bills, what is not billed, and all of it as CSV."""
    parsed("accounts topup acme 1")
    run("grants withdraw acme")
    run("payg acme dehaze on")
    called(data, "dehaze")
    called(data, "dehaze", 216201)
    (hour,) = parsed("usage acme")
    assert (hour["account"], hour["calls"], hour["failures"]) == ("acme", 2, {"216201": 1})
    assert parsed("usage") == [hour]
    assert parsed("usage --operator denoise") == []
    (unbilled,) = parsed("bills acme --unbilled")
    assert unbilled["amount"] == "0.007"
    assert parsed("bills acme") == []
    assert "0.007" in run("bills acme --unbilled").stdout
    lines = run("usage --csv -").stdout.splitlines()
    assert lines[0].startswith("account,app_id,operator,hour,calls,succeeded,failed,failures")
    assert lines[1].split(",")[4:8] == ["2", "1", "1", "216201:1"]
    assert "0.007,CNY" in run("bills acme --unbilled --csv -").stdout
    assert parsed("notices acme") == []
    assert run(f"usage --csv {tmp_path / 'none' / 'x.csv'}").exit_code == 1
    assert run("ledger settle").stdout == "0 bills\n"
    assert run("prune").stdout == "0 calls removed\n"
    assert run("ledger verify").stdout.startswith("clean: 1 accounts")
    assert parsed("ledger verify")["clean"] is True


@pytest.mark.usefixtures("acme")
def test_a_wrong_ledger_is_told(data: Path) -> None:
    parsed("accounts topup acme 1")
    with Platform.open(data) as platform, platform._database.transaction() as connection:
        connection.exec_driver_sql("UPDATE wallets SET balance = balance + 1")
    result = run("ledger verify")
    assert result.exit_code == 1
    assert "balance 1.000001, ledger 1" in result.stdout
    assert run("ledger verify --json").exit_code == 1


@pytest.mark.usefixtures("acme")
def test_tokens_and_the_record(data: Path) -> None:
    """The text of a token is printed once; every change is on the record, with who made it."""
    admin = parsed("tokens create ops --admin")
    mine = parsed("tokens create mine --account acme --expires 2999-01-01")
    assert (admin["role"], mine["role"], mine["account"]) == ("admin", "account", "acme")
    with Platform.open(data) as platform:
        assert platform.api_tokens.verify(mine["token"]).account == "acme"
    assert [row["name"] for row in parsed("tokens list")] == ["ops", "mine"]
    assert "token" not in parsed("tokens list --account acme")[0]
    assert run(f"tokens revoke {mine['id']}").exit_code == 0
    assert run("tokens revoke 99").exit_code == 1
    for wrong in ("tokens create x", "tokens create x --admin --account acme"):
        assert run(wrong).exit_code == 2
    assert run("accounts topup nobody 1").exit_code == 1
    done = parsed("actions")
    assert [row["action"] for row in done] == [
        "token.revoke",
        "token.create",
        "token.create",
        "app.create",
        "account.create",
    ]
    assert all(row["actor"].startswith("cli") for row in done)
    assert mine["token"] not in json.dumps(done)
    assert len(parsed("actions --account acme")) == 3


@pytest.mark.usefixtures("acme")
def test_tickets() -> None:
    """R-008."""
    made = parsed("tickets open acme", "more QPS", "for May", "--kind", "cooperation")
    assert parsed(f"tickets reply {made['id']}", "done")["state"] == "answered"
    assert "for May" in run(f"tickets show {made['id']}").stdout
    assert parsed(f"tickets close {made['id']}")["state"] == "closed"
    assert parsed("tickets list --state open") == []
    assert run("tickets show 99").exit_code == 1


@pytest.mark.usefixtures("acme")
def test_backup_and_restore(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed("accounts topup acme 12.5")
    file = tmp_path / "backup.tar.gz"
    assert run(f"backup {file}").exit_code == 0
    assert run(f"backup {tmp_path / 'none' / 'x'}").exit_code == 1
    refused = run(f"restore {file}")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    monkeypatch.setenv("XIUTU_DATA", str(tmp_path / "other"))
    load.cache_clear()
    restored = run(f"restore {file}")
    assert restored.exit_code == 0, restored.output
    assert restored.stdout.endswith("the ledgers are clean\n")
    assert parsed("accounts balance acme")["cash"] == "12.5"
    assert parsed("actions")[0]["action"] == "backup.restore"
    assert run(f"restore {tmp_path / 'nothing'}").exit_code == 1


@pytest.mark.parametrize(
    "line",
    [
        "accounts topup acme ten",
        "accounts topup acme -- -5",
        "accounts topup acme 0.0000001",
        "accounts movements acme --since yesterday",
        "accounts voucher acme 5 --expires 2020-01-01",
        "accounts update acme",
        "grants give acme nosuch 5",
        "grants cap acme dehaze many",
        "addons buy acme dehaze 4 --first-day soon",
        "prices nosuch",
        "packs buy acme dehaze many",
    ],
)
@pytest.mark.usefixtures("acme")
def test_wrong_values_are_usage_errors(line: str) -> None:
    result = run(line)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
