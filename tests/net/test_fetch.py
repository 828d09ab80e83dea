"""Downloads from real servers on loopback, well-behaved ones and hostile ones."""

import asyncio
import gzip
import ssl
import time
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.net.house import LIMIT, LOOPBACK, PICTURE, names
from tests.net.remote import Remote, answer, moved, serving
from xiutu.errors import (
    PictureSizeError,
    UrlBadResponse,
    UrlNotFound,
    UrlTimeout,
    XiutuError,
)
from xiutu.net.addresses import Address
from xiutu.net.fetch import Fetcher

# --- good answers -------------------------------------------------------------------------------


async def test_a_picture_is_downloaded(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/a%20b.jpg?x=1"] = answer(PICTURE, Content_Type="image/jpeg")
    assert await fetcher.fetch(remote.url("/a b.jpg?x=1#fragment"), LIMIT) == PICTURE
    (head,) = remote.heard
    assert head.startswith("GET /a%20b.jpg?x=1 HTTP/1.1\r\n")
    assert f"\r\nHost: 127.0.0.1:{remote.port}\r\n" in head
    assert "\r\nAccept-Encoding: identity\r\n" in head


async def test_body_without_length_and_in_chunks(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/close"] = answer(PICTURE, length=None)
    remote.pages["/chunks"] = answer(
        b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", length=None, Transfer_Encoding="chunked"
    )
    assert await fetcher.fetch(remote.url("/close"), LIMIT) == PICTURE
    assert await fetcher.fetch(remote.url("/chunks"), LIMIT) == b"hello world"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(PICTURE, mtime=0)),
        ("deflate", zlib.compress(PICTURE)),
        ("x-gzip", gzip.compress(PICTURE, mtime=0)),
        ("identity", PICTURE),
    ],
)
async def test_encodings(remote: Remote, fetcher: Fetcher, encoding: str, packed: bytes) -> None:
    remote.pages["/"] = answer(packed, Content_Encoding=encoding)
    assert await fetcher.fetch(remote.url(), LIMIT) == PICTURE


@pytest.mark.parametrize(
    "status",
    ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"],
)
async def test_three_redirects_are_followed(remote: Remote, fetcher: Fetcher, status: str) -> None:
    remote.pages["/1"] = moved("/2", status)
    remote.pages["/2"] = moved(remote.url("/3"), status)
    remote.pages["/3"] = moved("4?x=y", status)
    remote.pages["/4?x=y"] = answer(PICTURE)
    assert await fetcher.fetch(remote.url("/1"), LIMIT) == PICTURE
    assert len(remote.heard) == 4


async def test_ipv6(fetcher: Fetcher) -> None:
    async with serving(host="::1") as remote:
        remote.pages["/"] = answer(PICTURE)
        assert await fetcher.fetch(remote.url(host="[::1]"), LIMIT) == PICTURE
        assert f"\r\nHost: [::1]:{remote.port}\r\n" in remote.heard[0]


async def test_a_dead_address_does_not_hide_a_living_one(remote: Remote) -> None:
    resolver = names(pictures_test="127.9.9.9 ::1 127.0.0.1")
    fetcher = Fetcher(LOOPBACK, resolver=resolver)
    remote.pages["/"] = answer(PICTURE)
    assert await fetcher.fetch(remote.url(host="pictures.test"), LIMIT) == PICTURE
    assert f"\r\nHost: pictures.test:{remote.port}\r\n" in remote.heard[0]
    await fetcher.close()


async def test_nothing_is_carried_from_one_request_to_the_next(
    remote: Remote, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    remote.pages["/1"] = moved("/2").replace(b"Location", b"Set-Cookie: a=b; Path=/\r\nLocation")
    remote.pages["/2"] = answer(PICTURE, Set_Cookie="c=d; Path=/")
    for _ in range(2):
        assert await fetcher.fetch(remote.url("/1"), LIMIT) == PICTURE
    assert len(remote.heard) == 4
    for head in remote.heard:
        assert "cookie" not in head.lower()
        assert "authorization" not in head.lower()
        assert "referer" not in head.lower()


# --- bad answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (answer(b"gone", "404 Not Found"), UrlNotFound),
        (answer(b"gone", "410 Gone"), UrlNotFound),
        (answer(b"no", "400 Bad Request"), UrlBadResponse),
        (answer(b"no", "403 Forbidden"), UrlBadResponse),
        (answer(b"no", "500 Oops"), UrlBadResponse),
        (answer(b"no", "304 Not Modified", length=None), UrlBadResponse),
        (answer(b"no", "302 Found"), UrlBadResponse),
        (answer(status="204 No Content", length=None), UrlBadResponse),
        (answer(b""), UrlBadResponse),
        (answer(b"", length=None), UrlBadResponse),
        (answer(PICTURE[:50], length=51), UrlBadResponse),
        (answer(b"5\r\nhel", length=None, Transfer_Encoding="chunked"), UrlBadResponse),
        (answer(b"zz\r\nhel", length=None, Transfer_Encoding="chunked"), UrlBadResponse),
        (answer(b"x", length=None, Content_Length="abc"), UrlBadResponse),
        (answer(b"x", length=None, Content_Length="-1"), UrlBadResponse),
        (b"", UrlBadResponse),
        (b"SSH-2.0-OpenSSH_9.6\r\n", UrlBadResponse),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, UrlBadResponse),
        (answer(b"x", X_Null="a\0b"), UrlBadResponse),
        (answer(b"not gzip", Content_Encoding="gzip"), UrlBadResponse),
        (answer(gzip.compress(PICTURE, mtime=0)[:-9], Content_Encoding="gzip"), UrlBadResponse),
        (answer(gzip.compress(b"", mtime=0), Content_Encoding="gzip"), UrlBadResponse),
        (answer(b"x", Content_Encoding="br"), UrlBadResponse),
        (answer(b"x", Content_Encoding="gzip, gzip"), UrlBadResponse),
        (answer(PICTURE + b"x"), PictureSizeError),
        (answer(PICTURE + b"x", length=None), PictureSizeError),
        (answer(b"x", length=10**15), PictureSizeError),
        (
            answer(gzip.compress(bytes(LIMIT + 1), mtime=0), Content_Encoding="gzip"),
            PictureSizeError,
        ),
        (
            answer(gzip.compress(bytes(50 << 20), mtime=0), Content_Encoding="gzip"),
            PictureSizeError,
        ),
    ],
)
async def test_bad_answers(
    remote: Remote, fetcher: Fetcher, page: bytes, error: type[XiutuError]
) -> None:
    remote.pages["/"] = page
    with pytest.raises(error):
        await fetcher.fetch(remote.url(), LIMIT)


