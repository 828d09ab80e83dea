"""The asyncio twin: the same names, to be awaited."""

from collections.abc import Coroutine, Mapping
from typing import Any, Self

import httpx2

from xiutu.client.base import Client
from xiutu.client.calls import Picture

__all__ = ["AsyncAipImageProcess"]

Answer = Coroutine[Any, Any, dict[str, Any]]


class AsyncAipImageProcess(Client[Answer, httpx2.AsyncClient]):
    """``await client.dehaze(data)``; otherwise as ``AipImageProcess``."""

    _transport = httpx2.AsyncClient

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _call(
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
                    response = await self._http.post(**request)
                except httpx2.TransportError as error:
                    request = exchange.throw(error)
                else:
                    request = exchange.send(response)
        except StopIteration as finished:
            answer: dict[str, Any] = finished.value
            return answer
