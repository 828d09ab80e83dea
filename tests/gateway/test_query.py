"""Query strings exactly as the vendor's SDKs put them on the wire (WIRE section 3)."""

import pytest

from xiutu.gateway.baidu.query import access_token, pairs, parameters, sdk

TOKEN = "24.0a1b2c3d4e5f.2592000.1700000000.282335-1234567"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (f"access_token={TOKEN}&aipSdk=python&aipVersion=4.15.13", "python"),
        (f"aipSdk=node&access_token={TOKEN}?aipSdk=node", "node"),
        (f"access_token={TOKEN}&aipSdk=php&aipSdkVersion=2_2_17", "php"),
        (f"aipSdk=java&access_token={TOKEN}", "java"),
        (f"access_token={TOKEN}&aipSdk=C&aipSdkVersion=0.3.3&", "C"),
        (f"access_token={TOKEN}&access_token={TOKEN}&aipSdk=C&aipSdkVersion=0.3.3&", "C"),
        (f"access_token={TOKEN}&charset=UTF-8&aipSdk=C&", "C"),
        (f"aipSdk=CSharp&access_token={TOKEN}", "CSharp"),
        (f"access_token={TOKEN}", ""),
        (f"access_token=&access_token={TOKEN}", ""),
        (f"access_token=%20{TOKEN}%0A", ""),
        (f"access_token={TOKEN}%3FaipSdk%3Dnode", ""),
    ],
)
def test_every_sdk_delivers_its_token(raw: str, name: str) -> None:
    assert access_token(raw.encode()) == TOKEN
    assert sdk(raw.encode()) == name


@pytest.mark.parametrize(
    "raw",
    [b"", b"&", b"aipSdk=python", b"access_token", b"access_token=", b"access_token=?aipSdk=node"],
)
def test_no_token(raw: bytes) -> None:
    assert access_token(raw) is None


def test_java_without_a_token_sends_the_word_null() -> None:
    assert access_token(b"aipSdk=java&access_token=null") == "null"


def test_pairs_are_as_received() -> None:
    raw = b"b=%2f+x&&a&c=d=e&=v&"
    assert pairs(raw) == [(b"b", b"%2f+x"), (b"a", b""), (b"c", b"d=e"), (b"", b"v")]


def test_parameters_are_decoded() -> None:
    raw = b"grant_type=client_credentials&client_id=a%2Fb&client_secret=x+y&client_id=z&e=&e=1"
    assert parameters(raw) == {
        "grant_type": "client_credentials",
        "client_id": "a/b",
        "client_secret": "x y",
        "e": "1",
    }


@pytest.mark.parametrize("raw", [b"\xff=\xfe", b"%zz=%", b"\0", b"a" * 100_000, b"&" * 100_000])
def test_garbage_is_no_error(raw: bytes) -> None:
    parameters(raw)
    assert access_token(raw) is None
    assert access_token(b"access_token=\xff") == "�"
