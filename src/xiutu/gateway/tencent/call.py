"""The state of one call while it passes the stages."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from xiutu.gateway.served import Served
from xiutu.gateway.tencent.action import VERSION, Removal

__all__ = ["Call"]


@dataclass(kw_only=True)
class Call(Served):
    """``counted`` from the stage on whose failures count as calls."""

    api: ClassVar[str] = "tencent"
    api_version: ClassVar[str] = VERSION

    request_id: str = field(default_factory=lambda: str(uuid4()))
    language: str = "en-US"
    common: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    removal: Removal | None = None
    lease: str | None = None
    inputs: dict[str, bytes] = field(default_factory=dict)
    counted: bool = False
    result: bytes = b""
    answer: dict[str, object] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.context.platform.clock()

    def named(self, header: str, parameter: str) -> str | None:
        """A common parameter: the header first, then query or body (A-89)."""
        value = self.request.headers.get(header)
        return self.common.get(parameter) if value is None else value
