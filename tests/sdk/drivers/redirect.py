"""Name redirection inside a child process: the vendors' host names lead to the server under test.

Only ``socket.getaddrinfo`` is replaced; not a line of the SDKs is touched, TLS still sees the
vendor's host name, and nothing else on the network can be reached.
"""

import os
import socket
from typing import Any

VENDOR_HOST = "aip.baidubce.com"
TENCENT_HOST = "aiart.tencentcloudapi.com"


def install() -> None:
    """Lead the vendors' hosts, whatever the port, to 127.0.0.1 and the port in ``SDK_TARGET``."""

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in (VENDOR_HOST, TENCENT_HOST, "127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, f"{name}: out of bounds for this test")
        target = ("127.0.0.1", int(os.environ["SDK_TARGET"]))
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", target)]

    socket.getaddrinfo = getaddrinfo
