"""What the blocking and the asyncio client have in common: all but sending a request."""

from collections.abc import Generator, Mapping
from typing import Any, Generic, TypeVar

import httpx2

from xiutu.client.calls import LocalError, Picture, prepare
from xiutu.client.methods import Answer, Methods
from xiutu.client.session import DEFAULT_URL, Request, Session, timed_out

__all__ = ["Client"]

Http = TypeVar("Http", httpx2.Client, httpx2.AsyncClient)


class Client(Methods[Answer], Generic[Answer, Http]):
    """Keys, time-outs and the course of a call; subclasses name their ``_transport`` and use it."""

    _transport: type[Http]

    def __init__(
        self, app_id: str, api_key: str, secret_key: str, base_url: str = DEFAULT_URL, **http: Any
    ) -> None:
        self._session = Session(app_id.strip(), api_key.strip(), secret_key.strip())
        self._http: Http = self._transport(base_url=base_url, **http)

    def setConnectionTimeoutInMillis(self, ms: float) -> None:  # noqa: N802
        self._session.connect_s = ms / 1000

    def setSocketTimeoutInMillis(self, ms: float) -> None:  # noqa: N802
        self._session.read_s = ms / 1000

    def _exchange(
        self,
        operator: str,
        pictures: Mapping[str, Picture],
        options: Mapping[str, Any] | None,
        named: Mapping[str, Any],
    ) -> Generator[Request, httpx2.Response, dict[str, Any]]:
        """The requests of a call in order: send the responses in, throw the transport's errors in.

        Returns the answer. Raises ``ConnectionError`` when no xiutu server answers at the address.
        """
        try:
            call = prepare(operator, pictures, options, **named)
            return (yield from self._session.exchange(call))
        except LocalError as error:
            return error.answer
        except httpx2.TimeoutException:
            return timed_out()
        except httpx2.TransportError as error:
            raise ConnectionError(f"{self._http.base_url}: {error}") from error
