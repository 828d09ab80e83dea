"""A real server on each database, with an administrator's token."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from tests import services
from tests.server import SMALL, RunningServer

_NUMBERS = count(1)


class Api:
    """A client of the management API. ``token`` is an administrator's unless told."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        made = json.loads(server.cli("tokens", "create", "tests", "--admin", "--json"))
        self.admin = str(made["token"])

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any
    ) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.admin if token is None else token}"}
        content = {} if body is None else {"json": body}
        return self.server.client.request(
            method, f"/api/v1{path}", headers=headers, params=query, **content
        )

    def get(self, path: str, *, token: str | None = None, **query: Any) -> Any:
        return done(self.ask("GET", path, token=token, **query))

    def post(self, path: str, body: Any = None, *, token: str | None = None) -> Any:
        return done(self.ask("POST", path, body, token=token))

    def put(self, path: str, body: Any, *, token: str | None = None) -> Any:
        return done(self.ask("PUT", path, body, token=token))

    def patch(self, path: str, body: Any, *, token: str | None = None) -> Any:
        return done(self.ask("PATCH", path, body, token=token))

    def account(self, kind: str = "personal", plan: str = "metered") -> str:
        """A new account; gives its name."""
        name = f"account {next(_NUMBERS)}"
        self.post("/accounts", {"name": name, "kind": kind, "plan": plan})
        return name

    def token(self, account: str) -> str:
        """A token that sees this account only."""
        made = self.post(f"/accounts/{account}/tokens", {"name": "its own"})
        return str(made["token"])


def done(answer: httpx2.Response) -> Any:
    """The body of a success."""
    assert answer.is_success, (answer.status_code, answer.text[:500])
    assert answer.headers["cache-control"] == "no-store"
    return None if answer.status_code == 204 else answer.json()


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """The error of a refusal, which has always the same shape."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "application/json"
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code
    assert isinstance(error["message"], str) and error["message"]
    assert isinstance(error["fields"], list)
    return error


@pytest.fixture(scope="session")
def sqlite_api(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[Api]:
    with RunningServer(tmp_path_factory.mktemp("api"), **SMALL) as server:
        yield Api(server)


@pytest.fixture(scope="session")
def postgresql_api(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[Api]:
    with services.postgres() as cluster:
        url, data = cluster.empty(), tmp_path_factory.mktemp("api")
        with RunningServer(data, XIUTU_DATABASE_URL=url, **SMALL) as server:
            yield Api(server)


@pytest.fixture(params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest) -> Api:
    """Both stay for all files: a session's fixture with parameters would start anew in each."""
    found: Api = request.getfixturevalue(f"{request.param}_api")
    return found
