"""Signatures of the SDKs that are installed here, over a real connection."""

import copy
import functools
import http.client
import importlib.util
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from tests.gateway.bce_wire import KEY, PATH, SECRET, Wire
from xiutu.errors import SignatureInvalid


@dataclass
class Recorder:
    """A server that keeps what it receives, byte by byte, and answers ``{}``."""

    port: int = 0
    received: list[Wire] = field(default_factory=list)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    found = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            path, _, query = self.path.encode().partition(b"?")
            headers = tuple((k.lower().encode(), v.encode()) for k, v in self.headers.items())
            found.received.append(Wire(self.headers["authorization"], headers, query, path))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def aip_base() -> ModuleType:
    """``aip.base`` alone: the package around it imports more than its own requirements bring."""
    package = importlib.util.find_spec("aip")
    assert package is not None
    assert package.submodule_search_locations
    file = Path(package.submodule_search_locations[0]) / "base.py"
    spec = importlib.util.spec_from_file_location("aip_base_alone", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")
@pytest.mark.parametrize("extra", [None, {"content-type": "application/json; charset=utf-8"}])
@pytest.mark.parametrize("tail", ["", "?charset=UTF-8&x=a/b"])
def test_the_vendors_python_sdk(
    recorder: Recorder, extra: dict[str, str] | None, tail: str
) -> None:
    client = aip_base().AipBase("1", KEY, SECRET)
    client._isCloudUser = True  # what it becomes when the token endpoint grants no scope
    client.post(
        f"http://127.0.0.1:{recorder.port}{PATH.decode()}{tail}",
        {"image": "QUJD"},
        headers=extra and dict(extra),
    )
    client.s.close()
    (wire,) = recorder.received
    assert dict(wire.headers)[b"host"] == b"127.0.0.1"
    wire.check(datetime.now(UTC))
    with pytest.raises(SignatureInvalid):
        wire.check(datetime.now(UTC), secret="other")
    with pytest.raises(SignatureInvalid):
        wire.check(datetime.now(UTC) + timedelta(hours=1))


@pytest.mark.filterwarnings("ignore:datetime.datetime.utc:DeprecationWarning")
@pytest.mark.parametrize(
    "listed",
    [None, [b"host"], [b"host", b"x-bce-date"], [b"content-type", b"content-md5", b"host"]],
    ids=["default set", "host", "both", "one not sent"],
)
@pytest.mark.parametrize("parameters", [{}, {b"aipSdk": b"bce", b"x": b"a/b c+d~", b"empty": b""}])
def test_the_vendors_cloud_sdk(
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    listed: list[bytes] | None,
    parameters: dict[bytes, bytes],
) -> None:
    from baidubce.auth import bce_v1_signer
    from baidubce.auth.bce_credentials import BceCredentials
    from baidubce.bce_client_configuration import DEFAULT_CONFIG
    from baidubce.http import bce_http_client

    configuration = copy.copy(DEFAULT_CONFIG)
    configuration.credentials = BceCredentials(KEY, SECRET)
    configuration.endpoint = f"http://127.0.0.1:{recorder.port}".encode()

    def read(response: http.client.HTTPResponse, _: object) -> bool:
        response.read()
        response.close()
        return True

    connections: list[http.client.HTTPConnection] = []  # the SDK leaves them to the collector
    connect = bce_http_client._get_connection

    def remember(*args: object, **kwargs: object) -> http.client.HTTPConnection:
        connections.append(connect(*args, **kwargs))
        return connections[-1]

    monkeypatch.setattr(bce_http_client, "_get_connection", remember)
    bce_http_client.send_request(
        configuration,
        functools.partial(bce_v1_signer.sign, headers_to_sign=listed),
        [read],
        b"POST",
        PATH,
        b"image=QUJD",
        {
            b"Content-Type": b"application/x-www-form-urlencoded",
            b"x-bce-request-id": b"73c4e74c-3101",
        },
        parameters,
    )
    for connection in connections:
        connection.close()
    (wire,) = recorder.received
    wire.check(datetime.now(UTC))
    with pytest.raises(SignatureInvalid):
        wire.having(b"x-bce-request-id", b"other").check(datetime.now(UTC))
    with pytest.raises(SignatureInvalid):
        wire.check(datetime.now(UTC), secret="other")
