"""What the BML page's Python 3 sample does, request for request: token by GET where none is filled in,
then the picture as JSON, and the parsed answer printed with indent 4."""

import base64
import json

import requests

IMAGE_FILEPATH = "IMAGE_FILEPATH"
PARAMS = {"top_num": 2}
MODEL_API_URL = "MODEL_API_URL"
ACCESS_TOKEN = ""
API_KEY = "API_KEY"
SECRET_KEY = "SECRET_KEY"

with open(IMAGE_FILEPATH, "rb") as f:  # noqa: PTH123 - as the sample has it
    PARAMS["image"] = base64.b64encode(f.read()).decode("UTF-8")  # type: ignore[assignment]

if not ACCESS_TOKEN:
    auth_url = (
        "https://aip.baidubce.com/oauth/2.0/token?grant_type=client_credentials"
        f"&client_id={API_KEY}&client_secret={SECRET_KEY}"
    )
    ACCESS_TOKEN = requests.get(auth_url).json()["access_token"]

request_url = f"{MODEL_API_URL}?access_token={ACCESS_TOKEN}"
response = requests.post(url=request_url, json=PARAMS)
print(json.dumps(response.json(), indent=4, ensure_ascii=False))
