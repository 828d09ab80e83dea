"""Child process around PyPI ``baidu-aip``: a JSON job per line in, a JSON list of results per line out.

Job: ``{"keys": [app id, api key, secret key], "steps": [...]}``; every job makes a new client.
Steps: ``{"call", "args", "kwargs"}``, ``{"set", "value"}``, ``{"get"}`` on the client, and
``{"target"}`` to lead later connections to another port. ``{"$bytes": base64}`` stands for bytes.
"""

import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import redirect

redirect.install()
from aip import AipImageProcess  # noqa: E402


def plain(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"$bytes"}:
        return base64.b64decode(value["$bytes"])
    return value


def perform(client: Any, step: dict[str, Any]) -> Any:
    if "set" in step:
        setattr(client, step["set"], step["value"])
        return None
    if "get" in step:
        return getattr(client, step["get"])
    if "target" in step:
        os.environ["SDK_TARGET"] = str(step["target"])
        return None
    started = time.monotonic()
    try:
        answer = getattr(client, step["call"])(*map(plain, step.get("args", ())))
    except Exception as error:
        answer = {"exception": f"{type(error).__name__}: {error}"}
    return {"answer": answer, "seconds": time.monotonic() - started}


for line in sys.stdin:
    job = json.loads(line)
    made = AipImageProcess(*job["keys"])
    print(json.dumps([perform(made, step) for step in job["steps"]]), flush=True)
