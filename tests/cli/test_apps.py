import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xiutu.cli.apps import app
from xiutu.contract.services import tickable_ids
from xiutu.errors import AppDeleted, TokenInvalid
from xiutu.platform.facade import Platform
from xiutu.platform.models import UsageEntry

pytestmark = pytest.mark.usefixtures("data")


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def parsed(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_create_prints_the_four_values() -> None:
    made = parsed("create", "mine", "--operators", "dehaze, segment")
    assert list(made) == ["app_id", "api_key", "secret_key", "account"]
    assert made["account"] == "default"
    shown = parsed("show", "mine")
    assert shown["operators"] == ["dehaze", "segment"]
    assert {name: shown[name] for name in made} == made


def test_keys_work_on_a_running_server(data: Path) -> None:
    with Platform.open(data) as server:
        server.ensure_defaults()
        made = parsed("create", "mine", "--operators", "dehaze")
        token = server.tokens.issue(made["api_key"], made["secret_key"]).access_token
        assert not server.tokens.verify(token).allows("denoise")
        parsed("update", "mine", "--operators", "dehaze,denoise")
        assert server.tokens.verify(token).allows("denoise")
        rotated = parsed("rotate", "mine")
        assert rotated["api_key"] == made["api_key"]
        with pytest.raises(TokenInvalid):
            server.tokens.verify(token)
        token = server.tokens.issue(made["api_key"], rotated["secret_key"]).access_token
        assert run("delete", made["app_id"], "--yes").exit_code == 0
        with pytest.raises(AppDeleted):
            server.tokens.verify(token)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("all", None), ("none", []), ("", []), ("denoise,dehaze,denoise", ["dehaze", "denoise"])],
)
def test_operators(text: str, stored: list[str] | None) -> None:
    parsed("create", "mine", "--operators", text)
    assert parsed("show", "mine")["operators"] == stored


@pytest.mark.parametrize("command", ["create", "update"])
def test_an_unknown_operator_is_a_usage_error(command: str, data: Path) -> None:
    result = run(command, "mine", "--operators", "dehaze,sharpen")
    assert result.exit_code == 2
    assert "sharpen" in result.stderr
    for name in tickable_ids():
        assert name in result.stderr
    assert not data.exists()  # refused before anything was opened


def test_update() -> None:
    parsed("create", "mine")
    changed = parsed("update", "mine", "--name", "yours", "--description", "tests", "--disable")
    assert (changed["name"], changed["description"]) == ("yours", "tests")
    assert (changed["state"], changed["operators"]) == ("disabled", None)
    assert parsed("update", "yours", "--enable")["state"] == "enabled"
    assert parsed("update", "yours", "--description", "")["description"] == ""
    assert run("update", "yours").exit_code == 2  # nothing to change


def test_list(data: Path) -> None:
    assert parsed("list") == []
    made = parsed("create", "mine")
    with Platform.open(data) as platform:
        platform.accounts.create("acme")
    parsed("create", "theirs", "--account", "acme")
    assert [row["name"] for row in parsed("list")] == ["mine", "theirs"]
    assert [row["name"] for row in parsed("list", "--account", "acme")] == ["theirs"]
    result = run("list")
    assert made["api_key"] in result.stdout
    assert made["secret_key"] not in result.stdout


def test_show_prints_keys_and_usage_for_people(data: Path) -> None:
    made = parsed("create", "[bold]中文[/]", "--description", "line")
    with Platform.open(data) as platform:
        account = platform.accounts.get("default")
        for log_id, code in enumerate((0, 0, 216201)):
            platform.ledger.record(
                UsageEntry(log_id, account.id, made["app_id"], "dehaze", datetime.now(UTC), code)
            ).result(10)
    result = run("show", made["app_id"])
    for text in ("[bold]中文[/]", made["api_key"], made["secret_key"], "all", "enabled"):
        assert text in result.stdout
    assert result.stdout.splitlines()[-1].split() == ["dehaze", "2", "1"]
    usage = [{"operator": "dehaze", "succeeded": 2, "failed": 1}]
    assert parsed("show", "[bold]中文[/]")["usage"] == usage


def test_delete_asks() -> None:
    parsed("create", "mine")
    for answer in ("", "n\n"):
        assert run("delete", "mine", answer=answer).exit_code == 1
    assert parsed("show", "mine")
    assert run("delete", "mine", answer="y\n").exit_code == 0
    assert run("show", "mine").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["create", "mine"], 1, "already"),
        (["create", "x", "--account", "nobody"], 1, "no account 'nobody'"),
        (["list", "--account", "nobody"], 1, "no account 'nobody'"),
        (["show", "other"], 1, "no app 'other'"),
        (["update", "other", "--name", "x"], 1, "no app 'other'"),
        (["rotate", "other"], 1, "no app 'other'"),
        (["delete", "other", "--yes"], 1, "no app 'other'"),
        (["create", "x" * 65], 2, "64"),
        (["create"], 2, "name"),
        (["create", "x", "--nonsense"], 2, "nonsense"),
    ],
)
def test_failures_are_one_message_on_stderr(arguments: list[str], code: int, text: str) -> None:
    parsed("create", "mine")
    result = run(*arguments)
    assert result.exit_code == code
    assert text in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_broken_database_is_one_message(data: Path) -> None:
    data.mkdir()
    (data / "xiutu.db").write_bytes(b"no database" * 1000)
    result = run("list")
    assert result.exit_code == 1
    assert "not a database" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["create", "list", "show", "update", "rotate", "delete"])
def test_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "--account" in result.stdout
