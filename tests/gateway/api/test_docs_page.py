"""/docs: complete, and every file of it from this server."""

import re

from tests.gateway.api.conftest import Api


def test_page(api: Api) -> None:
    client = api.server.client
    page = client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "http" not in policy
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 4
    for file in files:
        if not file.startswith("data:"):
            assert file.startswith("/docs/")
            assert client.get(file).status_code == 200
    assert len(client.get("/docs/swagger-ui-bundle.js").content) > 500_000
    assert '"/api/v1/openapi.json"' in client.get("/docs/start.js").text
    assert client.get("/docs/other.js").json()["error_code"] == 3


def test_document(api: Api) -> None:
    """Every operation says what it is; nothing in it leads elsewhere."""
    answer = api.server.client.get("/api/v1/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/api/v1"}]
    ids = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            assert operation["tags"] and operation["security"]
            assert operation["responses"]["422"]["content"]["application/json"]["schema"] == {
                "$ref": "#/components/schemas/ErrorBody"
            }
            ids.add(operation["operationId"])
    assert len(ids) == sum(len(methods) for methods in document["paths"].values())
    assert not re.search(r"https?://", answer.text)
    for name, schema in document["components"]["schemas"].items():
        for field, value in schema.get("properties", {}).items():
            if field in ("amount", "cash", "price", "available", "unit_price"):
                assert "number" not in str(value), (name, field)


def test_the_vendors_routes_are_untouched(api: Api) -> None:
    """What is beside the API answers as before: error 3 for unknown paths, no redirects."""
    client = api.server.client
    for path in ("/api", "/api/v1", "/api/v2/me", "/doc", "/openapi.json", "/redoc"):
        answer = client.get(path)
        assert answer.status_code == 200 and answer.json()["error_code"] == 3, path
