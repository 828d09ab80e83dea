"""Custom classification by the management API: from uploads to a called service, on both databases."""

import base64
import io
import time
import zipfile
from typing import Any

import httpx2
import pytest

from tests.classify.shapes import archive, drawn
from tests.gateway.api.conftest import Api

pytestmark = pytest.mark.timeout(400)  # the first test waits for a training
SETS = "/classify/datasets"


def upload(
    api: Api, path: str, data: bytes, token: str | None = None, **query: str
) -> httpx2.Response:
    return api.server.client.post(
        f"/api/v1{path}",
        params=query,
        content=data,
        headers={
            "authorization": f"Bearer {token or api.admin}",
            "content-type": "application/octet-stream",
        },
    )


def test_from_upload_to_call(api: Api) -> None:
    """R-219: everything without the command line."""
    assert api.post(SETS, {"name": "图形"})["classes"] == {}
    done = upload(api, f"{SETS}/图形/archive", archive(6)).json()
    assert (done["added"], done["unusable"]) == (18, [])
    one = upload(api, f"{SETS}/图形/pictures", drawn("leaf", 70), label="leaf", source="x.jpg")
    assert one.status_code == 201 and one.json()["added"] == 1
    broken = upload(api, f"{SETS}/图形/pictures", drawn("leaf", 71)[:400], label="leaf", source="y")
    assert [row[0] for row in broken.json()["unusable"]] == ["y"]
    assert api.get(f"{SETS}/图形")["classes"] == {"circle": 6, "leaf": 7, "stripes": 6}
    assert api.get(f"{SETS}/图形/report")["usable"] is True
    page = api.get(f"{SETS}/图形/pictures", limit=10, label="leaf")
    assert len(page["items"]) == 7 and page["next"] is None
    first = page["items"][0]["id"]
    picture = api.ask("GET", f"{SETS}/图形/pictures/{first}")
    assert picture.headers["content-type"] == "image/jpeg" and picture.content == drawn("leaf", 0)
    small = api.ask("GET", f"{SETS}/图形/pictures/{first}/thumbnail", side=32)
    assert len(small.content) < len(picture.content)
    assert api.post(f"{SETS}/图形/relabel", {"ids": [first], "label": "circle"})["pictures"] == 1
    assert api.post(f"{SETS}/图形/rename", {"old": "leaf", "new": "树叶"})["pictures"] == 6
    moved = api.get(f"{SETS}/图形/pictures", label="circle")["items"][-1]["id"]
    assert api.post(f"{SETS}/图形/remove", {"ids": [moved]})["pictures"] == 1

    model = api.post("/classify/models", {"dataset": "图形", "heads": ["logistic"]})["id"]
    ready = wait(api, model)
    assert ready["state"] == "ready", ready
    assert api.get(f"/classify/models/{model}/evaluation")["labels"] == [
        "circle",
        "stripes",
        "树叶",
    ]
    html = api.ask("GET", f"/classify/models/{model}/evaluation.html")
    assert "树叶" in html.text and "default-src 'none'" in html.headers["content-security-policy"]
    assert api.ask("GET", f"/classify/models/{model}/evaluation.png").content.startswith(b"\x89PNG")
    assert "ready" in api.ask("GET", f"/classify/models/{model}/log").text
    exported = api.ask("GET", f"/classify/models/{model}/export").content
    assert "model.onnx" in zipfile.ZipFile(io.BytesIO(exported)).namelist()

    service = api.put("/classify/services/by-api", {"model": model, "apps": ["default"]})
    assert service["path"] == "/rpc/2.0/ai_custom/v1/classification/by-api"
    assert call(api, service["path"])["results"][0]["name"] == "树叶"
    api.post("/classify/services/by-api/stop")
    assert call(api, service["path"])["error_code"] == 336100
    assert api.put("/classify/services/by-api", {"model": model})["version"] == 2
    assert api.get("/classify/services/by-api")["apps"] == service["apps"] != None  # noqa: E711
    assert api.post("/classify/services/by-api/rollback", {})["version"] == 1
    assert len(api.get("/classify/services/by-api/releases")) == 2
    assert api.ask("DELETE", f"/classify/models/{model}").status_code == 422
    for path in ("/classify/services/by-api", f"/classify/models/{model}", f"{SETS}/图形"):
        assert api.ask("DELETE", path).status_code == 204
        assert api.ask("GET", path).status_code == 404


def test_for_administrators_only(api: Api) -> None:
    own = api.token(api.account())
    for path in (SETS, "/classify/models", "/classify/services"):
        assert api.ask("GET", path, token=own).status_code == 403
    large = bytes(1 << 20)
    refused = upload(api, f"{SETS}/x/archive", large, token=own)
    assert refused.status_code == 413  # not even read


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{SETS}/none", None, 404),
        ("POST", SETS, {"name": ""}, 422),
        ("POST", "/classify/models", {"dataset": "none"}, 404),
        ("POST", "/classify/models", {"dataset": "x", "what": 1}, 422),
        ("GET", "/classify/models/99999", None, 404),
        ("GET", "/classify/services/none", None, 404),
        ("PUT", "/classify/services/bad.name", {"model": 1}, 422),
        ("PUT", "/classify/services/good", {"model": 99999}, 404),
    ],
)
def test_refusals(api: Api, method: str, path: str, body: Any, status: int) -> None:
    assert api.ask(method, path, body).status_code == status


def test_hostile_archive(api: Api) -> None:
    api.post(SETS, {"name": "hostile"})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("../up.jpg", drawn("leaf", 1))
    assert upload(api, f"{SETS}/hostile/archive", buffer.getvalue()).status_code == 422
    assert upload(api, f"{SETS}/hostile/archive", b"no zip").status_code == 422
    assert api.get(f"{SETS}/hostile")["pictures"] == 0


def wait(api: Api, model: int, seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while (row := api.get(f"/classify/models/{model}"))["state"] in ("queued", "running"):
        assert time.monotonic() < end, row
        time.sleep(0.3)
    return row


def call(api: Api, path: str) -> dict[str, Any]:
    body = {"image": base64.b64encode(drawn("leaf", 90)).decode()}
    query = {"access_token": api.server.token()}
    answer: dict[str, Any] = api.server.client.post(path, params=query, json=body).json()
    return answer
