"""One task at a time, the usage ledger, maintenance, and unsigned calls of a trial."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from tests.gateway.tencent.house import ACTION, House, b64, code, response, values
from tests.pictures import encoded, noise
from xiutu.platform.models import AccountKind, Plan

JSON = {"Content-Type": "application/json", "X-TC-Action": ACTION}


def slow() -> dict[str, Any]:
    """A call that is in work for a while."""
    mask = np.zeros((600, 800), np.uint8)
    mask[100:400, 100:500] = 255
    return values(InputImage=b64(encoded(noise(800, 600))), Mask=b64(encoded(mask)))


def together(house: House, *calls: tuple[bytes, dict[str, str]]) -> list[dict[str, Any]]:
    async def run() -> list[httpx2.Response]:
        return await asyncio.gather(*(house.request("POST", "/", *call) for call in calls))

    return [response(answer) for answer in asyncio.run(run())]


def test_one_task_of_an_account(tmp_path: Path) -> None:
    """R-245, A-87: the second call is refused at once, another account is not, later it works again."""
    with House(tmp_path) as house:
        house.platform.accounts.create("others", kind=AccountKind.PERSONAL)
        keys = house.platform.apps.create("theirs", account="others")
        body = json.dumps(slow()).encode()
        other = house.signed(body, secret_id=keys.api_key, secret=keys.secret_key)
        codes = [code(t) for t in together(house, house.signed(body), house.signed(body), other)]
        assert sorted(codes[:2]) == ["", "RequestLimitExceeded.JobNumExceed"]
        assert codes[2] == ""
        assert code(house.tc3(values())) == ""
        assert code(house.tc3(values(Mask="*"))) == "InvalidParameterValue"
        assert code(house.tc3(values())) == ""  # a failure gives its turn back, too


def test_more_tasks_where_set(tmp_path: Path) -> None:
    with House(tmp_path, tencent_concurrency=2) as house:
        body = json.dumps(slow()).encode()
        told = together(house, *(house.signed(body) for _ in range(3)))
    assert sorted(map(code, told)) == ["", "", "RequestLimitExceeded.JobNumExceed"]


def test_calls_are_counted(tmp_path: Path) -> None:
    """Successes and failures under an id of their own; refusals and DryRun leave no trace."""
    with House(tmp_path) as house:
        house.tc3(values())
        house.v1(values())
        house.tc3(values(Mask="*"))
        house.tc3(values(DryRun=True))
        house.tc3(values(), secret="0" * 32)
        entries = house.platform.ledger.recent()
    assert [(e.operator, e.api, e.api_version) for e in entries] == [
        ("tencent_inpainting", "tencent", "2022-12-29")
    ] * 3
    assert [(e.code, e.credential) for e in entries] == [(216203, "tc3"), (0, "v1"), (0, "tc3")]
    assert entries[2].pixels == 96 * 72 and entries[2].bytes_out > 1000
    assert entries[2].bytes_in > 1000


def test_metered_accounts(tmp_path: Path) -> None:
    """No price of the vendor's: counted, and free."""
    with House(tmp_path) as house:
        house.platform.accounts.change_plan("default", Plan.METERED)
        assert code(house.tc3(values())) == ""
        [count] = house.platform.ledger.counts()
        assert (count.operator, count.succeeded) == ("tencent_inpainting", 1)
        assert house.platform.billing.bills.unbilled("default").lines == ()


def test_maintenance_and_switched_off(tmp_path: Path) -> None:
    with House(tmp_path / "a", maintenance=True) as house:
        assert code(house.tc3(values())) == "ServiceUnavailable"
    with House(tmp_path / "b", operators_off="tencent_inpainting") as house:
        assert code(house.tc3(values())) == "ActionOffline"


def test_unsigned_calls_of_a_trial(tmp_path: Path) -> None:
    """A-81: off by default, this machine only, nobody who forwards for others; the vendor's sample
    as printed, without version or region."""
    body = json.dumps(values()).encode()
    with House(tmp_path / "off") as house:
        told = response(house.ask("POST", "/", body, JSON, client="127.0.0.1"))
        assert code(told) == "AuthFailure.InvalidAuthorization"
    with House(tmp_path / "on", tencent_unsigned=True) as house:
        for client in ("127.0.0.1", "::1", "127.8.8.8"):
            assert code(response(house.ask("POST", "/", body, JSON, client=client))) == ""
        skipped = JSON | {"Authorization": "SKIP"}
        assert code(response(house.ask("POST", "/", body, skipped, client="127.0.0.1"))) == ""
        for client, more in (
            ("203.0.113.7", {}),
            ("10.0.0.1", {}),
            ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}),
            ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}),
        ):
            told = response(house.ask("POST", "/", body, JSON | more, client=client))
            assert code(told) == "AuthFailure.InvalidAuthorization", (client, more)
        wrong = house.signed(body, secret="0" * 32)
        told = response(house.ask("POST", "/", *wrong, client="127.0.0.1"))
        assert code(told) == "AuthFailure.SignatureFailure"
        [count] = house.platform.ledger.counts()
        assert count.succeeded == 4


@pytest.mark.parametrize("operators", [["tencent_inpainting"], ["dehaze", "tencent_inpainting"]])
def test_ticked_by_itself(house: House, operators: list[str]) -> None:
    made = house.platform.apps.create(f"ticked {len(operators)}", operators=operators)
    assert made.app.operators == frozenset(operators)
