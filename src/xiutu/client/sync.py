"""The blocking client."""

from collections.abc import Mapping
from typing import Any, Self

import httpx2

from xiutu.client.calls import LocalError, Picture, prepare
from xiutu.client.methods import Methods
from xiutu.client.session import DEFAULT_URL, Session, timed_out

__all__ = ["AipImageProcess"]


class AipImageProcess(Methods[dict[str, Any]]):
    """Takes the vendor SDK's arguments, plus ``base_url``. One object serves many calls.

    Methods return the server's JSON as a dict, ``{"error_code", "error_msg"}`` for errors, with the
    documented text codes SDK100 to SDK109 for what is found out locally. Raises ``ConnectionError``
    when no xiutu server answers at the address.
    """

    def __init__(
        self, app_id: str, api_key: str, secret_key: str, base_url: str = DEFAULT_URL, **http: Any
    ) -> None:
        self._session = Session(app_id.strip(), api_key.strip(), secret_key.strip())
        self._http = httpx2.Client(base_url=base_url, **http)

    def setConnectionTimeoutInMillis(self, ms: float) -> None:  # noqa: N802
        self._session.connect_s = ms / 1000

    def setSocketTimeoutInMillis(self, ms: float) -> None:  # noqa: N802
        self._session.read_s = ms / 1000

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
        try:
            exchange = self._session.exchange(prepare(operator, pictures, options, **named))
            request = next(exchange)
            while True:
                request = exchange.send(self._http.post(**request))
        except StopIteration as finished:
            answer: dict[str, Any] = finished.value
            return answer
        except LocalError as error:
            return error.answer
        except httpx2.TimeoutException:
            return timed_out()
        except httpx2.TransportError as error:
            raise ConnectionError(f"{self._http.base_url}: {error}") from error
