"""remove_moire with a PDF, on a running server: which source counts, which page, every refusal."""

import base64
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import pdfs
from tests.pictures import encoded, photo
from tests.server import RunningServer, jpeg
from tests.web import Page, serving
from xiutu.client import AipImageProcess
from xiutu.image.decode import decode
from xiutu.image.picture import Picture

MOST = 4 * 1024 * 1024
"""Characters of base64."""
SMALL = "0 0 36 36"
"""A page box of 100 x 100 px."""
GOOD = pdfs.page(SMALL)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _call(server: RunningServer, pdf: bytes, **fields: Any) -> dict[str, Any]:
    return server.call("remove_moire", pdf_file=_text(pdf), **fields)


def _code(answer: dict[str, Any]) -> int:
    return int(answer.get("error_code", 0))


def _picture(answer: dict[str, Any]) -> Picture:
    assert "error_code" not in answer, answer
    return decode(base64.b64decode(answer["image_processed"], validate=True))


class _Files(Page):
    def do_GET(self) -> None:
        body = GOOD if self.path == "/page.pdf" else encoded(photo(80, 60))
        self.give(body)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(_Files) as root:
        yield root


def test_page_and_number_of_pages(server: RunningServer) -> None:
    """R-102, R-104, R-105: page 1 unless ``pdf_file_num`` says another; members and their types."""
    data = pdfs.pages("0 0 36 36", "0 0 72 36", "0 0 36 72")
    for number, size in (
        (None, (100, 100)),
        ("", (100, 100)),
        ("1", (100, 100)),
        ("2", (200, 100)),
        (" 3 ", (100, 200)),
        ("03", (100, 200)),
    ):
        answer = _call(server, data, **({} if number is None else {"pdf_file_num": number}))
        assert set(answer) == {"image_processed", "pdf_file_size", "log_id"}
        assert answer["pdf_file_size"] == "3" and isinstance(answer["log_id"], int)
        assert _picture(answer).size == size and _picture(answer).format == "png"


def test_json(server: RunningServer) -> None:
    """R-104, A-02: as JSON too, the page as text or number."""
    for number in ("2", 2):
        body = {"pdf_file": _text(pdfs.pages(SMALL, "0 0 72 36")), "pdf_file_num": number}
        answer = server.post("remove_moire", json.dumps(body).encode(), "application/json")
        assert _picture(answer).size == (200, 100)


def test_priority(server: RunningServer, address: str) -> None:
    """R-103, R-105: image > url > pdf_file in all pairs and with all three; empty is absent (A-19)."""
    image, url, pdf = _text(jpeg(64, 48)), f"{address}/photo.png", _text(GOOD)
    sizes = {"image": (64, 48), "url": (80, 60), "pdf": (100, 100)}
    for fields, wins in (
        ({"pdf_file": pdf}, "pdf"),
        ({"image": image, "pdf_file": pdf}, "image"),
        ({"url": url, "pdf_file": pdf}, "url"),
        ({"image": image, "url": url}, "image"),
        ({"pdf_file": pdf, "url": url, "image": image}, "image"),
        ({"image": "", "url": url, "pdf_file": pdf}, "url"),
        ({"image": "", "url": "", "pdf_file": pdf}, "pdf"),
        ({"image": image, "pdf_file": "rubbish"}, "image"),
        ({"url": url, "pdf_file": ""}, "url"),
    ):
        answer = server.call("remove_moire", **fields)
        assert _picture(answer).size == sizes[wins], wins
        assert answer.get("pdf_file_size") == ("1" if wins == "pdf" else None)


def test_a_broken_source_of_higher_priority_counts(server: RunningServer, address: str) -> None:
    """R-103, A-19: no falling back; and a PDF is taken as ``pdf_file`` only."""
    pdf = _text(GOOD)
    for fields, code in (
        ({"image": b"text"}, 216201),
        ({"image": GOOD}, 216201),
        ({"url": "nowhere"}, 282111),
        ({"url": f"{address}/page.pdf"}, 216201),
    ):
        assert _code(server.call("remove_moire", **fields, pdf_file=pdf)) == code


NO_PAGE = ["0", "-1", "1.5", "one", "１", "1e3", "0x1", "[1]", " ", "9" * 30]


@pytest.mark.parametrize("number", [*NO_PAGE, "7", "x" * 5000])
def test_the_number_counts_for_a_pdf_only(server: RunningServer, address: str, number: str) -> None:
    """R-106."""
    sources: list[dict[str, Any]] = [{"image": jpeg(64, 48)}, {"url": f"{address}/photo.png"}]
    for source in sources:
        answer = server.call("remove_moire", **source, pdf_file=_text(GOOD), pdf_file_num=number)
        assert "image_processed" in answer and "pdf_file_size" not in answer


@pytest.mark.parametrize(
    ("number", "code"),
    [*((text, 216100) for text in NO_PAGE), ("3", 282004), ("9" * 11, 282004), ("x" * 300, 216103)],
)
def test_wrong_page_numbers(server: RunningServer, number: str, code: int) -> None:
    """R-107, A-31: beyond the last page 282004, no page number at all 216100."""
    assert _code(_call(server, pdfs.pages(SMALL, SMALL), pdf_file_num=number)) == code


@pytest.mark.parametrize("number", [True, 1.0, [1], {"page": 1}, 0, -1])
def test_wrong_json_page_numbers(server: RunningServer, number: object) -> None:
    """R-107."""
    body = json.dumps({"pdf_file": _text(GOOD), "pdf_file_num": number}).encode()
    assert _code(server.post("remove_moire", body, "application/json")) == 216100


