"""The management API as an administrator and an account use it; amounts are exact texts throughout."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.api.conftest import Api, refused
from tests.server import jpeg


def test_from_the_account_to_the_first_call(api: Api) -> None:
    """R-001, R-002, R-009 to R-011, R-013: register, make an application, call, see the count."""
    api.post("/accounts", {"name": "clinic", "kind": "personal", "plan": "metered"})
    token = api.token("clinic")
    body = {"name": "app", "description": "for scans", "operators": ["dehaze", "denoise"]}
    made = api.post("/accounts/clinic/apps", body, token=token)
    for name in ("app_id", "api_key", "secret_key"):
        assert isinstance(made[name], str) and made[name]
    assert (made["description"], made["operators"]) == ("for scans", ["dehaze", "denoise"])
    listed = api.get("/accounts/clinic/apps", token=token, secrets=True)["items"]
    assert listed == [made]
    assert "secret_key" not in api.get("/accounts/clinic/apps", token=token)["items"][0]
    access = api.server.token(made)
    assert api.server.call("dehaze", token=access, image=jpeg(64, 64))["image"]
    assert api.server.call("dehaze", token=access)["error_code"] == 216101
    shown = api.get(f"/accounts/clinic/apps/{made['app_id']}", token=token)
    assert shown["usage"] == [{"operator": "dehaze", "succeeded": 1, "failed": 1}]
    (hour,) = api.get("/accounts/clinic/usage", token=token)["items"]
    assert (hour["calls"], hour["succeeded"], hour["failures"]) == (2, 1, {"216101": 1})
    assert set(hour["latency_ms"]) == {"50", "95", "99"}
    assert hour["megapixels"] == pytest.approx(64 * 64 / 1e6)
    changed = api.patch("/accounts/clinic", {"kind": "enterprise"})
    assert (changed["kind"], changed["plan"]) == ("enterprise", "metered")
    dehaze = api.get("/accounts/clinic/resources/dehaze", token=token)
    assert (dehaze["granted"], dehaze["used"], dehaze["free_left"]) == (3000, 2, 2998)


def test_applications_are_changed_rotated_deleted(api: Api) -> None:
    """R-012: ticking counts from the next call on; so do disabling, rotation and deletion."""
    mine = api.account()
    made = api.post(f"/accounts/{mine}/apps", {"name": "a", "operators": []})
    path = f"/accounts/{mine}/apps/{made['app_id']}"
    access = api.server.token(made)
    assert api.server.call("dehaze", token=access)["error_code"] == 6
    assert api.patch(path, {"operators": ["dehaze"], "name": "b"})["name"] == "b"
    assert api.server.call("dehaze", token=access)["error_code"] == 216101
    assert api.patch(path, {"operators": None})["operators"] is None
    assert api.patch(path, {"description": "d"})["operators"] is None
    assert api.patch(path, {"enabled": False})["enabled"] is False
    assert api.server.call("dehaze", token=access)["error_code"] == 15
    api.patch(path, {"enabled": True})
    rotated = api.post(f"{path}/rotate")
    assert rotated["api_key"] == made["api_key"]
    assert rotated["secret_key"] != made["secret_key"]
    assert api.server.call("dehaze", token=access)["error_code"] == 110
    error = refused(api.ask("PATCH", path, {"operators": ["nosuch"]}), 422, "invalid_parameter")
    assert "nosuch" in error["message"]
    refused(api.ask("POST", f"/accounts/{mine}/apps", {"name": "b"}), 409, "name_taken")
    assert api.ask("DELETE", path).status_code == 204
    refused(api.ask("GET", path), 404, "app_not_found")
    assert api.get(f"/accounts/{mine}/apps")["items"] == []


def test_money(api: Api) -> None:
    """R-007: top-up (once a reference), withdrawal, vouchers; the ledger in pages and as CSV."""
    mine = api.account()
    wallet = f"/accounts/{mine}/wallet"
    for _ in range(2):
        paid = api.post(f"{wallet}/topups", {"amount": "100.000001", "reference": "P1"})
        assert paid["cash"] == "100.000001"
    error = refused(
        api.ask("POST", f"{wallet}/topups", {"amount": 1, "reference": "P1"}),
        422,
        "invalid_parameter",
    )
    assert "P1" in error["message"]
    for wrong in (0.5, "-1", "0", "1.0000001", "ten", True, None, "1e13"):
        refused(api.ask("POST", f"{wallet}/topups", {"amount": wrong}), 422, "invalid_parameter")
    api.post(f"{wallet}/withdrawals", {"amount": "0.000001", "note": "=1+1"})
    lapses = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    voucher = api.post(f"/accounts/{mine}/vouchers", {"amount": 5, "expires_at": lapses})
    assert (voucher["amount"], voucher["left"]) == ("5", "5")
    balance = api.get(wallet)
    assert (balance["cash"], balance["vouchers"], balance["available"]) == ("100", "5", "105")
    assert (balance["shown"], balance["currency"]) == ("105.00", "CNY")
    refused(api.ask("POST", f"{wallet}/withdrawals", {"amount": 101}), 402, "insufficient_balance")
    page = api.get(f"{wallet}/movements", limit=2)
    assert [row["kind"] for row in page["items"]] == ["voucher", "withdrawal"]
    rest = api.get(f"{wallet}/movements", limit=2, cursor=page["next"])
    assert [(row["kind"], row["after"]) for row in rest["items"]] == [("topup", "100.000001")]
    assert rest["next"] is None
    answer = api.ask("GET", f"{wallet}/movements.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["amount"] for row in rows] == ["5", "-0.000001", "100.000001"]
    assert rows[1]["note"] == "'=1+1"  # no formula
    forecast = api.get(f"{wallet}/forecast")
    assert (forecast["available"], forecast["days_left"]) == ("105", None)


def test_packs_addons_payg(api: Api) -> None:
    """R-168 to R-171, R-181 to R-184: bought by the account itself, from its balance."""
    mine = api.account()
    token, path = api.token(mine), f"/accounts/{mine}"
    buy = {"operator": "image_quality_enhance", "calls": 10_000}
    refused(api.ask("POST", f"{path}/packs", buy, token=token), 402, "insufficient_balance")
    api.post(f"{path}/wallet/topups", {"amount": 5000})
    addon = {"operator": "image_quality_enhance", "qps": 10, "unit": "month"}
    refused(api.ask("POST", f"{path}/addons", addon, token=token), 409, "not_purchasable")
    pack = api.post(f"{path}/packs", buy, token=token)
    assert (pack["price"], pack["left"], pack["refunded_at"]) == ("59", 10_000, None)
    assert api.post(f"{path}/addons", addon, token=token)["price"] == "3000"
    resource = api.get(f"{path}/resources/image_quality_enhance", token=token)
    assert (resource["paid"], resource["qps"]) == (True, 20)
    refunded = api.post(f"{path}/packs/{pack['id']}/refund", token=token)
    assert refunded["refunded_at"]
    again = api.ask("POST", f"{path}/packs/{pack['id']}/refund", token=token)
    refused(again, 409, "not_refundable")
    assert api.get(f"{path}/wallet")["cash"] == "2000"
    on = api.put(f"{path}/resources/dehaze/payg", {"switch": "on"}, token=token)
    assert (on["switch"], on["payg"]) == ("on", True)
    closed = api.ask("PUT", f"{path}/resources/segment/payg", {"switch": "on"}, token=token)
    refused(closed, 409, "not_purchasable")
    for size, code in ((9_999, 409), (True, 422), ("10000", 422)):
        answer = api.ask("POST", f"{path}/packs", {"operator": "dehaze", "calls": size})
        assert answer.status_code == code, size


def test_quota_limits_invitation(api: Api) -> None:
    """R-006, R-015: withdrawn and restored quota, a lifetime limit, the invitation of segment."""
    mine = api.account()
    path = f"/accounts/{mine}"
    given = api.post(f"{path}/grants", {"operator": "denoise", "calls": -20, "note": "n"})
    assert given["granted"] == 30
    kinds = [(g["calls"], g["reason"]) for g in api.get(f"{path}/grants")["items"]]
    assert kinds[:2] == [(50, "verification"), (-20, "admin")]
    api.post(f"{path}/grants/withdraw", {"operator": "denoise"})
    assert api.get(f"{path}/resources/denoise")["withdrawn"] is True
    api.post(f"{path}/grants/restore", {})
    assert api.get(f"{path}/resources/denoise")["free_left"] == 30
    assert api.put(f"{path}/resources/denoise/cap", {"cap": 0})["cap"] == 0
    access = api.server.token(api.post(f"{path}/apps", {"name": "a"}))
    assert api.server.call("denoise", token=access)["error_code"] == 19
    assert api.put(f"{path}/resources/denoise/cap", {"cap": None})["cap"] is None
    assert api.put(f"{path}/resources/segment/invitation", {"invited": False})["invited"] is False
    assert api.server.call("segment", token=access)["error_code"] == 6
    refused(
        api.ask("PUT", f"{path}/resources/dehaze/invitation", {"invited": True}),
        422,
        "invalid_parameter",
    )


def test_bills_of_the_open_hour(api: Api) -> None:
    """R-167, R-177: a call beyond the free quota costs its exact price and shows the arithmetic."""
    mine = api.account()
    path = f"/accounts/{mine}"
    api.post(f"{path}/wallet/topups", {"amount": 1})
    api.post(f"{path}/grants/withdraw", {"operator": "dehaze"})
    api.put(f"{path}/resources/dehaze/payg", {"switch": "on"})
    access = api.server.token(api.post(f"{path}/apps", {"name": "a"}))
    assert api.server.call("dehaze", token=access, image=jpeg(64, 64))["image"]
    assert api.server.call("dehaze", token=access)["error_code"] == 216101
    open_hour = api.get(f"{path}/bills/unbilled")
    lines = {line["source"]: line for line in open_hour["lines"]}
    assert open_hour["amount"] == "0.007"
    assert (lines["payg"]["calls"], lines["payg"]["unit_price"]) == (1, "0.007")
    assert lines["payg"]["amount"] == "0.007"
    assert api.get(f"{path}/bills") == {"items": [], "next": None}
    head = api.ask("GET", f"{path}/bills.csv").content.decode("utf-8-sig").splitlines()
    assert head == [
        "account,period,operator,source,pack_id,calls,failed,first_call,unit_price,amount,currency"
    ]
    assert api.get(f"{path}/notices") == []
    report = api.get("/ledger/verify")
    assert (report["clean"], report["problems"]) == (True, [])


def test_tickets(api: Api) -> None:
    """R-008: tickets and cooperation requests, with the category of the documents."""
    mine = api.account()
    token, path = api.token(mine), f"/accounts/{mine}/tickets"
    asked = {"subject": "20 QPS", "text": "for a fair\nin May", "kind": "cooperation"}
    made = api.post(path, asked, token=token)
    assert (made["state"], made["category"]) == ("open", "image_effects")
    assert made["id"] in [ticket["id"] for ticket in api.get("/tickets", state="open")["items"]]
    answered = api.post(f"{path}/{made['id']}/messages", {"text": "granted"})
    assert answered["state"] == "answered"
    assert [message["text"] for message in answered["messages"]] == [asked["text"], "granted"]
    assert api.post(f"{path}/{made['id']}/messages", {"text": "?"}, token=token)["state"] == "open"
    assert api.post(f"{path}/{made['id']}/close", token=token)["state"] == "closed"
    assert api.get(path, token=token, state="open")["items"] == []
    refused(api.ask("POST", path, {"subject": "two\nlines", "text": "x"}), 422, "invalid_parameter")


def test_prices(api: Api) -> None:
    """The price list is that of the documents (rows R-143 to R-158 one by one: test_prices)."""
    listed = api.get("/prices")
    dehaze = next(row for row in listed["operators"] if row["operator"] == "dehaze")
    assert dehaze["packs"][0] == {"calls": 10_000, "price": "65"}
    assert dehaze["tiers"] == [
        {"up_to": 3_000_000, "unit_price": "0.007"},
        {"up_to": None, "unit_price": "0.0042"},
    ]
    assert (listed["currency"], len(listed["operators"])) == ("CNY", 16)


def test_styles(api: Api) -> None:
    """A-24: the presets by number, in both languages, the same that the command line lists."""
    listed = api.get("/styles", token=api.token(api.account()))
    assert [style["id"] for style in listed] == list(range(30))
    assert listed == json.loads(api.server.cli("styles", "--json"))
    assert all(style["en"] and style["zh"] != style["en"] for style in listed)


def test_pages_of_a_list(api: Api) -> None:
    """Every item once, in order, whatever the size of a page."""
    mine = api.account()
    names = [f"app {number}" for number in range(7)]
    for name in names:
        api.post(f"/accounts/{mine}/apps", {"name": name})
    found, cursor = [], {}
    while cursor is not None:
        page = api.get(f"/accounts/{mine}/apps", limit=3, **cursor)
        assert len(page["items"]) <= 3
        found += [row["name"] for row in page["items"]]
        cursor = None if page["next"] is None else {"cursor": page["next"]}
    assert sorted(found) == names
    refused(api.ask("GET", f"/accounts/{mine}/apps", cursor="nothing"), 422, "invalid_parameter")
    refused(api.ask("GET", f"/accounts/{mine}/apps", limit=0), 422, "invalid_parameter")
