"""What administrators do: accounts, people, quota, settings, the record of it all."""

import re
from decimal import Decimal

import pytest

from tests.console.house import House, Visitor
from xiutu.platform.models import Plan
from xiutu.settings import Settings
from xiutu.web import charts, shown
from xiutu.web.pages.operate import _settings


@pytest.fixture
def admin(house: House) -> Visitor:
    return house.administrator("acme")


def test_health_queue_and_workers(admin: Visitor) -> None:
    page = admin.page("/operate")
    assert 'data-live="3000"' in page and page.count("badge good") >= 3 and "In the queue" in page


def test_accounts_people_and_their_passwords(house: House, admin: Visitor) -> None:
    admin.done("/operate/accounts", {"name": "gamma", "kind": "personal", "plan": "metered"})
    account = house.platform.accounts.get("gamma")
    assert account.plan is Plan.METERED
    resources = {r.operator: r for r in house.platform.billing.grants.resources("gamma")}
    assert resources["dehaze"].granted == 1000
    answer = admin.post(f"/operate/accounts/{account.id}/users", {"name": "gustav"})
    password = re.search(r'id="fresh-password" data-secret>(\w+)<', answer.text)
    assert password
    user = house.platform.users.verify("gustav", password[1])
    assert user is not None and user.account == "gamma"
    answer = admin.post(f"/operate/users/{user.id}/password")
    again = re.search(r'id="fresh-password" data-secret>(\w+)<', answer.text)
    assert again and again[1] != password[1]
    admin.done(f"/operate/users/{user.id}/enable", {"enabled": "false"})
    assert house.platform.users.get(user.id).disabled_at is not None
    assert "themselves" in admin.refused(
        f"/operate/users/{house.admin.id}/enable", {"enabled": "false"}
    )
    admin.done(f"/operate/accounts/{account.id}", {"kind": "enterprise", "plan": "unlimited"})
    assert house.platform.accounts.get("gamma").plan is Plan.UNLIMITED
    assert admin.get("/operate/accounts/999999").status_code == 404
    assert "invalid" in admin.refused("/operate/accounts", {"name": "x", "plan": "y", "kind": "z"})


def test_quota_limits_and_invitations(house: House, admin: Visitor) -> None:
    account = house.platform.accounts.get("beta")
    path = f"/operate/accounts/{account.id}/quota"

    def row(operator: str):  # type: ignore[no-untyped-def]
        found = house.platform.billing.grants.resources("beta")
        return next(r for r in found if r.operator == operator)

    before = row("denoise").granted
    admin.done(path, {"operator": "denoise", "what": "give", "calls": "25"})
    assert row("denoise").granted == before + 25
    admin.done(path, {"operator": "denoise", "what": "give", "calls": "-25"})
    admin.done(path, {"operator": "segment", "what": "cap", "calls": "7"})
    assert row("segment").cap == 7
    admin.done(path, {"operator": "segment", "what": "cap", "calls": ""})
    assert row("segment").cap is None
    admin.done(path, {"operator": "segment", "what": "uninvite"})
    assert row("segment").invited is False
    admin.done(path, {"operator": "segment", "what": "invite"})
    admin.done(path, {"operator": "denoise", "what": "withdraw"})
    assert row("denoise").withdrawn
    admin.done(path, {"operator": "denoise", "what": "restore"})
    assert "needs no invitation" in admin.refused(path, {"operator": "dehaze", "what": "invite"})
    log = admin.page("/operate/audit")
    for action in ("quota.give", "quota.cap", "quota.invite", "user root"):
        assert action in log


def test_models_and_settings(admin: Visitor) -> None:
    page = admin.page("/operate/models")
    assert "Apache-2.0" in page or "MIT" in page or "BSD" in page
    page = admin.page("/operate/settings")
    for name in Settings.model_fields:
        assert f"<code>{name.upper()}</code>" in page


def test_secrets_are_not_shown() -> None:
    settings = Settings(
        admin_password="swordfish swordfish",  # type: ignore[arg-type]
        database_url="postgresql://u:swordfish@h/d",
        notify_url="https://h/swordfish",
        redis_url="redis://:swordfish@h",  # type: ignore[arg-type]
    )
    assert "swordfish" not in str(_settings(settings))


def test_charts_are_drawn_and_escaped() -> None:
    drawn = charts.bars([charts.Bar("<a>", 3, 1, '"x"'), charts.Bar("b", 0, 0, "")], "t&t")
    assert "&lt;a&gt;" in drawn and 'aria-label="t&amp;t"' in drawn and "<a>" not in drawn
    assert drawn.count('class="bad"') == 1
    drawn = charts.lines(["a", "b", "c"], [("first", [1.0, None, 2.0])], "t", " s")
    assert drawn.count("<polyline") == 2
    assert 'width="50.00"' in charts.share(5, 10, "half")
    assert 'width="0.00"' in charts.share(5, 0, "none")
    assert charts.bars([], "empty").count("<rect") == 0


def test_numbers_for_people() -> None:
    assert shown.money(Decimal("-1234.5")) == "\N{MINUS SIGN}1,234.50"
    assert shown.exact_money(Decimal("0.004200")) == "0.0042"
    assert (shown.size(900), shown.size(4_400_000)) == ("900 B", "4.2 MB")
    assert (shown.duration(840), shown.duration(3210)) == ("840 ms", "3.2 s")
