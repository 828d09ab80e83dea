"""Child process around the EasyDL class of PyPI ``baidu-aip``: one job on standard input, one answer.

Job: ``{"keys": [app id, api key, secret key], "url": ..., "image": base64, "options": {...}}``.
"""

import base64
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import redirect

redirect.install()
from aip.easydl import EasyDL  # noqa: E402

job = json.load(sys.stdin)
client = EasyDL(*job["keys"])
print(json.dumps(client.predictImage(job["url"], base64.b64decode(job["image"]), job["options"])))
