"""Values nobody should send: every route answers with a success or an error of the documented shape."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.gateway.api.conftest import Api
from tests.gateway.api.test_access import filled

TEXTS = (
    "0", "-1", str(2**63), "1e999", "x" * 500, "\u0000", "a\u0000b\u202e", "2026-13-45",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31",
)  # fmt: skip
VALUES = (*TEXTS, "", "=1+1", None, True, -1, 0, 2**31, 2**63, 10**30, 0.5, 1e308, [None], {"a": 1})
GOOD: dict[str, Any] = {
    "name": "some name", "amount": "1", "operator": "dehaze", "calls": 10_000, "qps": 1,
    "subject": "s", "text": "t", "switch": "auto", "cap": None, "invited": None,
}  # fmt: skip
Attack = tuple[str, dict[str, str] | None, Any]


@pytest.mark.parametrize("place", ["path", "query", "body"])
def test_no_value_breaks_a_route(api: Api, place: str) -> None:
    """Whatever stands in a path, a query or a body."""
    document = api.server.client.get("/api/v1/openapi.json").json()
    mine = api.account()
    # In a path, an administrator would revoke the tokens of this test.
    token = api.token(mine) if place == "path" else api.admin
    seen = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for url, query, body in ATTACKS[place](path, operation, document, mine):
                answer = api.ask(method.upper(), url, body, token=token, **(query or {}))
                seen.add(answer.status_code)
                assert answer.status_code < 500, (method, url, query, body, answer.text)
                if answer.status_code >= 400:
                    assert set(answer.json()) == {"error"}, (url, answer.text)
    assert (404 if place == "path" else 201 if place == "body" else 200) in seen and 422 in seen


def in_path(path: str, operation: Any, document: Any, mine: str) -> Iterator[Attack]:
    del document
    for parameter in operation.get("parameters", ()):
        for text in TEXTS if parameter["in"] == "path" else ():
            places = {"account": quote(mine), parameter["name"]: quote(text, safe="")}
            yield filled(path, **places), None, None


def in_query(path: str, operation: Any, document: Any, mine: str) -> Iterator[Attack]:
    del document
    for parameter in operation.get("parameters", ()):
        for text in TEXTS if parameter["in"] == "query" else ():
            yield filled(path, mine), {parameter["name"]: text}, None


def in_body(path: str, operation: Any, document: Any, mine: str) -> Iterator[Attack]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return
    name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = document["components"]["schemas"][name]["properties"]
    for value in ([], "x", 1, {"unknown": 1}):
        yield filled(path, mine), None, value
    good = {field: GOOD[field] for field in fields if field in GOOD}
    for field in fields:
        for value in VALUES:
            yield filled(path, mine), None, {**good, field: value}


ATTACKS = {"path": in_path, "query": in_query, "body": in_body}
