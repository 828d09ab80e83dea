"""Every page in both languages, on a desk and on a phone, light and dark: no error in the console, no
request that leaves the origin, nothing serious for axe-core, nothing wider than the screen."""

import pytest

from tests.browser.conftest import Opener
from tests.server import RunningServer

AREAS = {
    "try": (
        "/", "/try", "/try/dehaze", "/try/inpainting", "/try/segment",
        "/try/customize_stylization", "/try/remove_moire",
    ),
    "account": ("/apps", "/apps/new", "/usage", "/tickets", "/tickets/new", "/notices", "/password"),
    "money": ("/resources", "/resources/dehaze", "/refunds", "/prices", "/money", "/bills"),
    "docs": (
        "/docs", "/docs/interfaces/denoise", "/docs/errors", "/docs/quickstart",
        "/docs/sdk/csharp", "/docs/credits",
    ),
    "operate": (
        "/operate", "/operate/accounts", "/operate/models", "/operate/settings",
        "/operate/audit", "/operate/tickets", "/models", "/explorer", "/explorer/signature",
    ),
}  # fmt: skip
LOOKS = [(1440, "en", "light"), (390, "zh", "dark")]


@pytest.fixture(scope="module")
def metered(server: RunningServer, cookie: str) -> None:
    """The administrator looks at a metered account with something of everything."""
    http = server.client
    http.cookies.set("xiutu_session", cookie)
    token = http.get("/console/password").text.split('name="_token" value="')[1].split('"')[0]

    def post(path: str, **form: str) -> str:
        answer = http.post(f"/console{path}", data={"_token": token, **form})
        assert answer.status_code in (200, 303), (path, answer.text[:300])
        return str(answer.headers.get("location", ""))

    post("/operate/accounts", name="pages", kind="enterprise", plan="metered")
    post("/account", account="pages")
    post("/money/topup", amount="900")
    post("/money/voucher", amount="5")
    post("/apps/new", name="shop", description="photos", all="true")
    post("/resources/dehaze/pack", calls="10000")
    post("/tickets/new", subject="hello", text="there", kind="ticket", category="ai_services")
    http.cookies.clear()


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize(("width", "language", "theme"), LOOKS)
def test_every_page(
    metered: None, open_browser: Opener, width: int, language: str, theme: str, area: str
) -> None:
    with open_browser(width, language, theme) as window:
        for path in AREAS[area]:
            page = window.open(path)
            assert page.locator("h1").count() == 1, path
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert wider <= 0, f"{path} is {wider} px wider than the screen"
            window.check_accessible()
            window.check_clean()


def test_sign_in_page(open_browser: Opener) -> None:
    for look in LOOKS:
        with open_browser(*look, signed_in=False) as window:
            page = window.open("/apps")
            assert "/console/sign-in?next=" in page.url
            window.check_accessible()


def test_the_other_looks(open_browser: Opener) -> None:
    """The colours of the other theme have enough contrast too."""
    for width, language, theme in ((1440, "zh", "dark"), (390, "en", "light")):
        with open_browser(width, language, theme) as window:
            for path in ("/", "/try/style_trans", "/usage", "/docs/errors"):
                window.open(path)
                window.check_accessible()
