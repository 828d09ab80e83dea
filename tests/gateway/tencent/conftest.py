"""One server in this process for each module, and pictures on a small web server."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.gateway.tencent.house import House, hole, scene
from tests.pictures import encoded
from tests.web import Page, serving


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house"), fetch_allow="127.0.0.0/8") as made:
        yield made


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    """``/image.png``, ``/image.jpg``, ``/mask.png``, ``/logo.png`` (plain red); anything else is a page
    of text, and ``/none.png`` is not there."""
    red = np.zeros((10, 10, 3), np.uint8)
    red[:, :, 0] = 255
    files = {
        "/image.png": encoded(scene()),
        "/image.jpg": encoded(scene(), "JPEG"),
        "/mask.png": encoded(hole()),
        "/logo.png": encoded(red),
    }

    class Files(Page):
        def do_GET(self) -> None:
            if self.path == "/none.png":
                self.send_error(404)
            else:
                self.give(files.get(self.path, b"<html>no hotlinking</html>"))

    with serving(Files) as address:
        yield address
