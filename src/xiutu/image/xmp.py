"""An XMP packet into a finished JPEG or PNG file, and the packet that says a picture is generated."""

import struct
import zlib
from xml.sax.saxutils import escape, quoteattr

import orjson

__all__ = ["embed", "generated_packet"]

_JPEG_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_PNG_HEAD = b"XML:com.adobe.xmp\0\0\0\0\0"  # keyword, not compressed, no language, no translation
_JFIF = b"\xff\xe0"
_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"


def generated_packet(producer: str, number: str) -> bytes:
    """Says in two ways that part of a picture is generated.

    IPTC Photo Metadata (``DigitalSourceType``), and the implicit label of GB 45438-2025 (``AIGC``: Label
    1 = generated, who made it, under which number).
    """
    label = {"Label": "1", "ContentProducer": producer, "ProduceID": number}
    text = escape(orjson.dumps(label).decode())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(_SOURCE)}>"
        f"<TC260:AIGC>{text}</TC260:AIGC>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()


def embed(file: bytes, packet: bytes) -> bytes:
    """``file`` (JPEG or PNG, as our encoders write them) with the packet in its metadata.

    Raises ``ValueError`` for other files.
    """
    if file.startswith(b"\xff\xd8"):
        body = _JPEG_HEAD + packet
        at = 2
        if file[2:4] == _JFIF:  # must stay the first segment
            at = 4 + struct.unpack(">H", file[4:6])[0]
        segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        return file[:at] + segment + file[at:]
    if file.startswith(b"\x89PNG\r\n\x1a\n"):
        body = b"iTXt" + _PNG_HEAD + packet
        length, check = struct.pack(">I", len(body) - 4), struct.pack(">I", zlib.crc32(body))
        at = 8 + 25  # signature and IHDR
        return file[:at] + length + body + check + file[at:]
    raise ValueError("neither JPEG nor PNG")
