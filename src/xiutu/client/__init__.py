"""Client library with the vendor SDK's names: change the import and the address, keep the calls.

    from xiutu.client import AipImageProcess
    client = AipImageProcess(app_id, api_key, secret_key, base_url="http://127.0.0.1:8000")
    answer = client.dehaze(open("photo.jpg", "rb").read())

Knows only the contract; needs no weights and no server code.
"""

from xiutu.client.aio import AsyncAipImageProcess
from xiutu.client.sync import AipImageProcess

__all__ = ["AipImageProcess", "AsyncAipImageProcess"]
