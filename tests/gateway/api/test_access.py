"""Who may see what: every route is tried by nobody, by the account itself, by another, by an admin."""

import json
import re
from collections.abc import Iterator

from tests.gateway.api.conftest import Api, done, refused

PATHS = {"operator": "dehaze", "app_id": "123456789", "pack_id": "1", "ticket_id": "1"}
FOR_ADMINS = {
    ("GET", "/tokens"),
    ("POST", "/tokens"),
    ("DELETE", "/tokens/{token_id}"),
    ("POST", "/accounts"),
    ("PATCH", "/accounts/{account}"),
    ("POST", "/accounts/{account}/wallet/topups"),
    ("POST", "/accounts/{account}/wallet/withdrawals"),
    ("POST", "/accounts/{account}/vouchers"),
    ("POST", "/accounts/{account}/grants"),
    ("POST", "/accounts/{account}/grants/withdraw"),
    ("POST", "/accounts/{account}/grants/restore"),
    ("PUT", "/accounts/{account}/resources/{operator}/cap"),
    ("PUT", "/accounts/{account}/resources/{operator}/invitation"),
    ("GET", "/usage.csv"),
    ("GET", "/tickets"),
    ("GET", "/actions"),
    ("GET", "/ledger/verify"),
}
"""Written out here: a route that is opened by mistake must fail a test."""
FOR_ANYONE = {("GET", "/me"), ("GET", "/prices"), ("GET", "/styles"), ("GET", "/accounts")}


def routes(api: Api) -> Iterator[tuple[str, str]]:
    document = api.server.client.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method in methods:
            yield method.upper(), path


def filled(path: str, account: str, **others: str) -> str:
    """The path with something in every place: things of custom classification are all called 1."""
    values = {"account": account, **PATHS, **others}
    return re.sub(r"{(\w+)}", lambda found: values.get(found[1], "1"), path)


def for_admins(method: str, path: str) -> bool:
    return (method, path) in FOR_ADMINS or path.startswith("/classify/")


def test_nobody(api: Api) -> None:
    """Without a token, or with a wrong one, every route answers 401, whatever the body is."""
    made = api.account()
    count = 0
    for method, path in routes(api):
        url = f"/api/v1{filled(path, made)}"
        headers = {"content-type": "application/json"}
        for token in ("", "Bearer", "Bearer x", f"Bearer xiutu_{'x' * 43}", f"Basic {api.admin}"):
            given = headers | ({"authorization": token} if token else {})
            answer = api.server.client.request(method, url, content=b"{", headers=given)
            assert answer.status_code == 401, (method, path, answer.text)
            assert answer.headers["www-authenticate"] == "Bearer"
        count += 1
    assert count > 50


def test_another_account(api: Api) -> None:
    """An account's token gets 404 (what is not its own) or 403 (administrators') from every route."""
    mine, other = api.account(), api.account()
    token = api.token(mine)
    tried = set()
    for method, path in routes(api):
        if (method, path) in FOR_ANYONE:
            continue
        answer = api.ask(method, filled(path, other), {}, token=token)
        if for_admins(method, path):
            refused(answer, 403, "admin_only")
        else:
            assert path.startswith("/accounts/{account}"), path
            error = refused(answer, 404, "account_not_found")
            nobody = api.ask(method, filled(path, "nobody at all"), {}, token=token)
            same = refused(nobody, 404, "account_not_found")["message"]
            assert error["message"] == same.replace("nobody at all", other)
        tried.add((method, path))
    assert tried > FOR_ADMINS
    number = api.get(f"/accounts/{other}")["id"]
    refused(api.ask("GET", f"/accounts/{number}", token=token), 404, "account_not_found")


def test_its_own_account(api: Api) -> None:
    mine = api.account()
    token = api.token(mine)
    for method, path in routes(api):
        if for_admins(method, path):
            refused(api.ask(method, filled(path, mine), {}, token=token), 403, "admin_only")
        elif method == "GET" and not {"{app_id}", "{ticket_id}"} & set(path.split("/")):
            assert api.ask("GET", filled(path, mine), token=token).status_code == 200, path
    assert [row["name"] for row in api.get("/accounts", token=token)["items"]] == [mine]
    me = api.get("/me", token=token)
    assert (me["role"], me["account"]) == ("account", mine)
    assert api.get("/me")["role"] == "admin"
    number = api.get(f"/accounts/{mine}", token=token)["id"]
    assert api.get(f"/accounts/{number}", token=token)["name"] == mine


