"""The server as ``aip.baidubce.com`` over TLS, the SDKs as children, and a count of their calls."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdk.child import BCE, CALLS, NODE, PYTHON, TENCENT, TENCENT_NODE, Child
from tests.sdk.front import Front
from tests.sdk.results import picture_file
from tests.server import RunningServer
from xiutu.cli.certificates import make_certificates


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory: pytest.TempPathFactory, weights: None) -> Iterator[Front]:
    """R-216: ``xiutu serve`` with a certificate of our CA for the vendor's host name, two workers."""
    data = tmp_path_factory.mktemp("tls")
    files = make_certificates(data / "certificates")
    arguments = ("--tls-cert", str(files.chain), "--tls-key", str(files.key))
    settings = {"XIUTU_WORKERS": "2", "XIUTU_FETCH_ALLOW": "127.0.0.0/8"}
    with RunningServer(data, *arguments, **settings) as running:
        yield Front(running, files.ca)


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sdk-logs")


@pytest.fixture(scope="session")
def python_sdk(tls_server: Front, logs: Path) -> Iterator[Child]:
    """PyPI baidu-aip; it turns verification off by itself."""
    with Child("baidu-aip", PYTHON, tls_server.port, logs / "python.log") as child:
        yield child


@pytest.fixture(scope="session")
def node_sdk(tls_server: Front, logs: Path) -> Iterator[Child]:
    """npm baidu-aip-sdk; it verifies, so Node is told to trust our CA."""
    trust = {"NODE_EXTRA_CA_CERTS": str(tls_server.ca)}
    sdk = "baidu-aip-sdk (node)"
    with Child(sdk, NODE, tls_server.port, logs / "node.log", **trust) as child:
        yield child


@pytest.fixture(scope="session")
def bce_sdk(tls_server: Front, logs: Path) -> Iterator[Child]:
    """PyPI bce-python-sdk; it verifies with the default context, so OpenSSL is told our CA."""
    trust = {"SSL_CERT_FILE": str(tls_server.ca)}
    with Child("bce-python-sdk", BCE, tls_server.port, logs / "bce.log", **trust) as child:
        yield child


@pytest.fixture(scope="session")
def tencent_sdk(tls_server: Front, logs: Path) -> Iterator[Child]:
    """PyPI tencentcloud-sdk-python; it verifies with certifi's list, at whose end is our CA."""
    trust = {"SDK_CA": str(tls_server.ca)}
    sdk = "tencentcloud-sdk-python"
    with Child(sdk, TENCENT, tls_server.port, logs / "tencent.log", **trust) as child:
        yield child


@pytest.fixture(scope="session")
def tencent_node_sdk(tls_server: Front, logs: Path) -> Iterator[Child]:
    """npm tencentcloud-sdk-nodejs; it verifies, so Node is told to trust our CA."""
    trust = {"NODE_EXTRA_CA_CERTS": str(tls_server.ca)}
    sdk = "tencentcloud-sdk-nodejs"
    with Child(sdk, TENCENT_NODE, tls_server.port, logs / "tencent-node.log", **trust) as child:
        yield child


@pytest.fixture(scope="session")
def picture_url() -> Iterator[str]:
    """Address of the test picture on a small web server of this machine."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = next((n for n in ("portrait", "mask") if n in self.path), "photo")
            data = picture_file(name)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}/photo.jpg"
        web.shutdown()
        thread.join()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if CALLS:
        counts = ", ".join(f"{sdk}: {calls} calls" for sdk, calls in CALLS.items())
        terminalreporter.write_sep("-", "vendor SDKs")
        terminalreporter.write_line(counts)
