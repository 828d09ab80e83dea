"""Logging what nobody expected, without the pictures it happened to."""

import os
import re
import sys
import time
import traceback

import orjson

__all__ = ["complain", "trace"]

TRACE_LIMIT = 8000
LINE_LIMIT = 300
"""Characters of a traceback that are logged, in all and of one line."""

_BYTES = re.compile(r"""b(['"]).*?(\1|$)""", re.MULTILINE)


def trace() -> str:
    """The traceback of the exception being handled, fit for a log.

    Messages of libraries may quote what they choked on, so bytes are blotted out and lines cut;
    local variables (which some log renderers print) are not in it.
    """
    text = _BYTES.sub("b'...'", traceback.format_exc())
    return "\n".join(line[:LINE_LIMIT] for line in text.splitlines())[-TRACE_LIMIT:]


def complain(event: str, **context: str) -> None:
    """Log the exception being handled from a worker: one JSON line on stderr, in a single write."""
    line = orjson.dumps(
        {
            "event": event,
            "level": "error",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "pid": os.getpid(),
            **context,
            "exception": trace(),
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, line)
