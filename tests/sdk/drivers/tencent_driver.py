"""Child process around PyPI ``tencentcloud-sdk-python``: a JSON job per line in, an answer per line out.

Job: ``{"keys": [SecretId, SecretKey], "params": {...}}`` and, where it is not the default, ``sign``,
``method``, ``language``, ``region``, ``unsigned``, ``endpoint``, ``scheme``, ``token``, ``clock`` (seconds
this machine's clock is off), ``times`` (so many calls at once). The answer is that of the SDK's method, or
``{"code", "message", "request_id"}`` of its exception; a list of them with ``times``.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import redirect
import trust

redirect.install()
trust.install()
from tencentcloud.aiart.v20221229 import aiart_client, models  # noqa: E402
from tencentcloud.common import credential  # noqa: E402
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (  # noqa: E402
    TencentCloudSDKException,
)
from tencentcloud.common.profile.client_profile import ClientProfile  # noqa: E402
from tencentcloud.common.profile.http_profile import HttpProfile  # noqa: E402

now = time.time


def client(job: dict[str, Any]) -> aiart_client.AiartClient:
    http = HttpProfile()
    http.reqMethod = job.get("method", "POST")
    http.scheme = job.get("scheme", "https")
    if "endpoint" in job:
        http.endpoint = job["endpoint"]
    profile = ClientProfile(httpProfile=http)
    profile.signMethod = job.get("sign", "TC3-HMAC-SHA256")
    profile.language = job.get("language", "en-US")
    profile.unsignedPayload = job.get("unsigned", False)
    keys = credential.Credential(*job["keys"], job.get("token"))
    return aiart_client.AiartClient(keys, job.get("region", "ap-guangzhou"), profile)


def perform(job: dict[str, Any]) -> dict[str, Any]:
    request = models.ImageInpaintingRemovalRequest()
    request.from_json_string(json.dumps(job["params"]))
    try:
        answer = client(job).ImageInpaintingRemoval(request)
    except TencentCloudSDKException as error:
        return {
            "code": error.get_code(),
            "message": error.get_message(),
            "request_id": error.get_request_id(),
        }
    plain: dict[str, Any] = json.loads(answer.to_json_string())
    return plain


for line in sys.stdin:
    job = json.loads(line)
    time.time = lambda: now() + job.get("clock", 0)  # noqa: B023 - one job after the other
    if "times" in job:
        with ThreadPoolExecutor(job["times"]) as pool:
            print(json.dumps([*pool.map(perform, [job] * job["times"])]), flush=True)
    else:
        print(json.dumps(perform(job)), flush=True)
