"""PyPI ``tccli``, unmodified: the vendor's command line tool, a process for each call."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.child import CALLS, TCCLI, clean_environment
from tests.sdk.front import Front
from tests.sdk.removal import by_base64, by_url, slow, verify, verify_link


class Shell:
    """Runs ``tccli aiart ImageInpaintingRemoval`` with a home folder of its own."""

    def __init__(self, server: Front, home: Path) -> None:
        self.server = server
        self.home = home
        self.environment = {
            **clean_environment(),
            "HOME": str(home),
            "SDK_TARGET": str(server.port),
            "SDK_CA": str(server.ca),
        }

    def start(self, params: dict[str, Any], *options: str) -> "subprocess.Popen[str]":
        """Parameters by file, as their pictures are too long for an argument."""
        CALLS["tccli"] += 1
        file = self.home / f"{CALLS['tccli']}.json"
        file.write_text(json.dumps(params))
        secret_id, secret_key = self.server.pair
        given = {"--secretId": secret_id, "--secretKey": secret_key, "--region": "ap-guangzhou"}
        given |= {"--cli-input-json": f"file://{file}"}
        given |= dict(zip(options[::2], options[1::2], strict=True))
        arguments = [part for pair in given.items() for part in pair]
        return subprocess.Popen(
            [*TCCLI, "aiart", "ImageInpaintingRemoval", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, params: dict[str, Any], *options: str) -> dict[str, Any]:
        out, errors = self.start(params, *options).communicate(timeout=90)
        assert out.strip(), errors
        answer: dict[str, Any] = json.loads(out)
        return answer

    def fail(self, params: dict[str, Any], *options: str) -> str:
        process = self.start(params, *options)
        out, errors = process.communicate(timeout=90)
        assert process.returncode == 255, out
        return errors


@pytest.fixture(scope="module")
def shell(tls_server: Front, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tls_server, tmp_path_factory.mktemp("home"))


def test_by_base64_and_by_url(shell: Shell, tls_server: Front, picture_url: str) -> None:
    """R-247, R-248."""
    verify(shell.run(by_base64()))
    verify_link(shell.run(by_url(picture_url, RspImgType="url")), tls_server)


def test_own_endpoint(shell: Shell, tls_server: Front) -> None:
    verify(
        shell.run(by_base64(LogoAdd=0), "--endpoint", f"127.0.0.1:{tls_server.port}"), marked=False
    )


def test_refusals(shell: Shell) -> None:
    """R-238, R-246: it always asks for Chinese unless told otherwise."""
    assert "AuthFailure.SignatureFailure" in shell.fail(by_base64(), "--secretKey", "0" * 32)
    assert "请求签名验证失败" in shell.fail(by_base64(), "--secretKey", "0" * 32)
    assert "InvalidParameterValue" in shell.fail(by_base64(Mask=slow()["Mask"]))
    assert "UnsupportedRegion" in shell.fail(by_base64(), "--region", "ap-nowhere")


def test_concurrency(shell: Shell) -> None:
    """R-245: two calls of one account, started together; the slow one is large enough to overlap."""
    both = [shell.start(slow()) for _ in range(2)]
    done = [process.communicate(timeout=90) for process in both]
    refused = [errors for _, errors in done if "RequestLimitExceeded.JobNumExceed" in errors]
    assert len(refused) == 1, done
