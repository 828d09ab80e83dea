"""R-196, R-197: build, sign and send requests in the browser; code beside them; the signature checker."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.sdk.child import clean_environment
from tests.server import RunningServer, jpeg


def sent(page: Page) -> str:
    """Press Send; the line about the answer."""
    page.click("#send")
    page.wait_for_selector("#raw-answer:not(:empty)", timeout=60_000)
    page.wait_for_selector("#send:not([disabled])", timeout=60_000)
    return page.inner_text("#status")


def code_holds(page: Page, text: str) -> str:
    """The code, once it has caught up with the form."""
    page.locator("#code", has_text=text).wait_for()
    return page.inner_text("#code")


@pytest.mark.parametrize("auth", ["token", "bce"])
def test_call_with_the_sample(open_browser: Opener, auth: str) -> None:
    """R-196: both ways to prove who calls; request and answer raw, the result as a picture."""
    with open_browser() as window:
        page = window.open("/explorer/dehaze")
        page.select_option("[name=auth]", auth)
        assert "HTTP 200" in sent(page)
        request = page.inner_text("#raw-request")
        assert ("access_token=" in request) is (auth == "token")
        assert ("bce-auth-v1/" in request) is (auth == "bce")
        assert '"log_id"' in page.inner_text("#raw-answer")
        picture = page.locator("#pictures img")
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_tencent_call(open_browser: Opener) -> None:
    """Signed with TC3 here, checked by the interface; the mask is drawn to the picture's size."""
    with open_browser() as window:
        page = window.open("/explorer/tencent")
        page.select_option("#i-DryRun", "true")
        assert "HTTP 200" in sent(page)
        assert "TC3-HMAC-SHA256 Credential=" in page.inner_text("#raw-request")
        told = page.inner_text("#told")
        assert "DryRunOperation" in told and "All is well" in told


def test_errors_are_explained(open_browser: Opener) -> None:
    """The vendor's message, when it comes and what to do, in both languages."""
    for language, remedy in (("en", "Compare"), ("zh", "对照")):
        with open_browser(language=language) as window:
            page = window.open("/explorer/denoise")
            page.fill("#i-option", "9999")
            sent(page)
            lines = page.locator("#told p").all_inner_texts()
            assert lines[0].startswith("216100: invalid param") and len(lines) >= 3
            assert remedy.lower() in lines[2].lower()


def test_a_file_of_mine(open_browser: Opener, tmp_path: Path) -> None:
    """The chosen file goes out, its name into the code."""
    photo = tmp_path / "my holiday.jpg"
    photo.write_bytes(jpeg(200, 150))
    with open_browser() as window:
        page = window.open("/explorer/inpainting")
        page.set_input_files("#file-image", photo)
        page.fill("#i-rectangle", '[{"left": 10, "top": 10, "width": 20, "height": 20}]')
        assert "my holiday.jpg" in code_holds(page, "my holiday.jpg")
        assert "HTTP 200" in sent(page)
        size = page.locator("#pictures img").evaluate("i => i.decode().then(() => i.naturalWidth)")
        assert size == 200


def test_code_of_the_page_runs(open_browser: Opener, server: RunningServer, tmp_path: Path) -> None:
    """R-197: what is copied from the page is a program; keys are in it only when they are asked for."""
    with open_browser() as window:
        page = window.open("/explorer/dehaze")
        page.select_option("[name=app]", server.keys["app_id"])
        page.click("input[value=python] + span")
        page.fill("#i-strength", "0.4")
        assert server.keys["secret_key"] not in code_holds(page, '"strength": "0.4"')
        page.check("#fill")
        code = code_holds(page, server.keys["secret_key"])
    (tmp_path / "call.py").write_text(code, "utf-8")
    (tmp_path / "photo.jpg").write_bytes(jpeg())
    subprocess.run(
        [sys.executable, "call.py"], cwd=tmp_path, env=clean_environment(), check=True, timeout=60
    )
    assert (tmp_path / "result.jpg").read_bytes().startswith(b"\xff\xd8")


def test_every_language(open_browser: Opener) -> None:
    """Seven direct ones; with the vendor's SDK those that have one for this interface."""
    with open_browser() as window:
        page = window.open("/explorer/dehaze")
        names = {"python": "urllib", "java": "HttpClient", "php": "<?php", "csharp": "using System"}
        for name, text in {**names, "cpp": "curl_easy", "node": "fetch"}.items():
            page.click(f"input[value={name}] + span")
            code_holds(page, text)
        page.check("#sdk")
        code_holds(page, "baidu-aip-sdk")
        assert page.is_disabled("input[value=curl]")
        page = window.open("/explorer/segment")
        page.wait_for_selector("#sdk[disabled]")


def test_signature_checker(open_browser: Opener, server: RunningServer) -> None:
    """R-197: a wrong secret cannot be named, a wrong canonical request is shown line by line."""
    request = (
        "POST /rest/2.0/image-process/v1/dehaze HTTP/1.1\nHost: 127.0.0.1\n"
        "x-bce-date: 2026-03-01T10:00:00Z\nAuthorization: bce-auth-v1/"
        f"{server.keys['api_key']}/2026-03-01T10:00:00Z/1800/host;x-bce-date/{'0' * 64}"
    )
    with open_browser() as window:
        page = window.open("/explorer/signature")
        page.fill("[name=request]", request)
        page.click("main details summary")
        page.fill("[name=theirs]", "GET\n/rest/2.0/image-process/v1/dehaze\n\nhost:127.0.0.1")
        page.click("form.stack button")
        assert "refused" in page.inner_text("#verdict")
        assert page.inner_text("#canonical").startswith("POST\n/rest/2.0/image-process/v1/dehaze")
        assert page.locator("tr.yours").count() == 1 and page.locator("tr.server").count() == 2


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(1440, "en", "light"), (390, "zh", "dark")]
)
def test_accessible(open_browser: Opener, width: int, language: str, theme: str) -> None:
    with open_browser(width=width, language=language, theme=theme) as window:
        for path in ("/explorer/segment", "/explorer/tencent", "/explorer/signature"):
            page = window.open(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            window.check_accessible()
