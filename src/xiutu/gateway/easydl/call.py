"""The state of one classification call while it passes the stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from xiutu.classify.values import Service
from xiutu.gateway.easydl.parameters import Wanted
from xiutu.gateway.served import Served

__all__ = ["Call"]


@dataclass(kw_only=True)
class Call(Served):
    """``counted`` from the stage on whose failures count as calls."""

    api: ClassVar[str] = "easydl"

    name: str
    published: Service | None = None
    counted: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    wanted: Wanted | None = None
    data: bytes = b""
    results: list[dict[str, object]] = field(default_factory=list)
    answer: dict[str, object] = field(default_factory=dict)
