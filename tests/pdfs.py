"""PDF files for tests, written object by object, so that each has exactly one thing wrong with it."""

import hashlib
from collections.abc import Iterable, Sequence
from io import BytesIO

from PIL import Image

from tests.pictures import Array

LETTER = "0 0 612 792"
SQUARE = "1 0 0 rg 0 0 36 36 re f"
"""A red square of half an inch in the lower left corner."""
_CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def assemble(objects: Iterable[bytes], trailer: str = "") -> bytes:
    """A file of objects 1, 2, ...; object 1 is the catalogue, 2 the page tree."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R %b >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, trailer.encode(), len(out))
    )


def stream(data: bytes, entries: str = "") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries.encode(), data)


def page(box: str = LETTER, content: str | bytes = SQUARE, extra: str = "", *more: bytes) -> bytes:
    """A document of one page; ``extra`` entries of its dictionary, ``more`` objects from 5 on."""
    data = content if isinstance(content, bytes) else content.encode()
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    leaf = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R {extra} >>"
    return assemble([_CATALOGUE, tree, leaf.encode(), stream(data), *more])


def pages(*boxes: str) -> bytes:
    """A document with a page for each box, all with the red square."""
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + len(boxes)))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {len(boxes)} >>"
    leaves = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 3 0 R >>".encode()
        for box in boxes
    )
    return assemble([_CATALOGUE, tree.encode(), stream(SQUARE.encode()), *leaves])


def without_pages() -> bytes:
    return assemble([_CATALOGUE, b"<< /Type /Pages /Kids [] /Count 0 >>"])


def scan(*pictures: Array, dpi: float = 72) -> bytes:
    """As a scanner writes it: a page for each picture, from edge to edge, as JPEG."""
    first, *others = map(Image.fromarray, pictures)
    out = BytesIO()
    first.save(out, "PDF", resolution=dpi, save_all=True, append_images=others, quality=95)
    return out.getvalue()


def nested_bomb(depth: int = 12) -> bytes:
    """Forms that draw the next form ten times each: a few KB, and years of work."""
    forms = [
        stream(
            b"/F Do " * 10,
            "/Type /XObject /Subtype /Form /BBox [0 0 600 600] "
            f"/Resources << /XObject << /F {number} 0 R >> >>",
        )
        for number in range(6, 6 + depth)
    ]
    last = stream(SQUARE.encode(), "/Type /XObject /Subtype /Form /BBox [0 0 600 600]")
    return page(LETTER, "/F Do", "/Resources << /XObject << /F 5 0 R >> >>", *forms, last)


def encrypted(password: bytes) -> bytes:
    """RC4, 40 bit (ISO 32000-1, 7.6.3: algorithms 1 to 4), opened by ``password``."""
    owner = _rc4(hashlib.md5(_padded(b"owner")).digest()[:5], _padded(password))
    file_id, permissions = b"0123456789abcdef", -4
    start = _padded(password) + owner + permissions.to_bytes(4, "little", signed=True) + file_id
    key = hashlib.md5(start).digest()[:5]
    own_key = hashlib.md5(key + b"\x04\x00\x00\x00\x00").digest()[:10]  # of object 4
    content = _rc4(own_key, SQUARE.encode())
    encrypt = f"<< /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> " + (
        f"/U <{_rc4(key, _PADDING).hex()}> /P {permissions} >>"
    )
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    leaf = f"<< /Type /Page /Parent 2 0 R /MediaBox [{LETTER}] /Contents 4 0 R >>"
    trailer = f"/Encrypt 5 0 R /ID [<{file_id.hex()}> <{file_id.hex()}>]"
    objects = [_CATALOGUE, tree, leaf.encode(), stream(content), encrypt.encode()]
    return assemble(objects, trailer)


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _rc4(key: Sequence[int], data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
