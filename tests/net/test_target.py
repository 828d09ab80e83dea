"""Addresses as text: what may be asked for."""

import pytest

from xiutu.errors import UrlIllegal, UrlLength
from xiutu.net.target import redirected, requested


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("http://example.com/a.jpg", "http://example.com/a.jpg"),
        ("HTTPS://Example.COM:443/a?b=c&d#e", "https://example.com/a?b=c&d#e"),
        ("http://example.com", "http://example.com/"),
        ("  http://example.com/\n", "http://example.com/"),
        ("http://example.com:8080/x", "http://example.com:8080/x"),
        ("http://[2606:4700::1111]/x", "http://[2606:4700::1111]/x"),
        ("http://müller.de/ü b.png", "http://xn--mller-kva.de/%C3%BC%20b.png"),
        ("http://例子.测试/图.jpg", "http://xn--fsqu00a.xn--0zwm56d/%E5%9B%BE.jpg"),
    ],
)
def test_good_addresses(text: str, asked: str) -> None:
    url = requested(text)
    path = url.raw_path.decode() + (f"#{url.fragment}" if url.fragment else "")
    assert f"{url.scheme}://{url.netloc.decode()}{path}" == asked


@pytest.mark.parametrize("text", ["", "  ", "\n", "http://example.com/" + "x" * 1006])
def test_length(text: str) -> None:
    with pytest.raises(UrlLength):
        requested(text)


def test_length_is_in_bytes_and_inclusive() -> None:
    assert requested("http://example.com/" + "x" * 1005)
    assert requested("http://example.com/" + "图" * 335)
    with pytest.raises(UrlLength):
        requested("http://example.com/" + "图" * 336)


@pytest.mark.parametrize(
    "text",
    [
        "example.com/a.jpg",
        "//example.com/a.jpg",
        "/a.jpg",
        "a",
        "http:",
        "http:/",
        "http://",
        "http:///a.jpg",
        "http:example.com",
        "http:\\\\example.com\\a",
        "file:///etc/passwd",
        "ftp://example.com/a.jpg",
        "gopher://example.com/",
        "data:image/png;base64,QUJD",
        "javascript:alert(1)",
        "ws://example.com/",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:0/",
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:1023/",
        "http://example.com:65536/",
        "http://example.com:x/",
        "http://exa mple.com/",
        "http://exa\tmple.com/",
        "http://example.com/\r\nHost: evil",
        "http://example.com/\0",
        "http://[::1/",
        "http://" + "a" * 254 + "/",
        "http://" + "ü" * 200 + ".de/",
        "http://\ud800.de/",
    ],
)
def test_illegal_addresses(text: str) -> None:
    with pytest.raises(UrlIllegal):
        requested(text)


def test_redirects_are_relative_and_checked_alike() -> None:
    base = requested("https://example.com/a/b?c")
    assert str(redirected("d", base)) == "https://example.com/a/d"
    assert str(redirected("/d", base)) == "https://example.com/d"
    assert str(redirected("//other.example/d", base)) == "https://other.example/d"
    assert str(redirected("http://other.example:8080/d", base)) == "http://other.example:8080/d"
    assert redirected("/" + "x" * 2000, base)
    for location in ("file:///etc/passwd", "http://a@b/", "http://b:22/", "/" + "x" * 9000):
        with pytest.raises(UrlIllegal):
            redirected(location, base)
