"""What the quick start's main.py does, request for request: urllib, token by form, one operator.

It switches certificate verification off for the whole process, waits 5 s for the token, decides by
``scope``, reads ./text.jpg and prints the parsed answer.
"""

import base64
import json
import ssl
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ssl._create_default_https_context = ssl._create_unverified_context

API_KEY = "API_KEY"
SECRET_KEY = "SECRET_KEY~~~~"
IMAGE_URL = "https://aip.baidubce.com/rest/2.0/image-process/v1/colourize"
TOKEN_URL = "https://aip.baidubce.com/oauth/2.0/token"


def fetch_token():
    grant = {"grant_type": "client_credentials", "client_id": API_KEY, "client_secret": SECRET_KEY}
    try:
        text = urlopen(Request(TOKEN_URL, urlencode(grant).encode("utf-8")), timeout=5).read()
    except URLError as error:
        print(error)
    result = json.loads(text.decode())
    if "access_token" in result and "scope" in result:
        if "brain_all_scope" not in result["scope"].split(" "):
            print("please ensure has check the  ability")
            sys.exit()
        return result["access_token"]
    print("please overwrite the correct API_KEY and SECRET_KEY")
    sys.exit()


def request(url, data):
    try:
        return urlopen(Request(url, data.encode("utf-8"))).read().decode()
    except URLError as error:
        print(error)


if __name__ == "__main__":
    content = Path("./text.jpg").read_bytes()
    address = IMAGE_URL + "?access_token=" + fetch_token()
    print(json.loads(request(address, urlencode({"image": base64.b64encode(content)}))))
