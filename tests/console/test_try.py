"""Calls from the console: the vendor's stages, the session as the caller, counted like any call."""

import base64

import pytest

from tests.console.house import House, Visitor
from tests.server import jpeg


@pytest.fixture
def owner(house: House) -> Visitor:
    return house.visit(house.acme)


def call(house: House, visitor: Visitor, operator: str, **body: object) -> tuple[dict, str]:  # type: ignore[type-arg]
    address = f"/console/try/{operator}/call?app={house.acme.app.app_id}"
    answer = visitor.http.post(address, json=body, headers={"x-form-token": visitor.token})
    assert answer.status_code == 200, answer.text[:300]
    return answer.json(), answer.headers["server-timing"]


def test_a_picture_goes_in_and_one_comes_out(house: House, owner: Visitor) -> None:
    image = base64.b64encode(jpeg(96, 64)).decode()
    answer, timing = call(house, owner, "contrast_enhance", image=image, strength=0.5)
    assert base64.b64decode(answer["image"]).startswith(b"\xff\xd8")
    assert {"apply;dur", "total;dur"} <= {part.strip().split("=")[0] for part in timing.split(",")}
    (entry, *_) = house.platform.ledger.recent(app_id=house.acme.app.app_id)
    assert (entry.api, entry.credential, entry.operator, entry.code) == (
        "console", "session", "contrast_enhance", 0,
    )  # fmt: skip
    resources = house.platform.billing.grants.resources("acme")
    assert next(r for r in resources if r.operator == "contrast_enhance").used == 1


def test_errors_are_the_vendors(house: House, owner: Visitor) -> None:
    assert call(house, owner, "dehaze", image="")[0]["error_code"] == 216200
    image = base64.b64encode(jpeg(96, 64)).decode()
    assert call(house, owner, "denoise", image=image, option=999)[0]["error_code"] == 216100
    assert call(house, owner, "inpainting", image=image)[0]["error_code"] == 282003


def test_what_is_not_ticked_is_refused(house: House, owner: Visitor) -> None:
    made = house.platform.apps.create("narrow", account="acme", operators=["dehaze"])
    address = f"/console/try/colourize/call?app={made.app.app_id}"
    answer = owner.http.post(address, json={}, headers={"x-form-token": owner.token})
    assert answer.json()["error_code"] == 6
    assert "narrow" not in owner.page("/try/colourize")
    house.platform.apps.update(made.app.app_id, enabled=False)
    assert (
        owner.http.post(address, json={}, headers={"x-form-token": owner.token}).status_code == 404
    )
    house.platform.apps.delete(made.app.app_id)
