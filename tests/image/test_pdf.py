"""Pages of PDFs: size, resolution, the document's page; and everything a file can have wrong."""

import contextlib
import gc
import threading

import numpy as np
import pypdfium2 as pdfium
import pytest

from tests import pdfs
from tests.pictures import Array, encoded, photo
from xiutu.errors import (
    EmptyPicture,
    InconsistentParameters,
    InvalidParameter,
    PictureSizeError,
    UnsupportedFormat,
    XiutuError,
)
from xiutu.image.pdf import MOST_PAGES, Page, is_pdf, page_number, render_page

RED, WHITE = [255, 0, 0], [255, 255, 255]


def _page(data: bytes, number: int = 1, shortest: int = 15, longest: int = 4096) -> Page:
    return render_page(data, number, shortest=shortest, longest=longest)


def _rgb(data: bytes, number: int = 1, longest: int = 4096) -> Array:
    return _page(data, number, longest=longest).picture.rgb


def test_a_drawn_page_is_rendered_at_200_dpi() -> None:
    """R-104: Letter is 8.5 x 11 inches; colours are RGB on white."""
    found = _page(pdfs.page())
    rgb = found.picture.rgb
    assert found.pages == 1
    assert found.picture.size == (1700, 2200) and found.picture.alpha is None
    assert rgb.dtype == np.uint8 and rgb.flags.c_contiguous
    assert rgb[2190, 10].tolist() == rgb[2105, 95].tolist() == RED
    assert rgb[2090, 50].tolist() == rgb[2150, 105].tolist() == WHITE


def test_text_is_drawn() -> None:
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    words = pdfs.page(
        "0 0 200 100",
        "BT /F 40 Tf 20 30 Td (xiutu) Tj ET",
        f"/Resources << /Font << /F {font} >> >>",
    )
    dark = (_rgb(words) < 128).all(axis=2)
    assert 0.02 < dark.mean() < 0.4
    rows = np.flatnonzero(dark.any(axis=1))
    assert 100 < rows[0] < rows[-1] < 200


@pytest.mark.parametrize(
    ("turn", "corner", "size"),
    [(0, (-1, 0), (1700, 2200)), (90, (0, 0), (2200, 1700)), (180, (0, -1), (1700, 2200)),
     (270, (-1, -1), (2200, 1700))],
)  # fmt: skip
def test_the_documents_rotation(turn: int, corner: tuple[int, int], size: tuple[int, int]) -> None:
    rgb = _rgb(pdfs.page(extra=f"/Rotate {turn}"))
    assert rgb.shape == (size[1], size[0], 3)
    assert [rgb[y, x].tolist() == RED for y in (0, -1) for x in (0, -1)].count(True) == 1
    assert rgb[corner].tolist() == RED


def test_crop_box() -> None:
    rgb = _rgb(pdfs.page(extra="/CropBox [18 18 90 162]"))
    assert rgb.shape == (400, 200, 3)
    assert rgb[-1, 0].tolist() == RED and rgb[-52, 0].tolist() == WHITE


def test_the_page_asked_for() -> None:
    """R-104."""
    data = pdfs.pages("0 0 72 72", "0 0 144 72", "0 0 72 144")
    sizes = [_page(data, number).picture.size for number in (1, 2, 3)]
    assert sizes == [(200, 200), (400, 200), (200, 400)]
    assert _page(data, 2).pages == 3
    with pytest.raises(InconsistentParameters, match="page 4 of 3"):
        _page(data, 4)


@pytest.mark.parametrize("dpi", [10, 72, 150, 300])
def test_scans_keep_their_own_pixels(dpi: int) -> None:
    """Resampling would turn the moire to be removed into another one."""
    rgb = _rgb(pdfs.scan(photo(301, 203), dpi=dpi))
    assert rgb.shape == (203, 301, 3)
    assert np.abs(rgb.astype(int) - photo(301, 203)).mean() < 4  # the JPEG's loss


