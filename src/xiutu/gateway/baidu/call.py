"""The state of one call while it passes the stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from xiutu.contract import Operator
from xiutu.gateway.served import Served

__all__ = ["Call"]


@dataclass(kw_only=True)
class Call(Served):
    """Filled in stage by stage; with a ``ticket`` from the stage on whose failures count as calls."""

    api: ClassVar[str] = "baidu"

    operator: Operator
    fields: Mapping[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    inputs: dict[str, bytes] = field(default_factory=dict)
    result: dict[str, bytes | str] = field(default_factory=dict)
    answer: dict[str, object] = field(default_factory=dict)
