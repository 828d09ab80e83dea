"""Plan ``metered`` over the wire: R-012, R-159 to R-163, R-178, R-180; errors 17, 18, 19 (R-127)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server import PREFIX, RunningServer, checked, jpeg
from xiutu.platform.billing.deduction import Switch
from xiutu.platform.billing.models import Resource
from xiutu.platform.facade import Platform


@pytest.fixture
def platform(server: RunningServer) -> Iterator[Platform]:
    """The server's own database, as a command line would open it."""
    with Platform.open(server.data / "data") as opened:
        yield opened


def metered(server: RunningServer, name: str, *options: str) -> str:
    """A new metered personal account; gives a token of its app."""
    server.cli("accounts", "create", name, "--kind", "personal", "--plan", "metered", *options)
    return server.token(server.make_app(f"{name} app", "--account", name))


def resource(platform: Platform, account: str, operator: str = "dehaze") -> Resource:
    rows = platform.billing.grants.resources(account)
    return next(row for row in rows if row.operator == operator)


def codes(server: RunningServer, token: str, count: int, operator: str = "dehaze") -> list[int]:
    """Answers of ``count`` calls without a picture, all at once; 216101 is an admitted one."""
    url = f"{PREFIX}{operator}"

    def one(_: int) -> int:
        answer = server.client.post(url, params={"access_token": token}, data={"a": "b"})
        return int(checked(answer)["error_code"])

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def settled(platform: Platform, account: str, used: int) -> None:
    """Releases are not waited for by the answer."""
    end = time.monotonic() + 10
    while resource(platform, account).used != used:
        assert time.monotonic() < end, resource(platform, account)
        time.sleep(0.05)


def test_a_success_and_a_failure_take_free_quota(server: RunningServer, platform: Platform) -> None:
    """R-160, R-161: what is refused takes nothing."""
    token = metered(server, "counted")
    assert server.call("dehaze", token=token, image=jpeg())["image"]
    assert server.call("dehaze", token=token, image=b"no picture")["error_code"] == 216201
    assert (
        server.client.get(f"{PREFIX}dehaze", params={"access_token": token}).json()["error_code"]
        == 216102
    )
    assert resource(platform, "counted").used == 2
    platform.billing.grants.withdraw("counted")
    time.sleep(1.1)  # two calls a second are free
    assert server.call("dehaze", token=token, image=jpeg())["error_code"] == 17
    assert resource(platform, "counted").used == 2
    platform.billing.shop.set_payg("counted", "dehaze", Switch.ON)
    assert server.call("dehaze", token=token, image=jpeg())["image"]
    assert str(platform.billing.wallets.balance("counted").unbilled) == "0.007"
    assert platform.billing.audit.verify().problems == ()


def test_literal_bodies(server: RunningServer, platform: Platform) -> None:
    """R-130 to R-132: 17, 18 and 19 with the documents' texts."""
    token = metered(server, "refused")
    platform.billing.grants.set_cap("refused", "dehaze", 0)
    platform.billing.grants.withdraw("refused", "denoise")
    assert server.call("dehaze", token=token) == {
        "error_code": 19,
        "error_msg": "Open api total request limit reached",
    }
    assert server.call("denoise", token=token) == {
        "error_code": 17,
        "error_msg": "Open api daily request limit reached",
    }
    found = codes(server, token, 20, "colourize")
    assert 18 in found
    assert set(found) == {18, 216101}
    while True:  # the second is over by chance only, so try until it is not
        answer = server.call("colourize", token=token)
        if answer["error_code"] == 18:
            break
    assert answer["error_msg"] == "Open api qps request limit reached"
    used = resource(platform, "refused", "colourize").used
    assert used == platform_count(platform, "refused", "colourize")


def platform_count(platform: Platform, account: str, operator: str) -> int:
    counts = platform.ledger.counts(account=account)
    return sum(c.succeeded + c.failed for c in counts if c.operator == operator)


def test_unlimited_is_not_limited(server: RunningServer) -> None:
    assert set(codes(server, server.token(), 24)) == {216101}


def test_a_caller_who_hangs_up_takes_nothing(server: RunningServer, platform: Platform) -> None:
    import socket
    from urllib.parse import urlsplit

    token = metered(server, "gone")
    address = urlsplit(server.url)
    assert address.hostname and address.port
    with socket.create_connection((address.hostname, address.port)) as connection:
        head = (
            f"POST {PREFIX}dehaze?access_token={token} HTTP/1.1\r\nHost: x\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nimage="
        )
        connection.sendall(head.encode())
        end = time.monotonic() + 10
        while resource(platform, "gone").used == 0:  # reserved while the body is awaited
            assert time.monotonic() < end
            time.sleep(0.02)
    settled(platform, "gone", 0)


def test_a_price_file_with_faults_stops_the_start(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    prices = tmp_path / "prices.toml"
    prices.write_text("paid_qps = 0")
    done = subprocess.run(
        [sys.executable, "-m", "xiutu", "serve", "--port", "0"],
        env={**os.environ, "XIUTU_DATA": str(tmp_path / "data"), "XIUTU_PRICE_BOOK": str(prices)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "paid_qps" in done.stderr
