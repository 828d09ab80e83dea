"""The pages: generated ones are current, nothing is left out, both languages say the same, links lead on."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from scripts import coverage_page, errors_page, notices_page
from scripts.docs import pages
from tests.docs.blocks import ROOT, TWINS, blocks
from xiutu import contract
from xiutu.models import catalogue
from xiutu.settings import Settings

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.S)


def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_generated_pages_are_current(path: Path) -> None:
    assert path.read_text("utf-8") == pages()[path], "run `make docs`"


def test_every_operator_is_described() -> None:
    """R-249: all operators with one line of what they can do."""
    for operator in contract.operators().values():
        assert f"## {operator.id} · " in text("docs/operators.md")
        assert operator.path in text("docs/operators.md")
        assert f"| `{operator.id}` | {operator.purpose} |" in text("README.md")
        assert f"| `{operator.id}` | {operator.zh} |" in text("README.zh.md")


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"| `XIUTU_{name.upper()}` |" in text("docs/settings.md")


def test_every_error_code_is_described() -> None:
    """R-142: all codes with message, cause and remedy on one page."""
    page = text("docs/errors.md")
    for code, row in contract.error_codes().items():
        [line] = [line for line in page.splitlines() if line.startswith(f"| {code} |")]
        _, message, cause, remedy, *_ = (cell.strip() for cell in line.split(" |"))
        assert message == (row.message_template or row.message)
        assert cause and remedy
    assert set(contract.sdk_local_codes()) == set(errors_page._LOCAL)
    for local in contract.sdk_local_codes():
        assert f"| {local} |" in page


def test_every_dependency_and_weight_is_in_the_notices() -> None:
    page = text("THIRD_PARTY_NOTICES.md")
    direct = {notices_page._key(r.name) for r in notices_page.requirements(ROOT)}
    for package in notices_page.run_time(ROOT):
        if notices_page._key(package.name) in direct:
            assert notices_page.row(package) in page, "run `make docs`"
    assert "\n".join(notices_page.networks()) in page, "run `make docs`"
    for weight in catalogue.load().values():
        assert f"| `{weight.name}` | {weight.licence} |" in page


def test_no_gpl_in_the_default_install() -> None:
    """What the notices say; LGPL and MPL are named there one by one."""
    for package in notices_page.run_time(ROOT):
        words = re.findall(r"[\w.-]*GPL[\w.-]*", notices_page.licence(package), re.I)
        assert not words, f"{package.name}: {words}"
        assert notices_page.licence(package) != "not stated", package.name


def test_every_row_is_covered_or_has_a_reason() -> None:
    tests, rows = coverage_page.covered(ROOT), coverage_page.rows(ROOT)
    assert set(coverage_page.OPEN) <= set(rows)
    missing = sorted(set(rows) - set(tests) - set(coverage_page.OPEN))
    assert not missing, f"neither test nor reason: {missing}"
    stale = sorted(set(coverage_page.OPEN) & set(tests))
    assert not stale, f"has a test, so is no longer open: {stale}"


@pytest.mark.parametrize(("english", "chinese"), TWINS.items())
def test_both_languages_say_the_same(english: str, chinese: str) -> None:
    """Same headings by level, same code but for comments, same tables, each links to the other."""
    levels = [
        re.findall(r"^#+(?= )", _CODE.sub("", text(page)), re.M) for page in (english, chinese)
    ]
    assert levels[0] == levels[1]
    for one, other in zip(blocks(english), blocks(chinese), strict=True):
        assert (one.run, one.language) == (other.run, other.language)
        assert _without_comments(one.code) == _without_comments(other.code), str(one)
    rows = [re.findall(r"^\|.*\|$", text(page), re.M) for page in (english, chinese)]
    assert len(rows[0]) == len(rows[1])
    assert f"]({Path(chinese).name})" in text(english) and f"]({Path(english).name})" in text(
        chinese
    )


def _without_comments(code: str) -> str:
    return re.sub(r"\s*# .*$", "", code, flags=re.M)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    for target in _LINK.findall(_CODE.sub("", text(page))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = unquote(target).partition("#")
        path = folder / name if name else ROOT / page
        assert path.exists(), target
        if anchor:
            assert anchor in _anchors(path.read_text("utf-8")), target


def _anchors(markdown: str) -> set[str]:
    """As GitHub makes them from headings."""
    heads = re.findall(r"^#+ (.*)$", _CODE.sub("", markdown), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    """Every ``xiutu ...`` in a code block names a command and options that are there."""
    from typer.main import get_command

    from xiutu.cli.main import app

    for block in blocks(page):
        joined = block.code.replace("\\\n", " ")
        for line in re.findall(r"(?:^|\$ |\bbin/)xiutu (\w[^|\n#]*)", joined, re.M):
            if block.language not in ("sh", "ini"):
                continue
            command = get_command(app)
            words = line.split()
            while words and hasattr(command, "commands"):
                assert words[0] in command.commands, line
                command = command.commands[words.pop(0)]
            known = {
                name for option in command.params for name in (*option.opts, *option.secondary_opts)
            }
            given = {word for word in words if word.startswith("-")}
            assert given <= known | {"--help"}, line


def test_hooks_are_local_and_run_what_the_gate_runs() -> None:
    config = yaml.safe_load(text(".pre-commit-config.yaml"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    entries = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports"):
        assert any(entry.startswith(f".venv/bin/{tool}") for entry in entries)


def test_make_targets_of_the_pages_exist() -> None:
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for page in PAGES:
        for target in re.findall(
            r"\bmake (serve|test|lint|docs|quality|speed|clean)\b", text(page)
        ):
            assert f"make {target}" in helped.stdout
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    assert {"serve", "test", "docs"} <= targets


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "docs" / "img").iterdir()) < 300_000
