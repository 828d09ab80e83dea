"""The blocking client."""

from collections.abc import Mapping
from typing import Any, Self

import httpx2

from xiutu.client.base import Client
from xiutu.client.calls import Picture

__all__ = ["AipImageProcess"]


class AipImageProcess(Client[dict[str, Any], httpx2.Client]):
    """Takes the vendor SDK's arguments, plus ``base_url``. One object serves many calls.

    Methods return the server's JSON as a dict, ``{"error_code", "error_msg"}`` for errors, with the
    documented text codes SDK100 to SDK109 for what is found out locally. Raises ``ConnectionError``
    when no xiutu server answers at the address.
    """

    _transport = httpx2.Client

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(
        self,
        operator: str,
        pictures: Mapping[str, Picture],
        options: Mapping[str, Any] | None,
        **named: Any,
    ) -> dict[str, Any]:
        exchange = self._exchange(operator, pictures, options, named)
        try:
            request = next(exchange)
            while True:
                try:
                    response = self._http.post(**request)
                except httpx2.TransportError as error:
                    request = exchange.throw(error)
                else:
                    request = exchange.send(response)
        except StopIteration as finished:
            answer: dict[str, Any] = finished.value
            return answer
