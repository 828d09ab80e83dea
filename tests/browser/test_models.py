"""Custom models in a browser: photos dropped into classes, a training watched, published, tried."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.classify.shapes import drawn

pytestmark = pytest.mark.timeout(300)
TRAINED = 120_000

_DROP = """([selector, rows]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of rows) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  }
  const target = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
  }
}"""


def drop(page: Page, selector: str, kind: str, numbers: range) -> None:
    """Files from outside the browser, dropped on an element."""
    rows = [[f"{kind}-{n}.jpg", base64.b64encode(drawn(kind, n)).decode()] for n in numbers]
    page.evaluate(_DROP, [selector, rows])


def thumbs(page: Page, label: str) -> int:
    return page.locator(f'.class-drop[data-label="{label}"] .thumb').count()


def look(page: Page) -> None:
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wider <= 0, f"{page.url} is {wider} px wider than the screen"
    assert page.locator("h1").count() == 1


def test_from_photos_to_a_called_service(open_browser: Opener, tmp_path: Path) -> None:
    """R-219: everything by mouse, and the pages on a phone in Chinese afterwards."""
    visited = []
    with open_browser() as window:
        page = window.open("/models")
        page.get_by_label("Name of the new data set").fill("drawn shapes")
        page.get_by_role("button", name="Create a data set").click()
        expect(page.locator("h1")).to_have_text("drawn shapes")
        expect(page.locator("#train")).to_be_disabled()
        visited.append(page.url)
        drop(page, ".class-drop.new", "leaf", range(1))
        expect(page.locator("#progress")).to_contain_text("Name the class first.")
        for kind in ("circle", "leaf"):
            page.locator("#new-label").fill(kind)
            drop(page, ".class-drop.new", kind, range(6))
            expect(page.locator("#progress")).to_contain_text("Added: 6.")
            assert thumbs(page, kind) == 6
        # A file that is no picture is named; a stray one goes where its thumbnail is dragged.
        bad = tmp_path / "bad.jpg"
        bad.write_text("no picture")
        page.locator('input[data-into="leaf"]').set_input_files(bad)
        expect(page.locator("#progress")).to_contain_text("bad.jpg:")
        drop(page, '.class-drop[data-label="leaf"]', "circle", range(6, 7))
        expect(page.locator("#progress")).to_contain_text("Added: 1.")
        page.locator('.class-drop[data-label="leaf"] .thumb').last.drag_to(
            page.locator('.class-drop[data-label="circle"] h3')
        )
        expect(page.locator("#progress")).to_contain_text("Pictures moved: 1")
        assert (thumbs(page, "circle"), thumbs(page, "leaf")) == (7, 6)
        window.check_accessible()
        page.locator("#train").click()
        expect(page.locator("#share")).to_be_visible()
        expect(page.locator("#step")).not_to_be_empty()
        window.check_accessible()
        expect(page.locator("#accuracy")).to_have_text(re.compile(r"\d+\.\d %"), timeout=TRAINED)
        expect(page.locator("#confusion tbody tr")).to_have_count(2)
        window.check_accessible()
        visited.append(page.url)
        page.get_by_label("Name in the address").fill("drawn-shapes")
        page.get_by_role("button", name="Publish").click()
        expect(page.locator(".flash.good")).to_contain_text("version 1")
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(drawn("leaf", 500))
        page.locator("#file").set_input_files(photo)
        best = page.locator("#answer li").first
        expect(best).to_contain_text("leaf")
        expect(page.locator("#took")).to_contain_text("ms")
        window.check_accessible()
        page.get_by_role("button", name="Stop").click()
        page.locator("#file").set_input_files(photo)
        expect(page.locator("#problem")).to_contain_text("336100")
        visited += [page.url, page.url.partition("/services")[0]]
    with open_browser(390, "zh", "dark") as window:
        for address in visited:
            window.page.goto(address)
            look(window.page)
            window.check_accessible()
