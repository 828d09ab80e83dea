"""Downloads: which addresses may be reached, whatever names and redirects say."""

from ipaddress import ip_address

import pytest

from tests.net.house import LIMIT, LOOPBACK, PICTURE, names
from tests.net.remote import Remote, answer, moved
from xiutu.errors import (
    UrlIllegal,
    UrlLength,
    UrlNotFound,
    XiutuError,
)
from xiutu.net.addresses import Address
from xiutu.net.fetch import Fetcher


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_without_permission_loopback_is_refused(remote: Remote, host: str) -> None:
    guarded = Fetcher(timeout=5)
    remote.pages["/"] = answer(PICTURE)
    with pytest.raises(UrlIllegal):
        await guarded.fetch(remote.url(host=host), LIMIT)
    assert not remote.heard
    await guarded.close()


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "0.0.0.0"])
async def test_other_private_addresses_are_refused(fetcher: Fetcher, host: str) -> None:
    with pytest.raises(UrlIllegal):
        await fetcher.fetch(f"http://{host}/latest/meta-data/", LIMIT)


async def test_a_name_with_one_private_address_is_refused(remote: Remote) -> None:
    fetcher = Fetcher(LOOPBACK, resolver=names(mixed_test="127.0.0.1 10.0.0.1"))
    remote.pages["/"] = answer(PICTURE)
    with pytest.raises(UrlIllegal, match=r"10\.0\.0\.1"):
        await fetcher.fetch(remote.url(host="mixed.test"), LIMIT)
    assert not remote.heard
    await fetcher.close()


async def test_rebinding_a_name_changes_nothing(remote: Remote) -> None:
    """The first answer is connected to; a name server that changes its mind is not asked again."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked = []

    async def rebinding(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address(text) for text in answers[min(len(asked), 2) - 1]]

    fetcher = Fetcher(LOOPBACK, resolver=rebinding)
    remote.pages["/"] = answer(PICTURE)
    remote.pages["/again"] = moved(remote.url("/", host="rebinding.test"))
    assert await fetcher.fetch(remote.url(host="rebinding.test"), LIMIT) == PICTURE
    assert asked == ["rebinding.test"]
    with pytest.raises(UrlIllegal):
        await fetcher.fetch(remote.url("/again", host="rebinding.test"), LIMIT)
    await fetcher.close()


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.jpg",
        "gopher://127.0.0.1:6379/_x",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[fc00::1]/",
        "http://user:word@127.0.0.1/",
        "http://127.0.0.1:22/",
        "//10.0.0.1/",
        "https://exa mple.com/",
    ],
)
async def test_redirects_to_forbidden_places(remote: Remote, fetcher: Fetcher, to: str) -> None:
    remote.pages["/"] = moved(to)
    with pytest.raises(UrlIllegal):
        await fetcher.fetch(remote.url(), LIMIT)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", UrlLength),
        ("http://127.0.0.1/" + "x" * 1008, UrlLength),
        ("127.0.0.1/a.jpg", UrlIllegal),
        ("file:///etc/passwd", UrlIllegal),
        ("http://no-such-name.invalid/a.jpg", UrlNotFound),
        ("http://" + "a" * 70 + ".invalid/", UrlNotFound),
        ("http://a..invalid/", UrlNotFound),
    ],
)
async def test_addresses_that_lead_nowhere(url: str, error: type[XiutuError]) -> None:
    fetcher = Fetcher(timeout=60)  # asks the real name server, which may take its time
    with pytest.raises(error):
        await fetcher.fetch(url, LIMIT)
    await fetcher.close()
