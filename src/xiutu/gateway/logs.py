"""Structured logs: JSON for machines, coloured lines on a terminal. Never secrets, never pictures."""

import logging
import sys
from typing import TextIO

import structlog

__all__ = ["configure"]


def configure(form: str, level: str, file: TextIO | None = None) -> None:
    """Set up structlog and the standard library's loggers (uvicorn's among them) alike.

    ``form``: ``json``, ``console`` or ``auto`` (console on a terminal). ``file``: instead of stderr.
    """
    out = sys.stderr if file is None else file
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    console = form == "console" or (form == "auto" and out.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The pretty formatter prints local variables: keys, tokens, pictures.
    coloured = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: structlog.typing.Processor = (
        coloured if console else structlog.processors.JSONRenderer()
    )
    after = [] if console else [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[*shared, *after, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *after,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.INFO))
    logging.getLogger("alembic").setLevel(logging.WARNING)  # its steps are of no interest here