def test_large_scans_are_made_smaller() -> None:
    rgb = _rgb(pdfs.scan(photo(900, 600), dpi=300), longest=450)
    assert rgb.shape == (300, 450, 3)


def _picture_page(content: str, columns: int = 60, rows: int = 40) -> bytes:
    picture = pdfs.stream(
        photo(columns, rows).tobytes(),
        f"/Type /XObject /Subtype /Image /Width {columns} /Height {rows} "
        "/ColorSpace /DeviceRGB /BitsPerComponent 8",
    )
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    names = f"/Resources << /XObject << /I 5 0 R >> /Font << /F {font} >> >>"
    return pdfs.page("0 0 72 48", content, names, picture)


FULL = "q 72 0 0 48 0 0 cm /I Do Q "


@pytest.mark.parametrize(
    ("content", "width"),
    [
        (FULL, 60),
        ("1 1 1 rg 0 0 72 48 re f " + FULL, 60),  # a sheet of white paper below
        (FULL + "BT 3 Tr /F 9 Tf 5 5 Td (ocr) Tj ET", 60),
        (FULL + "BT 0 Tr /F 9 Tf 5 5 Td (seen) Tj ET", 200),
        (FULL + "1 0 0 rg 5 5 9 9 re f", 200),
        ("q 40 0 0 48 0 0 cm /I Do Q", 200),  # not from edge to edge
        ("q 0 48 -72 0 72 0 cm /I Do Q", 90),  # turned: 60 px over 48 units
        ("q 72 48 0 0 0 0 cm /I Do Q", 200),  # flattened to a line
    ],
)
def test_resolution(content: str, width: int) -> None:
    """A picture's own where it is all there is to see, else 200 dpi."""
    assert _rgb(_picture_page(content)).shape[1] == width


def test_a_fine_picture_with_writing_keeps_its_resolution() -> None:
    assert _rgb(_picture_page(FULL + "5 5 9 9 re f", 600, 400)).shape == (400, 600, 3)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ("0 0 1474.56 1000", (4096, 2778)),
        ("0 0 14400 14400", (4096, 4096)),
        ("0 0 14400 54", (4096, 15)),
        ("0 0 5.4 5.4", (15, 15)),
        ("100 100 28 172", (200, 200)),
    ],
)
def test_sides_inside_the_limits(box: str, size: tuple[int, int]) -> None:
    """R-065, A-31: large pages are rendered smaller."""
    assert _page(pdfs.page(box)).picture.size == size


@pytest.mark.parametrize(
    "box", ["0 0 5 5", "0 0 3 600", "0 0 14400 50", "0 0 1 1", "0 0 14401 300",
            "0 0 1000000000 1000000000"],
)  # fmt: skip
def test_sides_outside_the_limits(box: str) -> None:
    """R-065: nothing is rendered for these."""
    with pytest.raises(PictureSizeError, match="side"):
        _page(pdfs.page(box))


@pytest.mark.parametrize(
    "box", ["", "5", "0 0 0 0", "/a /b /c /d", "0 0 nan inf", "0 0 1e99 7", "0 0 300 " + "9" * 40]
)
def test_nonsense_boxes_become_letter_or_an_error(box: str) -> None:
    """As in viewers; never an unbounded picture."""
    with contextlib.suppress(PictureSizeError):
        assert max(_page(pdfs.page(box)).picture.size) <= 4096


def test_too_many_pages() -> None:
    """A clear error for 10,000 pages, however small the file."""
    assert _page(pdfs.pages(*["0 0 72 72"] * MOST_PAGES), MOST_PAGES).pages == MOST_PAGES
    for count in (MOST_PAGES + 1, 10_000):
        with pytest.raises(PictureSizeError, match=f"{count} pages, at most {MOST_PAGES}"):
            _page(pdfs.pages(*["0 0 72 72"] * count))