REFUSED: dict[str, tuple[bytes, int]] = {
    "encrypted": (pdfs.encrypted(b"secret"), 216201),
    "cut off": (GOOD[: len(GOOD) // 2], 216201),
    "cut off in its last table": (GOOD[:-10], 216201),
    "scan cut off": (pdfs.scan(photo())[:-900], 216201),
    "mark only": (b"%PDF-1.7\n%%EOF", 216201),
    "no pages": (pdfs.without_pages(), 216201),
    "page missing": (GOOD.replace(b"[3 0 R]", b"[9 0 R]"), 216201),
    "photo": (jpeg(), 216201),
    "text": (b"hello, I am a text", 216201),
    "10,000 pages": (pdfs.pages(*[SMALL] * 10_000), 216202),
    "huge page": (pdfs.page("0 0 20000 20000"), 216202),
    "astronomical page": (pdfs.page("0 0 1000000000 1000000000"), 216202),
    "tiny page": (pdfs.page("0 0 1 1"), 216202),
    "14 px": (pdfs.scan(photo(14, 300)), 216202),
    "thread of a page": (pdfs.page("0 0 14400 50"), 216202),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused_files(server: RunningServer, name: str) -> None:
    """R-055, R-065, A-31: broken or locked 216201, pages or sides outside the limits 216202."""
    data, code = REFUSED[name]
    text = {216201: "image format error", 216202: "image size error"}[code]
    assert _call(server, data) == {"error_code": code, "error_msg": text}


def test_fields_without_a_pdf(server: RunningServer) -> None:
    """R-052 to R-054: no source, an empty one, no base64, no text."""
    assert _code(server.call("remove_moire", pdf_file_num="1")) == 216101
    assert _code(server.call("remove_moire", pdf_file="")) == 216200
    assert _code(server.call("remove_moire", pdf_file="*!*")) == 216203
    body = json.dumps({"pdf_file": 7}).encode()
    assert _code(server.post("remove_moire", body, "application/json")) == 216100


def test_size_of_base64(server: RunningServer) -> None:
    """R-065, A-15: 4M of base64 text pass, four characters more do not."""
    filler = b"%" + b"x" * (MOST // 4 * 3 - len(GOOD) - 2) + b"\n"
    data = GOOD.replace(b"\n", b"\n" + filler, 1)  # moves all objects: PDFium mends the table
    assert len(_text(data)) == MOST
    assert _picture(_call(server, data)).size == (100, 100)
    assert _code(_call(server, data + b"\n")) == 216202


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (pdfs.scan(photo(15, 300)), (15, 300)),
        (pdfs.page("0 0 14400 70"), (4096, 20)),
        (pdfs.scan(photo(4200, 90)), (4096, 88)),
        (pdfs.page("0 0 72 36", extra="/Rotate 90"), (100, 200)),
        (b"\r\n" + GOOD, (100, 100)),
    ],
)
def test_sizes_that_pass(server: RunningServer, data: bytes, size: tuple[int, int]) -> None:
    """R-065, A-31: long sides are brought down to 4096 px, a scan keeps its pixels."""
    assert _picture(_call(server, data)).size == size


def test_data_uri_head(server: RunningServer) -> None:
    """R-057, A-18."""
    text = f"data:application/pdf;base64,{_text(GOOD)}"
    assert _picture(server.call("remove_moire", pdf_file=text)).size == (100, 100)


def test_ledger(server: RunningServer) -> None:
    """The page's pixels are what is recorded, not the bound that stood for them."""
    answer = _call(server, pdfs.page("0 0 72 36"))
    with sqlite3.connect(server.data / "data" / "xiutu.db") as database:
        query = "SELECT pixels, code FROM usage WHERE log_id = ?"
        rows = database.execute(query, (answer["log_id"],)).fetchall()
    database.close()
    assert rows == [(20_000, 0)]


def test_own_client(server: RunningServer, tmp_path: Path) -> None:
    """R-104, R-107 by ``removeMoireV1Pdf``: bytes or a path, further parameters as options."""
    data = pdfs.pages(SMALL, "0 0 72 36")
    file = tmp_path / "scan.pdf"
    file.write_bytes(data)
    keys = server.keys
    with AipImageProcess(keys["app_id"], keys["api_key"], keys["secret_key"], server.url) as client:
        assert _picture(client.removeMoireV1Pdf(data)).size == (100, 100)
        answer = client.removeMoireV1Pdf(file, {"pdf_file_num": "2"})
        assert _picture(answer).size == (200, 100) and answer["pdf_file_size"] == "2"
        assert client.removeMoireV1Pdf(data, {"pdf_file_num": 3})["error_code"] == 282004
        assert client.removeMoireV1Pdf(bytes(MOST))["error_code"] == "SDK100"


def test_hostile_files_end_at_the_deadline_at_the_latest(tmp_path: Path) -> None:
    """R-136: years of work in 3 KB; that call gets 282000, its worker is replaced, the next succeeds.

    R-065: the same server is strict and counts base64 after percent-encoding (A-15).
    """
    settings = {"XIUTU_JOB_TIMEOUT_S": "6", "XIUTU_THREADS": "1", "XIUTU_STRICT": "true"}
    with RunningServer(tmp_path, "--workers", "1", **settings) as small:
        (worker,) = small.workers()
        started = time.monotonic()
        answer = _call(small, pdfs.nested_bomb())
        assert answer == {"error_code": 282000, "error_msg": "internal error"}
        assert time.monotonic() - started < 60
        small.until_ready()
        assert worker not in small.workers()
        assert _picture(_call(small, GOOD)).size == (100, 100)
        slashes = GOOD.replace(b"\n", b"\n%" + b"\xff" * (MOST // 2) + b"\n", 1)
        assert _code(_call(small, slashes)) == 216202
