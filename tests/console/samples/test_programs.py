"""R-197: generated programs in every language do what the request they stand for does."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.console.samples.programs import ALWAYS, RUN, ran
from tests.pictures import encoded, photo
from tests.server import PREFIX, RunningServer, jpeg
from xiutu.errors import InvalidParameter
from xiutu.web.samples import DIRECT, Auth, File, Json, Request, program

BOXES: list[Json] = [{"left": 10, "top": 12, "width": 30, "height": 20}]
ACTION = "ImageInpaintingRemoval"
Values = Mapping[str, File | Json]


def request(
    server: RunningServer, interface: str, auth: Auth, values: Values, *, as_json: bool = False
) -> Request:
    tencent = auth is Auth.TC3
    return Request(
        interface=interface,
        address=server.url,
        path="/" if tencent else PREFIX + interface,
        auth=auth,
        as_json=as_json or tencent,
        values=values,
        saves={"ResultImage" if tencent else "image": "result.jpg"},
        region="ap-guangzhou" if tencent else "",
        api_key=server.keys["api_key"],
        secret_key=server.keys["secret_key"],
    )


def saved(language: str, made: Request, folder: Path) -> bytes:
    """The picture that the program has written."""
    done = ran(program(language, made), folder)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.strip() == "result.jpg"
    return (folder / "result.jpg").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photo.jpg").write_bytes(jpeg())
    return tmp_path


@pytest.mark.parametrize("language", RUN)
def test_token_and_form(server: RunningServer, folder: Path, language: str) -> None:
    values: Values = {"image": File("photo.jpg"), "strength": 0.5}
    made = request(server, "dehaze", Auth.TOKEN, values)
    direct = server.call("dehaze", image=jpeg(), strength="0.5")
    assert saved(language, made, folder) == base64.b64decode(direct["image"])


@pytest.mark.parametrize("language", RUN)
def test_signature_and_json(server: RunningServer, folder: Path, language: str) -> None:
    values: Values = {"image": File("photo.jpg"), "rectangle": BOXES}
    made = request(server, "inpainting", Auth.BCE, values, as_json=True)
    direct = server.call("inpainting", image=jpeg(), rectangle=json.dumps(BOXES))
    assert saved(language, made, folder) == base64.b64decode(direct["image"])


@pytest.mark.parametrize("language", RUN)
def test_tencent(server: RunningServer, folder: Path, language: str) -> None:
    mask = np.zeros((240, 320, 3), np.uint8)
    mask[40:60, 50:80] = 255
    (folder / "mask.png").write_bytes(encoded(mask))
    values: Values = {"InputImage": File("photo.jpg"), "Mask": File("mask.png"), "LogoAdd": 0}
    made = request(server, ACTION, Auth.TC3, values)
    assert saved(language, made, folder)[:2] in (b"\xff\xd8", b"\x89P")


@pytest.mark.parametrize("language", ALWAYS)
def test_two_files_in_a_form(server: RunningServer, folder: Path, language: str) -> None:
    (folder / "style file.png").write_bytes(encoded(photo(120, 90)))
    values: Values = {"image": File("photo.jpg"), "style": File("style file.png")}
    made = request(server, "customize_stylization", Auth.TOKEN, values)
    made = replace(made, saves={"image": "result.jpg"})
    assert saved(language, made, folder)[:2] in (b"\xff\xd8", b"\x89P")


@pytest.mark.parametrize("language", RUN)
def test_query_is_signed(server: RunningServer, folder: Path, language: str) -> None:
    """Credentials are looked at first: "no such service" says that the signature was right."""
    made = replace(
        request(
            server, "classification", Auth.BCE, {"url": "http://127.0.0.1:9/x.jpg"}, as_json=True
        ),
        path="/rpc/2.0/ai_custom/v1/classification/nothing",
        query="input_type=url",
        saves={},
    )
    answer = ran(program(language, made), folder)
    said = (answer.stdout + answer.stderr).replace(" ", "").replace("'", '"')
    assert '"error_code":3' in said or "error_code:3" in said, said
    wrong = replace(made, secret_key="0" * 32)
    answer = ran(program(language, wrong), folder)
    said = (answer.stdout + answer.stderr).replace(" ", "").replace("'", '"')
    assert '"error_code":14' in said or "error_code:14" in said, said


@pytest.mark.parametrize("language", ALWAYS)
@pytest.mark.parametrize("as_json", [False, True])
def test_values_stay_values(
    server: RunningServer, folder: Path, language: str, as_json: bool
) -> None:
    """Nothing of a value is run by shell, template or language; the server receives it as it is."""
    odd = "a'b\"c$(touch owned)`touch owned`\\n${x}%s&<{{ 7 * 7 }}修\\"
    values: Values = {"image": File("photo.jpg"), "option": odd}
    made = request(server, "style_trans", Auth.TOKEN, values, as_json=as_json)
    done = ran(program(language, made), folder)
    assert done.returncode == 1 and "216100" in done.stderr, done.stderr
    assert not (folder / "owned").exists()


@pytest.mark.parametrize("language", DIRECT)
def test_line_ends_are_refused(server: RunningServer, language: str) -> None:
    made = request(server, "dehaze", Auth.TOKEN, {"option": "a\nrm -rf /"})
    with pytest.raises(InvalidParameter):
        program(language, made)


@pytest.mark.parametrize(
    "address", ["http://x/$(id)", "http://a b", "javascript:1", "http://x';id;'"]
)
def test_addresses_are_checked(address: str) -> None:
    """The address comes from the Host header of who asks."""
    with pytest.raises(InvalidParameter):
        Request("dehaze", address, "/", Auth.TOKEN, False, {})
