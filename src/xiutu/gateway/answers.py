"""JSON answers as the vendors' clients want them: HTTP 200, UTF-8, ``application/json`` without charset."""

import orjson
from starlette.responses import Response

__all__ = ["json_answer"]


def json_answer(body: dict[str, object], status: int = 200) -> Response:
    """A JSON response. Errors of an operator are HTTP 200 too: Java and C# drop any other body (A-01)."""
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers={"content-type": "application/json", "cache-control": "no-store"},
    )
