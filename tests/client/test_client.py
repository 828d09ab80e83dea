"""The own client against a running server: names, options, token renewal, local errors."""

import base64
import inspect
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pictures import blank, encoded, photo
from tests.server import RunningServer, jpeg, sample
from xiutu import contract
from xiutu.client import AipImageProcess, AsyncAipImageProcess
from xiutu.client.methods import Methods
from xiutu.image.decode import decode
from xiutu.operators._registry import implemented

BOX = [{"left": 5, "top": 5, "width": 20, "height": 10}]
CALLS = {
    "colourize": ("colourize", ()),
    "style_trans": ("styleTrans", ({"option": "pencil"},)),
    "selfie_anime": ("selfieAnime", ({"type": "anime"},)),
    "customize_stylization": ("customizeStylizationV1", ({"style_id": 1},)),
    "dehaze": ("dehaze", ()),
    "contrast_enhance": ("contrastEnhance", ()),
    "image_quality_enhance": ("imageQualityEnhance", ()),
    "stretch_restore": ("stretchRestore", ()),
    "inpainting": ("inpaintingByMask", (BOX,)),
    "image_definition_enhance": ("imageDefinitionEnhance", ()),
    "color_enhance": ("colorEnhance", ()),
    "remove_moire": ("removeMoireV1", ()),
    "doc_repair": ("docRepairV1", ()),
    "denoise": ("denoiseV1", (20,)),
    "segment": ("segment", ({"method": "auto"},)),
    "sky_seg": ("skySeg", ()),
}


@pytest.fixture
def client(server: RunningServer) -> Iterator[AipImageProcess]:
    keys = server.keys
    with AipImageProcess(keys["app_id"], keys["api_key"], keys["secret_key"], server.url) as ours:
        yield ours


def test_every_operator_has_a_method() -> None:
    assert set(CALLS) == set(contract.operator_ids())


@pytest.mark.parametrize("operator", list(CALLS))
def test_every_method_reaches_its_operator(client: AipImageProcess, operator: str) -> None:
    method, arguments = CALLS[operator]
    answer = getattr(client, method)(sample(operator), *arguments)
    if operator in implemented():
        field = contract.operator(operator).response.picture_fields[0]
        assert decode(base64.b64decode(answer[field])).rgb.size
    else:
        assert answer == {"error_code": 216102, "error_msg": "service not support"}


def test_path_and_json_text_rectangle(client: AipImageProcess, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(jpeg())
    assert "image" in client.inpaintingByMask(file, json.dumps(BOX))
    assert "image" in client.dehaze(str(file))


async def test_async_twin(server: RunningServer) -> None:
    keys = server.keys
    async with AsyncAipImageProcess(
        keys["app_id"], keys["api_key"], keys["secret_key"], server.url
    ) as client:
        assert "image" in await client.dehaze(jpeg())
        assert "result" in await client.denoiseV1(jpeg(), 10)


def test_async_has_the_same_methods() -> None:
    names = {name for name, _ in inspect.getmembers(Methods, inspect.isfunction)}
    for kind in (AipImageProcess, AsyncAipImageProcess):
        assert names <= set(dir(kind))


def test_110_renews_the_token_once(server: RunningServer) -> None:
    """R-215 for the own client: a revoked token is replaced and the call succeeds."""
    keys = server.make_app("renewing")
    with AipImageProcess(keys["app_id"], keys["api_key"], keys["secret_key"], server.url) as client:
        assert "image" in client.dehaze(jpeg())
        good = client._session.token
        client._session.token = forged = good.replace(good[3:35], "0" * 32)
        assert "image" in client.dehaze(jpeg())
        assert client._session.token != forged


def test_wrong_keys(server: RunningServer) -> None:
    with AipImageProcess("1", "nobody", "wrong", server.url) as client:
        expected = {"error_code": 14, "error_msg": "IAM Certification failed"}
        assert client.dehaze(jpeg()) == expected


def _sdk(code: str) -> dict[str, str]:
    return {"error_code": code, "error_msg": contract.sdk_local_codes()[code]}


def _bitmap_header(width: int, height: int) -> bytes:
    return struct.pack(
        "<2sIHHIIiiHHIIiiII", b"BM", 54, 0, 0, 54, 40, width, height, 1, 24, *[0] * 6
    )


def test_local_errors(client: AipImageProcess, tmp_path: Path) -> None:
    """R-141: found out before anything is sent; the code is text."""
    assert client.denoiseV1(encoded(photo(900, 900), "BMP") + bytes(3_000_000), 1) == _sdk("SDK100")
    assert client.dehaze(blank(9, 10)) == _sdk("SDK101")
    assert client.dehaze(blank(5001, 2000)) == _sdk("SDK101")
    assert client.dehaze(_bitmap_header(20_000, 20_000)) == _sdk("SDK101")  # a bomb to Pillow
    assert client.dehaze(tmp_path / "absent.jpg") == _sdk("SDK102")
    assert client.dehaze(b"not a picture") == _sdk("SDK109")
    assert client.dehaze(encoded(photo(), "WEBP")) == _sdk("SDK109")


@pytest.fixture
def mute() -> Iterator[str]:
    """Address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_time_out_is_sdk108(mute: str) -> None:
    with AipImageProcess("1", "a", "b", mute) as client:
        client.setConnectionTimeoutInMillis(20_000)
        client.setSocketTimeoutInMillis(50)
        assert client.dehaze(jpeg()) == _sdk("SDK108")


def test_no_server() -> None:
    refused = pytest.raises(ConnectionError, match=r"127\.0\.0\.1")
    with AipImageProcess("1", "a", "b", "http://127.0.0.1:9") as client, refused:
        client.dehaze(jpeg())


async def test_async_twin_has_the_same_errors(mute: str) -> None:
    async with AsyncAipImageProcess("1", "a", "b", "http://127.0.0.1:9") as client:
        assert await client.dehaze(b"not a picture") == _sdk("SDK109")
        with pytest.raises(ConnectionError, match=r"127\.0\.0\.1"):
            await client.dehaze(jpeg())
    async with AsyncAipImageProcess("1", "a", "b", mute) as client:
        client.setSocketTimeoutInMillis(50)
        assert await client.dehaze(jpeg()) == _sdk("SDK108")


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [(10, 10, True), (9, 10, False), (5000, 1250, True), (5000, 1249, False), (5001, 5000, False)],
)
def test_borders_of_the_limits(width: int, height: int, fits: bool) -> None:
    limits = contract.operator("dehaze").image_limits["image"]
    assert limits.sides_fit(width, height) is limits.sides_fit(height, width) is fits
