import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xiutu.cli.accounts import app
from xiutu.platform.facade import Platform
from xiutu.platform.models import UsageEntry

pytestmark = pytest.mark.usefixtures("data")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def parsed(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_create_show_list() -> None:
    made = parsed("create", "acme", "--kind", "personal", "--plan", "metered")
    assert list(made) == ["id", "name", "kind", "plan", "created_at"]
    assert (made["kind"], made["plan"]) == ("personal", "metered")
    assert parsed("list") == [made]
    shown = parsed("show", "acme")
    assert shown.pop("balance")["available"] == "0"
    none_yet = {"apps": [], "calls_succeeded": 0, "calls_failed": 0}
    assert shown == made | none_yet


def test_create_without_options() -> None:
    made = parsed("create", "acme")
    assert (made["kind"], made["plan"]) == ("enterprise", "unlimited")


def test_show_counts_calls(data: Path) -> None:
    with Platform.open(data) as platform:
        keys = platform.ensure_defaults()
        assert keys is not None
        number, app_id = keys.app.account.id, keys.app.app_id
        for log_id, code in enumerate((0, 0, 17)):
            platform.ledger.record(
                UsageEntry(log_id, number, app_id, "dehaze", datetime.now(UTC), code)
            ).result(10)
        shown = parsed("show", "default")  # while the server has the database open
    assert shown["apps"] == ["default"]
    assert (shown["calls_succeeded"], shown["calls_failed"]) == (2, 1)


def test_for_people() -> None:
    assert run("create", "医院 [red]").exit_code == 0
    for command in (["list"], ["show", "医院 [red]"]):
        result = run(*command)
        assert result.exit_code == 0
        assert "医院 [red]" in result.stdout
        assert "unlimited" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["create", "acme"], 1, "already"),
        (["show", "nobody"], 1, "no account 'nobody'"),
        (["create", "x" * 65], 2, "64"),
        (["create", "x", "--kind", "royal"], 2, "enterprise"),
        (["create", "x", "--plan", "royal"], 2, "metered"),
        (["create"], 2, "name"),
    ],
)
def test_failures(arguments: list[str], code: int, text: str) -> None:
    parsed("create", "acme")
    result = run(*arguments)
    assert result.exit_code == code
    assert text in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", ["create", "list", "show"])
def test_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
