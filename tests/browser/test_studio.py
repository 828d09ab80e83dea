"""The studio in a browser: a sample, a run, the slider, zoom, boxes, the brush, code, a metered purchase."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener
from tests.server import RunningServer, jpeg

DONE = 60_000


def run(page: Page) -> None:
    page.locator("#run").click()
    expect(page.locator("#result-actions")).to_be_visible(timeout=DONE)


def clip(page: Page) -> float:
    """Where the result begins, in pixels of the picture."""
    return float(
        page.evaluate(
            "parseFloat(document.querySelector('#after').style.clipPath.split(' ').pop())"
        )
    )


def test_run_slider_zoom_download_and_code(open_browser: Opener, server: RunningServer) -> None:
    """R-198: a picture is tried, and the result compared."""
    before = server.metric('xiutu_calls_total{code="0",operator="contrast_enhance"}')
    with open_browser() as window:
        page = window.open("/try/contrast_enhance")
        expect(page.locator("#status")).to_contain_text("×")
        page.locator("#p-strength").fill("0.8")
        expect(page.locator("#o-strength")).to_have_text("0.8")
        run(page)
        expect(page.locator("#status")).to_contain_text("log_id")
        expect(page.locator("#divider")).to_be_visible()
        middle = clip(page)
        page.locator("#split").fill("80")
        assert clip(page) > middle
        handle = page.locator("#divider span").bounding_box()
        assert handle
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 300, y, steps=4)
        page.mouse.up()
        assert clip(page) < middle
        level = page.locator("#zoom-level")
        fitted = level.inner_text()
        page.locator("#stage").focus()
        page.keyboard.press("+")
        assert level.inner_text() != fitted
        page.locator("#zoom-full").click()
        expect(level).to_have_text("100 %")
        page.keyboard.press("Tab")
        page.locator("#zoom-fit").click()
        expect(level).to_have_text(fitted)
        with page.expect_download() as download:
            page.locator("#download").click()
        assert download.value.suggested_filename == "contrast_enhance-sample-contrast_enhance.jpg"
        assert Path(download.value.path()).read_bytes().startswith(b"\xff\xd8")
        page.locator("#copy-as summary").click()
        expect(page.locator("#code")).to_contain_text("strength=0.8")
        page.get_by_text("Python", exact=True).last.click()
        expect(page.locator("#code")).to_contain_text('"strength": 0.8')
        page.locator("#use-result").click()
        expect(page.locator("#divider")).to_be_hidden()
    assert server.metric('xiutu_calls_total{code="0",operator="contrast_enhance"}') == before + 1


def test_boxes_by_pointer_and_by_keys(open_browser: Opener) -> None:
    """A box drawn on the picture is sent in pixels of the picture, and its inside is filled."""
    with open_browser() as window:
        page = window.open("/try/inpainting")
        expect(page.locator("#status")).to_contain_text("×")
        page.locator("#run").click()
        expect(page.locator("#problem")).to_contain_text("Draw at least one box")
        area = page.locator("#stage").bounding_box()
        assert area
        x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 90, y + 60, steps=5)
        page.mouse.up()
        box = page.locator(".drawn")
        expect(box).to_have_count(1)
        said = box.get_attribute("aria-label") or ""
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
        assert box.get_attribute("aria-label") != said
        page.locator("#copy-as summary").click()
        expect(page.locator("#code")).to_contain_text('"left"')
        page.locator("#add-box").click()
        expect(box).to_have_count(2)
        page.keyboard.press("Delete")
        expect(box).to_have_count(1)
        with page.expect_request("**/call?app=*") as sent:
            run(page)
        (rectangle,) = sent.value.post_data_json["rectangle"]
        scale = page.evaluate("document.querySelector('#before').naturalWidth")
        assert 0 < rectangle["width"] < scale and set(rectangle) == {
            "left", "top", "width", "height",
        }  # fmt: skip


def test_brush_becomes_rectangles(open_browser: Opener) -> None:
    with open_browser() as window:
        page = window.open("/try/inpainting")
        expect(page.locator("#status")).to_contain_text("×")
        page.locator("#toggle-brush").click()
        area = page.locator("#stage").bounding_box()
        assert area
        x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
        page.mouse.move(x - 60, y - 40)
        page.mouse.down()
        page.mouse.move(x + 60, y + 40, steps=8)
        page.mouse.up()
        with page.expect_request("**/call?app=*") as sent:
            run(page)
        rectangles = sent.value.post_data_json["rectangle"]
        assert 5 < len(rectangles) <= 100
        assert len({r["top"] for r in rectangles}) > 4, "a slanted stroke has many rows"


def test_segment_boxes_show_only_where_they_count(open_browser: Opener) -> None:
    with open_browser(390) as window:
        page = window.open("/try/segment")
        boxes = page.locator('[data-param="position"]')
        expect(boxes).to_be_hidden()
        page.locator('input[name="method"][value="control"]').check()
        expect(boxes).to_be_visible()
        page.locator('input[name="method"][value="auto"]').check()
        expect(boxes).to_be_hidden()


def test_own_file_and_a_refused_one(open_browser: Opener, tmp_path: Path) -> None:
    photo, text = tmp_path / "mine.jpg", tmp_path / "text.jpg"
    photo.write_bytes(jpeg(640, 480))
    text.write_text("no picture")
    with open_browser() as window:
        page = window.open("/try/dehaze")
        page.locator("#file").set_input_files(text)
        expect(page.locator("#problem")).to_contain_text("no picture")
        page.locator("#file").set_input_files(photo)
        expect(page.locator("#status")).to_contain_text("mine.jpg · 640 × 480")
        expect(page.locator("#problem")).to_be_hidden()


def test_a_purchase(open_browser: Opener) -> None:
    """R-194, R-199: top up, buy a pack, see it, give it back."""
    with open_browser(signed_in=True) as window:
        page = window.open("/operate/accounts")
        page.on("dialog", lambda dialog: dialog.accept())
        form = page.locator("form.card").first
        form.locator("[name=name]").fill("buyer")
        form.locator("[name=plan]").select_option("metered")
        form.locator("button").click()
        page.locator(".tools summary").click()
        page.locator("#look-at").select_option("buyer")
        page.wait_for_url("**/console/operate")
        window.open("/money")
        topup = page.locator('form[action$="/topup"]')
        topup.locator("[name=amount]").fill("100")
        topup.locator("button").click()
        expect(page.locator(".flash.good")).to_be_visible()
        window.open("/resources/dehaze")
        page.locator('form[action$="/pack"] button').click()
        expect(page.locator(".flash.good")).to_contain_text("10,000 calls")
        window.open("/refunds")
        page.get_by_role("button", name="Give back").click()
        expect(page.locator(".flash.good")).to_be_visible()
        window.open("/money")
        expect(page.locator(".tile").first).to_contain_text("100.00")
