"""Chromium against ``xiutu serve``. A page that logs an error or asks another server fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.server import RunningServer
from xiutu.web.security import SESSION

AXE = Path(__file__).parents[1] / "sdk/node/node_modules/axe-core/axe.min.js"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")  # not longer: while it is open, no other test may run a loop
def chromium() -> Iterator[Browser]:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    assert found, "the browser tests need Chromium: sudo apt-get install -y chromium"
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


class Watched:
    """A page, and everything it should not have done."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.faults: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in ("error", "warning"):
            self.faults.append(f"{kind}: {text}")

    def _request(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.address + "/", "blob:", "data:")):
            self.faults.append(f"left the origin: {url}")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.address}/console{path}")
        return self.page

    def check_accessible(self) -> None:
        """No finding of axe-core that is serious or critical."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' | ')))"
        )
        assert found == [], f"{self.page.url}: {found}"

    def check_clean(self) -> None:
        assert self.faults == [], f"{self.page.url}: {self.faults}"


Opener = Callable[..., AbstractContextManager[Watched]]


@pytest.fixture(scope="module")
def cookie(server: RunningServer) -> str:
    """The administrator's session of a file: it keeps which account is looked at."""
    answer = server.client.post(
        "/console/sign-in", data={"name": "admin", "password": server.password, "next": ""}
    )
    assert answer.status_code == 303, answer.text[:300]
    found = answer.cookies.get(SESSION)
    assert found
    server.client.cookies.clear()
    return found


@pytest.fixture
def open_browser(chromium: Browser, server: RunningServer, cookie: str) -> Iterator[Opener]:
    """Make a browser window: width, language, theme; signed in unless told otherwise."""

    @contextmanager
    def window(
        width: int = 1440, language: str = "en", theme: str = "light", signed_in: bool = True
    ) -> Iterator[Watched]:
        context = chromium.new_context(viewport={"width": width, "height": 900})
        cookies = {"xiutu_language": language, "xiutu_theme": theme}
        if signed_in:
            cookies[SESSION] = cookie
        rows = [
            {"name": k, "value": v, "url": f"{server.url}/console/"} for k, v in cookies.items()
        ]
        context.add_cookies(rows)  # type: ignore[arg-type]
        watched = Watched(context.new_page(), server.url)
        yield watched
        watched.check_clean()
        context.close()

    yield window
