"""The tag in the metadata: where readers look for it, without a pixel changed."""

import json
import re
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encoded, photo
from xiutu.image.decode import decode
from xiutu.image.encode import encode
from xiutu.image.picture import Picture
from xiutu.image.xmp import embed, generated_packet

PACKET = generated_packet("xiutu", 'id <&">')


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_pictures_stay_as_they_are(kind: str) -> None:
    file = encode(Picture(photo()), kind)
    tagged = embed(file, PACKET)
    assert np.array_equal(decode(tagged).rgb, decode(file).rgb)
    assert Image.open(BytesIO(tagged)).info["xmp"].strip(b"\0") == PACKET


def test_a_jpeg_without_jfif() -> None:
    file = encoded(photo(), "JPEG")
    length = int.from_bytes(file[4:6], "big")
    tagged = embed(file[:2] + file[4 + length :], PACKET)
    assert Image.open(BytesIO(tagged)).info["xmp"] == PACKET


def test_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        embed(encoded(photo(), "BMP"), PACKET)


def test_what_it_says() -> None:
    text = re.sub(rb"<\?.*?\?>", b"", PACKET).decode()
    [described] = ElementTree.fromstring(text).iter(
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"
    )
    source = described.attrib["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"]
    assert source.endswith("/compositeSynthetic")
    label = described.findtext("{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC")
    assert label is not None
    assert json.loads(label) == {"Label": "1", "ContentProducer": "xiutu", "ProduceID": 'id <&">'}
