"""Which of two ways to give a picture counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xiutu.gateway.tencent.errors import Refusal
from xiutu.gateway.tencent.values import text

__all__ = ["Source", "source"]


@dataclass(frozen=True)
class Source:
    """A picture as given: parameter name and base64 text or address."""

    name: str
    value: str
    is_url: bool


def source(values: Mapping[str, Any], base64: str, url: str, within: str = "") -> Source:
    """The one that counts: the address wins (the other way round than at Baidu, A-84).

    An empty one counts as absent while the other is given. Raises ``Refusal``.
    """
    address, encoded = text(values, url, "", within), text(values, base64, "", within)
    if address.strip():
        return Source(within + url, address, is_url=True)
    if encoded.strip():
        return Source(within + base64, encoded, is_url=False)
    if base64 in values:
        raise Refusal("picture_empty", name=within + base64)
    if url in values:
        raise Refusal("url", name=within + url)
    raise Refusal("missing", name=within + base64)
