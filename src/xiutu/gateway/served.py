"""What every vendor's gateway knows of a call it serves: who, what, how long, how much."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from starlette.requests import Request

from xiutu.gateway.context import Context
from xiutu.gateway.reading import Held
from xiutu.platform.billing.admission import Ticket
from xiutu.platform.models import Principal, UsageEntry

__all__ = ["Served"]


@dataclass(kw_only=True)
class Served:
    """Filled in stage by stage. ``service`` is the id that is ticked in apps and counted."""

    api: ClassVar[str] = ""
    api_version: ClassVar[str] = "v1"

    request: Request
    context: Context
    service: str
    log_id: int
    started: float = field(default_factory=time.monotonic)
    held: Held | None = None
    principal: Principal | None = None
    credential: str = ""
    ticket: Ticket | None = None
    pixels: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def deadline(self) -> float:
        """On the monotonic clock, queueing and downloading included."""
        return self.started + self.context.settings.job_timeout_s

    def entry(self, principal: Principal, code: int) -> UsageEntry:
        """The line of the usage ledger; ``code`` 0 is success."""
        return UsageEntry(
            log_id=self.log_id,
            account_id=principal.account_id,
            app_id=principal.app_id,
            operator=self.service,
            at=datetime.now(UTC),
            code=code,
            latency_ms=round(self.seconds * 1000),
            queue_ms=round(self.timings.get("queue", 0.0) * 1000),
            pixels=self.pixels,
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
            api=self.api,
            api_version=self.api_version,
            credential=self.credential,
        )

    def report(self, code: str) -> dict[str, object]:
        """Count the call in the metrics; gives what its log line says."""
        metrics = self.context.metrics
        metrics.calls.labels(self.service, code).inc()
        metrics.latency.labels(self.service).observe(self.seconds)
        for step, seconds in self.timings.items():
            metrics.steps.labels(step).observe(seconds)
        return {
            "log_id": str(self.log_id),
            "operator": self.service,
            "app_id": self.principal.app_id if self.principal else None,
            "code": int(code) if code.isdigit() else code,
            "ms": round(self.seconds * 1000),
            "pixels": self.pixels,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            **{f"{step}_ms": round(seconds * 1000) for step, seconds in self.timings.items()},
        }
