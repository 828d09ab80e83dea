"""Child process around PyPI ``bce-python-sdk``: its own signer over its own HTTP client.

Job: ``{"keys": [access key, secret key], "path", "params", "headers", "body": base64, "sign"}``;
``sign`` is null for the SDK's default set of signed headers or a list of names.
"""

import base64
import json
import sys
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import redirect

redirect.install()
from baidubce.auth import bce_v1_signer  # noqa: E402
from baidubce.auth.bce_credentials import BceCredentials  # noqa: E402
from baidubce.bce_client_configuration import (  # noqa: E402
    DEFAULT_CONFIG,
    BceClientConfiguration,
)
from baidubce.http import bce_http_client, handler, http_methods  # noqa: E402
from baidubce.retry.retry_policy import NoRetryPolicy  # noqa: E402


def perform(job: dict[str, Any]) -> Any:
    config = copy(DEFAULT_CONFIG)
    config.merge_non_none_values(
        BceClientConfiguration(
            credentials=BceCredentials(*job["keys"]),
            endpoint=f"https://{redirect.VENDOR_HOST}",
            retry_policy=NoRetryPolicy(),
        )
    )
    signer = bce_v1_signer.sign
    if job["sign"] is not None:
        signer = partial(signer, headers_to_sign=[name.encode() for name in job["sign"]])
    headers = {name.encode(): value.encode() for name, value in job["headers"].items()}
    try:
        response = bce_http_client.send_request(
            config,
            signer,
            [handler.parse_error, handler.parse_json],
            http_methods.POST,
            job["path"].encode(),
            base64.b64decode(job["body"]),
            headers,
            {k.encode(): v.encode() for k, v in job["params"].items()},
        )
    except Exception as error:
        return {"exception": f"{type(error).__name__}: {error}"}
    sent = {k.decode(): v.decode() for k, v in headers.items() if isinstance(v, bytes)}
    return {"answer": json.loads(response.raw_data), "headers": sent}


for line in sys.stdin:
    print(json.dumps(perform(json.loads(line))), flush=True)