async def test_the_largest_picture_passes(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/"] = answer(bytes(LIMIT))
    remote.pages["/gzip"] = answer(gzip.compress(bytes(LIMIT)), Content_Encoding="gzip")
    assert await fetcher.fetch(remote.url(), LIMIT) == bytes(LIMIT)
    assert await fetcher.fetch(remote.url("/gzip"), LIMIT) == bytes(LIMIT)


async def test_more_than_is_declared_is_cut(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/"] = answer(PICTURE, length=100)
    assert await fetcher.fetch(remote.url(), LIMIT) == PICTURE[:100]


async def test_too_many_redirects(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/loop"] = moved("/loop")
    for n in range(5):
        remote.pages[f"/{n}"] = moved(f"/{n + 1}")
    for path in ("/loop", "/0"):
        remote.heard.clear()
        with pytest.raises(UrlBadResponse, match="3 redirects"):
            await fetcher.fetch(remote.url(path), LIMIT)
        assert len(remote.heard) == 4


async def test_nobody_listens(fetcher: Fetcher) -> None:
    async with serving() as remote:
        url = remote.url()
    with pytest.raises(UrlBadResponse):
        await fetcher.fetch(url, LIMIT)


# --- time ---------------------------------------------------------------------------------------


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(answer(length=LIMIT))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def head_drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def slow_redirect(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.35)
    writer.write(moved("/"))


@pytest.mark.parametrize("script", [drip, silence, head_drip, slow_redirect])
async def test_time_is_bounded_in_all(remote: Remote, script: object) -> None:
    fetcher = Fetcher(LOOPBACK, timeout=1.0)
    remote.pages["/"] = script
    started = time.monotonic()
    with pytest.raises(UrlTimeout):
        await fetcher.fetch(remote.url(), LIMIT)
    assert 0.4 < time.monotonic() - started < 5
    await fetcher.close()


async def test_a_name_server_that_never_answers(remote: Remote) -> None:
    async def stuck(host: str, port: int) -> list[Address]:
        await asyncio.sleep(30)
        return []

    fetcher = Fetcher(LOOPBACK, timeout=0.3, resolver=stuck)
    with pytest.raises(UrlTimeout):
        await fetcher.fetch(remote.url(), LIMIT)
    await fetcher.close()


async def test_an_endless_body_is_cut_off(remote: Remote) -> None:
    written = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(answer(length=None))
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            written += 65536

    fetcher = Fetcher(LOOPBACK, timeout=30)
    remote.pages["/"] = endless
    with pytest.raises(PictureSizeError):
        await fetcher.fetch(remote.url(), 1 << 20)
    await asyncio.sleep(0.05)
    assert written < 20 << 20  # what socket buffers hold, no more
    await fetcher.close()


async def test_many_at_once(remote: Remote, fetcher: Fetcher) -> None:
    remote.pages["/"] = answer(PICTURE)
    found = await asyncio.gather(*(fetcher.fetch(remote.url(), LIMIT) for _ in range(50)))
    assert found == [PICTURE] * 50


async def test_cancelling_a_download_leaves_nothing_behind(remote: Remote) -> None:
    fetcher = Fetcher(LOOPBACK, timeout=30)
    remote.pages["/"] = silence
    task = asyncio.create_task(fetcher.fetch(remote.url(), LIMIT))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fetcher.close()


# --- TLS ----------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate for ``name``, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "xiutu test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / f"{name}.pem"
    file.write_bytes(public + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=public.decode())
    return server, client


async def test_tls_is_verified_against_the_name(tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "pictures.test")
    resolver = names(pictures_test="127.0.0.1", other_test="127.0.0.1")
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with serving(server) as remote:
        remote.pages["/"] = answer(PICTURE)
        trusting = Fetcher(LOOPBACK, resolver=resolver, tls=client)
        url = remote.url(host="pictures.test", scheme="https")
        assert await trusting.fetch(url, LIMIT) == PICTURE
        assert asked == ["pictures.test"]
        with pytest.raises(UrlBadResponse):
            await trusting.fetch(remote.url(host="other.test", scheme="https"), LIMIT)
        with pytest.raises(UrlBadResponse):  # plain text where TLS is spoken
            await trusting.fetch(remote.url(host="pictures.test"), LIMIT)
        await trusting.close()
        suspicious = Fetcher(LOOPBACK, resolver=resolver)
        with pytest.raises(UrlBadResponse):
            await suspicious.fetch(url, LIMIT)
        await suspicious.close()
