"""The log line of an answered call, the same for every vendor."""

import structlog

from xiutu.errors import XiutuError
from xiutu.gateway.served import Served

__all__ = ["report"]

_log = structlog.get_logger("xiutu.call")


def report(call: Served, error: Exception | None, code: str, **more: object) -> None:
    """Metrics and one log line. ``code`` is what the vendor's answer says, ``0`` for a success."""
    facts = call.report(code) | more
    if error is None:
        _log.info("call", **facts)
    elif isinstance(error, XiutuError):
        write = _log.error if error.report else _log.info
        write("call", error=error.kind, detail=str(error)[:500], **facts)
    else:
        _log.error("call", exc_info=error, **facts)