def test_an_embedded_picture_too_large() -> None:
    """Decided by what is said of it; no decoder is asked."""
    picture = pdfs.stream(
        b"0",
        "/Type /XObject /Subtype /Image /Width 10001 /Height 10000 "
        "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode",
    )
    data = pdfs.page(pdfs.LETTER, FULL, "/Resources << /XObject << /I 5 0 R >> >>", picture)
    with pytest.raises(PictureSizeError, match="10001x10000"):
        _page(data)


GOOD = pdfs.page()


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-",
        b"%PDF-1.7\n%%EOF",
        GOOD[:20],
        GOOD[: len(GOOD) // 2],
        GOOD[: GOOD.index(b"xref")],
        GOOD[:-10],
        pdfs.scan(photo())[:-800],
        pdfs.scan(photo())[:5000],
        pdfs.without_pages(),
        GOOD.replace(b"/Kids [3 0 R]", b"/Kids [9 0 R]"),
        GOOD.replace(b"/Kids [3 0 R]", b"/Kids []     "),
        b"%PDF-1.7\n" + bytes(2000),
        encoded(photo(), "JPEG"),
        b"hello, I am a text",
    ],
)
def test_broken_files(data: bytes) -> None:
    """R-055, A-31: 216201 on the wire; never a blank page instead."""
    with pytest.raises(UnsupportedFormat):
        _page(data)


def test_nothing() -> None:
    with pytest.raises(EmptyPicture):
        _page(b"")


def test_files_that_viewers_mend() -> None:
    for data in (b"\n\njunk" * 20 + GOOD, GOOD.replace(b"startxref\n", b"startxref\n9"), GOOD[:-1]):
        assert _page(data).picture.size == (1700, 2200)
    assert _page(pdfs.page(content=b"\xff garbage ( [ << BT Q Q")).picture.rgb.min() == 255


def test_encrypted() -> None:
    """A password is an error that says so; a file that merely restricts its use is read."""
    locked = pdfs.encrypted(b"secret")
    pdfium.PdfDocument(locked, password="secret").close()
    with pytest.raises(UnsupportedFormat, match="encrypted"):
        _page(locked)
    np.testing.assert_array_equal(_rgb(pdfs.encrypted(b"")), _rgb(GOOD))


@pytest.mark.parametrize(
    ("value", "number"), [("1", 1), (" 7 ", 7), (3, 3), ("012", 12), ("9999999999", 9_999_999_999)]
)
def test_page_numbers(value: object, number: int) -> None:
    assert page_number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        "0",
        "-1",
        "+1",
        "1.0",
        1.0,
        "",
        " ",
        "two",
        "１",
        "²",
        "0x1",
        "1e3",
        "9" * 21,
        True,
        None,
        [],
    ],
)
def test_no_page_numbers(value: object) -> None:
    """R-107, A-31."""
    with pytest.raises(InvalidParameter, match="pdf_file_num"):
        page_number(value)


def test_is_pdf() -> None:
    assert is_pdf(GOOD) and is_pdf(b"x" * 1000 + b"%PDF-1.4")
    assert not is_pdf(b"x" * 1024 + b"%PDF-1.4") and not is_pdf(b"") and not is_pdf(b"PDF")


def test_threads_take_turns() -> None:
    """PDFium is not made for threads; the inline executor and callers of the library have some."""
    due, wrong = _rgb(GOOD), []

    def work() -> None:
        for _ in range(3):
            try:
                wrong.extend([] if np.array_equal(_rgb(GOOD), due) else ["differs"])
                _page(GOOD, 2)
            except XiutuError as error:
                wrong.extend([] if error.kind == "InconsistentParameters" else [error.kind])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_pixels_outlive_the_document() -> None:
    rgb = _rgb(GOOD)
    copy = rgb.copy()
    gc.collect()
    for _ in range(3):
        _rgb(pdfs.scan(photo()))
    np.testing.assert_array_equal(rgb, copy)