def test_things_of_another_account_under_its_own_name(api: Api) -> None:
    """Numbers of rows are easy to guess: the path's account must own them."""
    mine, other = api.account(), api.account()
    token = api.token(mine)
    app = api.post(f"/accounts/{other}/apps", {"name": "theirs"})["app_id"]
    ticket = api.post(f"/accounts/{other}/tickets", {"subject": "s", "text": "t"})["id"]
    api.post(f"/accounts/{other}/wallet/topups", {"amount": 1000})
    pack = api.post(f"/accounts/{other}/packs", {"operator": "dehaze", "calls": 10_000})["id"]
    foreign = api.get(f"/accounts/{other}/tokens")["items"]
    theirs = foreign[0]["id"] if foreign else None
    if theirs is None:
        api.token(other)
        theirs = api.get(f"/accounts/{other}/tokens")["items"][0]["id"]
    here = f"/accounts/{mine}"
    for method, path, body, code in (
        ("GET", f"{here}/apps/{app}", None, "app_not_found"),
        ("PATCH", f"{here}/apps/{app}", {"name": "x"}, "app_not_found"),
        ("POST", f"{here}/apps/{app}/rotate", None, "app_not_found"),
        ("DELETE", f"{here}/apps/{app}", None, "app_not_found"),
        ("GET", f"{here}/tickets/{ticket}", None, "ticket_not_found"),
        ("POST", f"{here}/tickets/{ticket}/messages", {"text": "x"}, "ticket_not_found"),
        ("POST", f"{here}/tickets/{ticket}/close", None, "ticket_not_found"),
        ("POST", f"{here}/packs/{pack}/refund", None, "pack_not_found"),
        ("DELETE", f"{here}/tokens/{theirs}", None, "api_token_not_found"),
    ):
        refused(api.ask(method, path, body, token=token), 404, code)
    assert api.get(f"/accounts/{mine}/usage", token=token, app_id=app)["items"] == []
    assert api.get(f"/accounts/{other}/apps/{app}")["name"] == "theirs"


def test_tokens_are_revoked_and_expire(api: Api) -> None:
    mine = api.account()
    made = api.post(f"/accounts/{mine}/tokens", {"name": "short"})
    assert api.get("/me", token=made["token"])["id"] == made["id"]
    assert api.ask("DELETE", f"/accounts/{mine}/tokens/{made['id']}").status_code == 204
    refused(api.ask("GET", "/me", token=made["token"]), 401, "token_invalid")
    listed = api.get(f"/accounts/{mine}/tokens")["items"]
    assert listed[0]["revoked_at"] and "token" not in listed[0]
    past = {"name": "x", "expires_at": "2020-01-01"}
    refused(api.ask("POST", f"/accounts/{mine}/tokens", past), 422, "invalid_parameter")


def test_tokens_are_kept_as_digests(api: Api) -> None:
    """Neither the database nor the log has the text of a token or of a secret key."""
    mine = api.account()
    secret = api.token(mine)
    keys = api.post(f"/accounts/{mine}/apps", {"name": "keys"})
    assert api.get("/me", token=secret)["account"] == mine
    folder = api.server.data
    kept = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    actions = json.dumps(api.get("/actions", limit=1000))
    for text in (secret, api.admin, keys["secret_key"]):
        assert text.encode() not in kept
        assert text not in actions


def test_every_change_is_recorded(api: Api) -> None:
    mine = api.account()
    token = api.token(mine)
    app = api.post(f"/accounts/{mine}/apps", {"name": "a"}, token=token)["app_id"]
    api.post(f"/accounts/{mine}/wallet/topups", {"amount": "5.5", "reference": "R1"})
    refused(
        api.ask("POST", f"/accounts/{mine}/wallet/withdrawals", {"amount": 6}),
        402,
        "insufficient_balance",
    )
    found = api.get(f"/accounts/{mine}/actions", token=token)["items"]
    shown = [(row["action"], row["target"], row["actor"].split()[2:]) for row in found]
    assert shown == [
        ("wallet.topup", "R1", ["tests"]),
        ("app.create", app, ["its", "own"]),
        ("token.create", found[2]["target"], ["tests"]),
        ("account.create", "", ["tests"]),
    ]
    assert found[0]["details"] == {"amount": "5.5", "note": ""}
    assert found[0] in api.get("/actions")["items"]


def test_bodies_are_bounded(api: Api) -> None:
    big = {"name": "x", "description": "y" * 100_000}
    answer = api.ask("POST", f"/accounts/{api.account()}/apps", big)
    refused(answer, 413, "body_too_large")
    refused(api.ask("GET", "/nothing"), 404, "not_found")
    answer = api.ask("PUT", "/accounts")
    refused(answer, 405, "method_not_allowed")
    assert done(api.ask("GET", "/me"))
