"""Two accounts cannot see or touch each other's things: every route is walked with the other's session."""

import re

import pytest

from tests.console.house import House, Owner, Visitor, routes

OPEN = {"/sign-in", "/language/{code}", "/theme/{code}"}
ADMIN = ("/operate", "/account", "/money/", "/models")
FILLED = {"operator": "dehaze", "language": "python", "code": "en", "account": "1", "user": "1",
    "set": "1", "picture": "1", "model": "1", "number": "0", "service": "of-the-house",
}  # fmt: skip

HOUSES = "pictures of the house"


@pytest.fixture(autouse=True, scope="module")
def pictures_of_the_house(house: House) -> None:
    """A data set belongs to the installation: only administrators get to see it."""
    made = house.context.classifiers.datasets.ensure(HOUSES)
    FILLED["set"] = str(made.id)


def filled(path: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], "dehaze"), path)


def is_admin(path: str) -> bool:
    return path.startswith(ADMIN)


def snapshot(house: House, owner: Owner) -> tuple[object, ...]:
    """Everything of an account that a page could change."""
    platform = house.platform
    tickets = platform.tickets.all(owner.account)
    return (
        [platform.apps.keys(app.app_id) for app in platform.apps.all(owner.account)],
        [platform.tickets.get(t.id) for t in tickets],
        platform.billing.grants.resources(owner.account),
        platform.billing.wallets.movements(owner.account),
        platform.users.all(owner.account),
        platform.accounts.get(owner.account),
        house.context.classifiers.datasets.all(),
        house.context.classifiers.models.all(),
        house.context.classifiers.services.all(),
    )


def test_the_walk_sees_every_kind_of_page() -> None:
    paths = [route.path for route in routes()]
    assert len(paths) > 45
    for known in ("/apps/{app_id}/delete", "/tickets/{ticket}", "/bills.csv", "/money/topup",
                  "/models/sets/{set}/upload", "/models/services/{service}/try"):  # fmt: skip
        assert known in paths


def test_nobody_sees_anything_without_a_session(house: House) -> None:
    values = {**FILLED, **house.acme.ids()}
    visitor = Visitor(house, None)
    before = snapshot(house, house.acme)
    for route in routes():
        if route.path in OPEN:
            continue
        for method in route.methods or ():
            answer = visitor.http.request(method, f"/console{filled(route.path, values)}")
            assert answer.status_code in (303, 401), (method, route.path)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/console/sign-in")
            for mark in (*house.acme.marks(), HOUSES):
                assert mark not in answer.text
    assert snapshot(house, house.acme) == before


def test_owners_cannot_see_or_touch_what_is_anothers(house: House) -> None:
    """Addresses of beta's things, with acme's session, and acme's form token."""
    visitor = house.visit(house.acme)
    values = {**FILLED, **house.beta.ids()}
    before = snapshot(house, house.beta)
    form = {
        "pack": str(house.beta.pack), "name": "stolen", "text": "stolen", "account": "beta",
        "app": house.beta.app.app_id, "operator": "dehaze", "what": "give", "calls": "5",
    }  # fmt: skip
    seen = 0
    for route in routes():
        if route.path in ("/sign-out", "/password", *OPEN):
            continue
        path = filled(route.path, values)
        theirs = any(f"{{{name}}}" in route.path for name in house.beta.ids())
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if method == "POST":
                answer = visitor.post(path, form)
            else:
                answer = visitor.get(f"{path}?app={house.beta.app.app_id}")
            seen += 1
            if is_admin(route.path):
                assert answer.status_code == 403, (method, path)
            elif theirs:
                assert answer.status_code == 404, (method, path)
            for mark in house.beta.marks():
                # The address itself comes back in the links that change language and theme.
                text = answer.text.replace(path, "")
                if mark != house.beta.app.app_id:
                    assert mark not in text, (method, path, mark)
            assert HOUSES not in answer.text, (method, path)
    assert seen > 50
    assert snapshot(house, house.beta) == before


def test_a_call_from_the_console_needs_an_own_app(house: House) -> None:
    visitor = house.visit(house.acme)
    address = f"/console/try/dehaze/call?app={house.beta.app.app_id}"
    headers = {"x-form-token": visitor.token}
    assert visitor.http.post(address, json={"image": ""}, headers=headers).status_code == 404
    own = f"/console/try/dehaze/call?app={house.acme.app.app_id}"
    assert visitor.http.post(own, json={"image": ""}).status_code == 403, "no form token"
    elsewhere = {**headers, "origin": "https://evil.test"}
    assert visitor.http.post(own, json={"image": ""}, headers=elsewhere).status_code == 401


def test_own_pages_show_what_is_own(house: House) -> None:
    visitor = house.visit(house.acme)
    assert "app of acme" in visitor.page("/apps")
    assert "app of beta" not in visitor.page("/apps")
    assert house.acme.keys[1] in visitor.page(f"/apps/{house.acme.app.app_id}")
    assert "Operate" not in visitor.page("/")


def test_an_administrator_turns_from_account_to_account(house: House) -> None:
    visitor = house.administrator("beta")
    assert "app of beta" in visitor.page("/apps")
    # Things of one account do not show in the other one, not even to an administrator.
    assert visitor.get(f"/apps/{house.acme.app.app_id}").status_code == 404
    answer = visitor.post("/account", {"account": "acme", "next": "/console/apps/123/rotate"})
    assert answer.headers["location"] == "/console/apps"
    assert "app of acme" in visitor.page("/apps")


@pytest.mark.parametrize("path", ["/resources", "/money", "/bills", "/refunds", "/prices"])
def test_money_is_hidden_on_unlimited_accounts(house: House, path: str) -> None:
    visitor = house.administrator("default")
    assert visitor.get(path).status_code == 404
    assert 'href="/console/money"' not in visitor.page("/")
