"""R-196, R-197: the explorer's pages and what they ask the server for; nothing of another account."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.gateway.tencent.house import House
from xiutu import contract
from xiutu.contract import operator_ids
from xiutu.gateway.tencent.messages import SITUATIONS
from xiutu.platform.models import AccountKind, Credentials
from xiutu.web.i18n import chinese
from xiutu.web.security import LANGUAGE, SESSION


@dataclass
class Owner:
    """A signed-in owner of an account with one app."""

    house: House
    keys: Credentials
    secret: str
    token: str

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> httpx2.Response:
        language = headers.pop("language", "en")
        sent = {"cookie": f"{SESSION}={self.secret}; {LANGUAGE}={language}", **headers}
        return self.house.ask(method, f"/console/explorer{path}", body, sent)

    def code(self, interface: str, **fields: str) -> dict[str, Any]:
        body = httpx2.QueryParams(fields)
        answer = self.ask(
            "POST", f"/{interface}/code", str(body).encode(), **{"x-form-token": self.token}
        )
        found: dict[str, Any] = answer.json()
        return found

    def sign(self, interface: str, body: bytes = b"", **query: str) -> httpx2.Response:
        path = f"/{interface}/sign?{httpx2.QueryParams(query)}"
        return self.ask("POST", path, body, **{"x-form-token": self.token})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("explorer")) as made:
        yield made


def owner(house: House, name: str) -> Owner:
    platform = house.platform
    platform.accounts.create(name, AccountKind.ENTERPRISE)
    keys = platform.apps.create(f"{name}-app", account=name)
    user = platform.users.create(name, "correct horse battery", account=name)
    signed_in = platform.sessions.begin(user)
    return Owner(house, keys, signed_in.secret, signed_in.session.form_token)


@pytest.fixture(scope="module")
def ann(house: House) -> Owner:
    return owner(house, "ann")


@pytest.fixture(scope="module")
def bob(house: House) -> Owner:
    return owner(house, "bob")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("interface", [*operator_ids(), "classification", "tencent", "signature"])
def test_pages(ann: Owner, interface: str, language: str) -> None:
    answer = ann.ask("GET", f"/{interface}", language=language)
    assert answer.status_code == 200
    assert ("API 调试" in answer.text) is (language == "zh")
    assert len(answer.content) < 40_000
    assert ann.keys.secret_key not in answer.text


def test_retired_and_frozen_interfaces_say_so(ann: Owner) -> None:
    """R-203: the banner of the documents, and the form stays."""
    for interface in ("sky_seg", "denoise", "customize_stylization"):
        page = ann.ask("GET", f"/{interface}").text
        assert 'class="banner' in page and 'id="send"' in page
    assert 'class="banner' not in ann.ask("GET", "/dehaze").text


def test_unknown_pages(ann: Owner) -> None:
    assert ann.ask("GET", "/nothing").status_code == 404
    assert ann.ask("GET", "/errors/12").status_code == 404
    answer = ann.ask("GET", "")
    assert answer.status_code == 303 and answer.headers["location"].endswith("/explorer/colourize")


def test_signed_out(house: House) -> None:
    assert house.ask("GET", "/console/explorer/dehaze").status_code == 303
    assert house.ask("POST", "/console/explorer/dehaze/sign").status_code == 401


def test_forms_need_their_token(ann: Owner) -> None:
    assert ann.ask("POST", "/dehaze/sign").status_code == 403
    assert ann.ask("POST", "/dehaze/code", b"language=curl").status_code == 403
    assert ann.ask("POST", "/dehaze/sign", **{"sec-fetch-site": "cross-site"}).status_code == 401


def test_signatures_are_accepted(ann: Owner) -> None:
    """What the page gets is proof enough for the interfaces themselves."""
    app, host = ann.keys.app.app_id, {"host": "aiart.tencentcloudapi.com"}
    path = "/rest/2.0/image-process/v1/dehaze"
    form = {"content-type": "application/x-www-form-urlencoded"}
    token = ann.sign("dehaze", app=app, auth="token").json()["query"]["access_token"]
    for target, headers in (
        (f"{path}?access_token={token}", {}),
        (path, ann.sign("dehaze", app=app, auth="bce").json()["headers"]),
    ):
        answer = ann.house.ask("POST", target, b"image=", {**form, **headers})
        assert answer.json()["error_code"] == 216200
    body = json.dumps({"InputImage": "", "Mask": "AAAA"}).encode()
    proof = ann.sign("tencent", body, app=app, auth="tc3", region="ap-guangzhou").json()
    headers = {"content-type": "application/json", **host, **proof["headers"]}
    answer = ann.house.ask("POST", "/", body, headers)
    assert not answer.json()["Response"]["Error"]["Code"].startswith("AuthFailure")
    answer = ann.house.ask("POST", "/", body + b" ", headers)
    assert answer.json()["Response"]["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_query_of_classification_is_signed(ann: Owner) -> None:
    app = ann.keys.app.app_id
    proof = ann.sign("classification", app=app, auth="bce", service="pets", input_type="url").json()
    path = "/rpc/2.0/ai_custom/v1/classification/pets"
    body = b'{"url": "http://127.0.0.1/x.jpg"}'
    answer = ann.house.ask("POST", f"{path}?input_type=url", body, proof["headers"])
    assert answer.json()["error_code"] == 3
    answer = ann.house.ask("POST", path, body, proof["headers"])
    assert answer.json()["error_code"] == 14


def test_nothing_with_other_accounts_apps(ann: Owner, bob: Owner) -> None:
    """No token, no signature, no keys in code, no help with their signatures."""
    theirs = bob.keys.app.app_id
    for interface, auth in (("dehaze", "token"), ("dehaze", "bce"), ("tencent", "tc3")):
        assert ann.sign(interface, app=theirs, auth=auth).status_code == 404
    made = ann.code("dehaze", language="python", app=theirs, fill="1")
    assert "your Secret Key" in made["code"]
    assert bob.keys.secret_key not in made["code"] and bob.keys.api_key not in made["code"]
    stamp = "2026-03-01T10:00:00Z"
    request = (
        f"POST /x HTTP/1.1\nHost: a\nx-bce-date: {stamp}\n"
        f"Authorization: bce-auth-v1/{bob.keys.api_key}/{stamp}/1800/host/{'0' * 64}"
    )
    form = str(httpx2.QueryParams({"request": request, "_token": ann.token})).encode()
    answer = ann.ask("POST", "/signature", form)
    assert "No app of this account" in answer.text and 'id="canonical"' not in answer.text


def test_keys_in_code_only_when_asked_for(ann: Owner) -> None:
    app = ann.keys.app.app_id
    plain = ann.code("dehaze", language="curl", app=app)
    filled = ann.code("dehaze", language="curl", app=app, fill="1")
    assert ann.keys.secret_key not in plain["code"] and ann.keys.secret_key in filled["code"]


def test_code_says_what_is_wrong(ann: Owner) -> None:
    assert (
        "cannot be printed" in ann.code("dehaze", language="curl", **{"v-url": "a\nb"})["problem"]
    )
    assert "4096" in ann.code("dehaze", language="curl", **{"v-url": "a" * 5000})["problem"]


def test_sdk_falls_back(ann: Owner) -> None:
    """curl has no SDK, and segment is in none: the page is told what it got."""
    made = ann.code("dehaze", language="curl", sdk="1", **{"f-image": "a.jpg"})
    assert made["sdk"] and made["language"] == "python" and "aip" in made["code"]
    made = ann.code("segment", language="java", sdk="1", **{"f-image": "a.jpg"})
    assert not made["sdk"] and made["language"] == "java" and made["sdk_languages"] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_is_explained(ann: Owner, language: str) -> None:
    """All of the contract, and all that the Tencent interface of this server answers."""
    codes = {str(code) for code in contract.error_codes()}
    codes |= {row.code for row in SITUATIONS.values()}
    for code in codes:
        told = ann.ask("GET", f"/errors/{code}", language=language).json()
        assert told["cause"] and told["remedy"] and told["message"], code
        remedy: str = told["remedy"]
        assert any("\u4e00" <= c <= "\u9fff" for c in remedy) is (language == "zh"), code


def test_words_are_translated(ann: Owner) -> None:
    """Explanations of signatures: every sentence of the modules has its Chinese."""
    folder = Path(__file__).parents[2] / "src/xiutu/web/signatures"
    told = 0
    for path in folder.glob("*.py"):
        for text in sentences(path.read_text("utf-8")):
            told += 1
            assert text in chinese(), f"{path.name}: {text}"
    assert told > 60


def sentences(source: str) -> Iterator[str]:
    """First arguments of ``Sentence`` and ``Unreadable``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            named = node.func.id in ("Sentence", "Unreadable")
            if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
