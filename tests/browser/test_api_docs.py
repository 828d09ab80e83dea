"""/docs of the management API in a browser: it comes up, and nothing of it comes from elsewhere."""

from playwright.sync_api import Browser

from tests.browser.conftest import Watched
from tests.server import RunningServer


def test_page(chromium: Browser, server: RunningServer) -> None:
    page = chromium.new_page()
    watched = Watched(page, server.url)
    page.goto(f"{server.url}/docs")
    page.wait_for_selector("#operations-tag-wallet", timeout=90_000)
    page.click("#operations-tag-prices")
    page.wait_for_selector("text=/prices")
    assert page.query_selector("button.authorize") is not None
    assert watched.faults == []
    page.close()
