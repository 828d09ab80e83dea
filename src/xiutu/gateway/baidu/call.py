"""The state of one call while it passes the stages."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from xiutu.contract import Operator
from xiutu.gateway.context import Context
from xiutu.gateway.reading import Held
from xiutu.platform.billing.admission import Ticket
from xiutu.platform.models import Principal

__all__ = ["Call"]


@dataclass
class Call:
    """Filled in stage by stage; with a ``ticket`` from the stage on whose failures count as calls."""

    request: Request
    context: Context
    operator: Operator
    log_id: int
    started: float = field(default_factory=time.monotonic)
    held: Held | None = None
    principal: Principal | None = None
    credential: str = ""
    ticket: Ticket | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    inputs: dict[str, bytes] = field(default_factory=dict)
    pixels: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    timings: dict[str, float] = field(default_factory=dict)
    result: dict[str, bytes | str] = field(default_factory=dict)
    answer: dict[str, object] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def deadline(self) -> float:
        """On the monotonic clock, queueing and downloading included."""
        return self.started + self.context.settings.job_timeout_s
