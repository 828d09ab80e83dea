"""Signing in and out, what protects forms, headers, language and theme."""

import pytest

from tests.console.house import ADDRESS, House, Visitor
from xiutu.platform.console.attempts import PER_ADDRESS, Attempts
from xiutu.web.i18n import preferred
from xiutu.web.pages import session

RIGHT = {"name": "owner of acme", "password": "password of an owner"}


@pytest.fixture(autouse=True)
def fresh_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_attempts", Attempts())


def test_signing_in_and_out(house: House) -> None:
    browser = Visitor(house, None)
    away = browser.get("/apps?x=1")
    assert away.status_code == 303
    assert away.headers["location"] == "/console/sign-in?next=/console/apps%3Fx%3D1"
    wrong = browser.post("/sign-in", {**RIGHT, "password": "wrong"})
    assert wrong.status_code == 401 and "Name or password is wrong" in wrong.text
    right = browser.post("/sign-in", {**RIGHT, "next": "/console/apps"})
    assert (right.status_code, right.headers["location"]) == (303, "/console/apps")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "secure" in cookie and "samesite=lax" in cookie
    page = browser.page("/apps")
    assert "app of acme" in page
    token = page.split('name="_token" value="')[1].split('"')[0]
    assert browser.post("/sign-out", {"_token": token}).status_code == 303
    assert browser.get("/apps").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/console/",
        "/console/\\evil",
        "/\t/evil.test",
        "javascript:alert(1)",
        "/console/sign-out",
    ],
)
def test_next_never_leads_elsewhere(house: House, target: str) -> None:
    browser = house.visit(house.acme)
    for path in ("/language/en", "/sign-in"):
        answer = browser.http.get(f"/console{path}", params={"next": target})
        assert answer.headers["location"] == "/console/"


def test_guessing_has_an_end(house: House) -> None:
    browser = Visitor(house, None)
    attempts = Attempts()
    for _ in range(PER_ADDRESS):
        attempts.failed("somebody", "testclient")
    session._attempts = attempts
    answer = browser.post("/sign-in", RIGHT)
    assert answer.status_code == 429 and "Too many attempts" in answer.text


def test_forms_need_their_token_and_origin(house: House) -> None:
    browser = house.visit(house.acme)
    form = {"subject": "s", "text": "t", "kind": "ticket", "category": "ai_services"}
    before = len(house.platform.tickets.all("acme"))
    assert browser.post("/tickets/new", {**form, "_token": "wrong"}).status_code == 403
    assert browser.post("/tickets/new", {**form, "_token": ""}).status_code == 403
    data = {**form, "_token": browser.token}
    for headers in ({"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}):
        answer = browser.http.post("/console/tickets/new", data=data, headers=headers)
        assert answer.status_code == 403
    assert len(house.platform.tickets.all("acme")) == before
    own = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
    assert browser.http.post("/console/tickets/new", data=data, headers=own).status_code == 303
    assert len(house.platform.tickets.all("acme")) == before + 1


def test_a_new_password(house: House) -> None:
    user = house.platform.users.create("paula", "old password 1", account="acme")
    browser, other = Visitor(house, user), Visitor(house, user)
    form = {"present": "wrong", "fresh": "new password 2", "again": "new password 2"}
    assert "present password is wrong" in browser.refused("/password", form)
    form["present"] = "old password 1"
    assert "differ" in browser.refused("/password", {**form, "again": "else"})
    assert "10" in browser.refused("/password", {**form, "fresh": "short", "again": "short"})
    browser.done("/password", form)
    assert other.get("/apps").status_code == 303, "other devices are signed out"
    assert house.platform.users.verify("paula", "new password 2") is not None


def test_policy_headers_are_on_every_answer(house: House) -> None:
    browser = house.visit(house.acme)
    for path in ("/", "/sign-in", "/nothing", "/usage.csv", "/operate"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_language_and_theme(house: House) -> None:
    browser = house.visit(house.acme)
    assert 'lang="en"' in browser.get("/apps", **{"accept-language": "de, en;q=0.5"}).text
    assert 'lang="zh-CN"' in browser.get("/apps", **{"accept-language": "zh-CN,zh;q=0.9"}).text
    answer = browser.get("/language/zh?next=/console/apps")
    assert answer.headers["location"] == "/console/apps"
    browser.get("/theme/dark?next=/console/apps")
    page = browser.page("/apps")
    assert 'lang="zh-CN" data-theme="dark"' in page and "创建应用" in page
    assert browser.get("/language/xx").status_code == 404


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("zh", "zh"), ("en;q=0.2, zh-TW;q=0.9", "zh"), ("fr", "en"), ("en;q=x", "en")],
)
def test_accept_language(header: str, language: str) -> None:
    assert preferred(header) == language


def test_files_are_kept_by_version_and_nothing_else_is_served(house: House) -> None:
    browser = Visitor(house, None)
    page = browser.get("/sign-in").text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = browser.http.get(style)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    old = browser.http.get("/console/static/000000000000/console.css")
    assert old.headers["cache-control"] == "no-cache"
    for path in ("../assets.py", "%2e%2e/assets.py", "missing.css", "/etc/passwd"):
        assert browser.get(f"/static/x/{path}").status_code == 404
