"""One page of a PDF as a picture, rendered by PDFium.

A PDF is a program a stranger wrote, so this runs in worker processes, after bounds on the number of
pages, the page's sides and the pixels of its pictures. No form or script is started (the bundled PDFium
has no JavaScript at all), nothing outside the file is read but the system's fonts.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import hypot
from typing import Any

from xiutu.errors import (
    EmptyPicture,
    InconsistentParameters,
    InvalidParameter,
    PictureSizeError,
    UnsupportedFormat,
)
from xiutu.image.picture import Picture

__all__ = ["MOST_PAGES", "Page", "is_pdf", "page_number", "render_page"]

MOST_PAGES = 2000
"""Most pages of a document: far beyond what fits into the 3 MB a call may carry in real life."""

# Units of 1/72 inch. Smallest and largest side of a page by ISO 32000-1, annex C.2.
_SHORTEST_UNITS, _LONGEST_UNITS = 3.0, 14_400.0
_USUAL_SCALE = 200 / 72  # pixels for each unit, for what has no resolution of its own
# Pixels of one embedded picture. PDFium decodes the whole of it, at up to four bytes each.
_MOST_PIXELS = 100_000_000
_MOST_OBJECTS = 20_000  # looked at for a page's resolution; a page of more is a drawing
_DIGITS = 20  # of the longest page number read
# PDFium keeps its state in globals: one call at a time in a process.
_RENDERING = threading.Lock()


@dataclass(frozen=True)
class Page:
    """A rendered page (RGB on white, no alpha) and the number of pages of its document."""

    picture: Picture
    pages: int


def is_pdf(data: bytes) -> bool:
    """Whether this looks like a PDF; as in all viewers, its mark may stand anywhere in the first KB."""
    return b"%PDF-" in data[:1024]


def page_number(value: object) -> int:
    """A page number, counted from 1, given as int or decimal text. Raises ``InvalidParameter``."""
    text = str(value).strip() if isinstance(value, int | str) else ""
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) >= 1:
        return int(text)
    raise InvalidParameter("pdf_file_num: a whole number from 1 on is due")


def render_page(data: bytes, number: int, *, shortest: int, longest: int) -> Page:
    """Render page ``number`` (from 1), turned as the document says.

    A page that shows one picture from edge to edge, as scanners and phones write them, comes in that
    picture's own resolution, anything else at 200 dpi, but never with a side above ``longest`` px.

    Raises ``EmptyPicture`` for no bytes; ``UnsupportedFormat`` for what is no PDF, is encrypted, cut off
    or broken, or has no pages; ``InconsistentParameters`` for a page beyond the last; ``PictureSizeError``
    for more than 2000 pages, sides outside 3 to 14,400 units (1/72 inch), an embedded picture above 100
    megapixels, and for a rendered page with a side below ``shortest`` px.
    """
    if not data:
        raise EmptyPicture
    if not is_pdf(data):
        raise UnsupportedFormat(f"no pdf: starts with {data[:8].hex()}")
    with _RENDERING, _opened(data) as document:
        pages = len(document)
        if pages > MOST_PAGES:
            raise PictureSizeError(f"pdf: {pages} pages, at most {MOST_PAGES} are taken")
        if number > pages:
            raise InconsistentParameters(f"pdf_file_num: page {number} of {pages}")
        _check_sides(*document.get_page_size(number - 1))
        with closing(document.get_page(number - 1)) as page:
            return Page(_render(page, shortest, longest), pages)


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """The document, with PDFium's failures told in our words."""
    import pypdfium2 as pdfium  # 0.1 s and 8 MB that only a call with a PDF pays
    from pypdfium2 import raw

    try:
        with pdfium.PdfDocument(data) as document:
            cut_off = b"%%EOF" not in data[-1024:]
            # PDFium mends a lost table of contents from what is there, which would be blank pages here.
            if cut_off and not raw.FPDF_DocumentHasValidCrossReferenceTable(document):
                raise UnsupportedFormat("pdf: the file is cut off")
            yield document
    except pdfium.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        reason = "it is encrypted, save it without a password" if locked else str(error)
        raise UnsupportedFormat(f"pdf: cannot be read: {reason}") from error


def _check_sides(width: float, height: float) -> None:
    fits = all(
        _SHORTEST_UNITS <= side <= _LONGEST_UNITS for side in (width, height)
    )  # NaN does not
    if not fits:
        raise PictureSizeError(
            f"pdf: page of {width:g} x {height:g} units of 1/72 inch, "
            f"sides from {_SHORTEST_UNITS:g} to {_LONGEST_UNITS:g} are due"
        )


def _render(page: Any, shortest: int, longest: int) -> Picture:
    from pypdfium2 import PdfBitmap, raw

    sides = page.get_size()
    scale = min(_scale(page), longest / max(sides))
    width, height = (min(max(round(side * scale), 1), longest) for side in sides)
    if min(width, height) < shortest:
        raise PictureSizeError(
            f"pdf: page of {width}x{height} px, shortest side below {shortest} px"
        )
    bitmap = PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR, rev_byteorder=True)
    with closing(bitmap):  # its pixels are Python's and stay
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER
        raw.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags)
        return Picture(bitmap.to_numpy())


def _scale(page: Any) -> float:
    """Pixels per unit that suit a page. Raises ``PictureSizeError`` for embedded pictures too large.

    What lies below a picture that fills the page is hidden; what lies above it (but for the invisible
    text of a scanner's OCR) wants the usual resolution at least.
    """
    from pypdfium2 import PdfImage

    scale, drawn_over = 0.0, False
    for seen, item in enumerate(page.get_objects()):
        if seen == _MOST_OBJECTS:
            drawn_over = True
            break
        if isinstance(item, PdfImage):
            columns, rows = item.get_px_size()
            if columns * rows > _MOST_PIXELS:
                raise PictureSizeError(f"pdf: embedded picture of {columns}x{rows} px")
            matrix = item.get_matrix()
            width, height = hypot(matrix.a, matrix.b), hypot(matrix.c, matrix.d)
            if _fills(item, page) and width > 0 and height > 0:
                scale = max(scale, columns / width, rows / height)
        elif scale and not drawn_over:
            drawn_over = _visible(item)
    return max(scale, _USUAL_SCALE) if drawn_over or not scale else scale


def _fills(image: Any, page: Any) -> bool:
    """Whether a picture reaches from edge to edge, give or take two percent."""
    left, bottom, right, top = page.get_bbox()
    slack_x, slack_y = 0.02 * (right - left), 0.02 * (top - bottom)
    box = image.get_bounds()
    return (
        image.level == 0  # inside a form, bounds are in the form's own units
        and box[0] <= left + slack_x
        and box[1] <= bottom + slack_y
        and box[2] >= right - slack_x
        and box[3] >= top - slack_y
    )


def _visible(item: Any) -> bool:
    from pypdfium2 import raw

    if item.type != raw.FPDF_PAGEOBJ_TEXT:
        return True
    return bool(raw.FPDFTextObj_GetTextRenderMode(item) != raw.FPDF_TEXTRENDERMODE_INVISIBLE)
