"""A server with a trained and published classifier, for the tests of its interface."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.classify.shapes import CLASSES, drawn, folders
from tests.server import RunningServer, checked

PATH = "/rpc/2.0/ai_custom/v1/classification/"

__all__ = ["CLASSES", "PATH", "Classification", "drawn", "published"]


class Classification:
    """Calls of one service."""

    def __init__(self, server: RunningServer, name: str) -> None:
        self.server, self.name = server, name
        self._token = server.token()

    @property
    def url(self) -> str:
        return f"{self.server.url}{PATH}{self.name}"

    def post(self, content: bytes | str, kind: str | None = "application/json") -> dict[str, Any]:
        headers = {} if kind is None else {"content-type": kind}
        answer = self.server.client.post(
            f"{PATH}{self.name}",
            params={"access_token": self._token},
            content=content,
            headers=headers,
        )
        return checked(answer)

    def json(self, body: object, token: str | None = None, **query: str) -> dict[str, Any]:
        query = {"access_token": self._token if token is None else token, **query}
        answer = self.server.client.post(f"{PATH}{self.name}", params=query, json=body)
        return checked(answer)

    def image(self, data: bytes, **more: object) -> dict[str, Any]:
        return self.json({"image": base64.b64encode(data).decode(), **more})


@pytest.fixture(scope="session")
def published(
    server: RunningServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Classification]:
    """R-219: import, train and publish by the command line, on the data of a running server.

    One head: ``tests/classify`` compares all of them.
    """
    pictures = folders(tmp_path_factory.mktemp("shapes"), 12)
    server.cli("classify", "import", str(pictures), "--name", "shapes")
    server.cli("classify", "train", "shapes", "--head", "logistic")
    server.cli("classify", "publish", "shapes")
    yield Classification(server, "shapes")
