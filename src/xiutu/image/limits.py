"""The documented picture limits, checked on header facts."""

from dataclasses import dataclass

from xiutu.errors import PictureSizeError, UnsupportedFormat
from xiutu.image.header import Header

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Limits of one input of one operator; None = the documents give no such limit.

    ``max_base64`` in bytes of base64 text (inclusive), sides in pixels (inclusive), ``max_ratio`` long
    side to short side (inclusive), ``max_pixels`` width x height (inclusive).
    """

    formats: frozenset[str]
    max_base64: int
    min_short_side: int | None = None
    max_long_side: int | None = None
    max_ratio: int | None = None
    max_pixels: int | None = None

    @property
    def max_bytes(self) -> int:
        """Decoded size that ``max_base64`` characters can carry."""
        return self.max_base64 // 4 * 3

    def check_format(self, kind: str | None) -> None:
        """Raise ``UnsupportedFormat`` unless pictures of this kind (None: no picture) are taken."""
        if kind not in self.formats:
            raise UnsupportedFormat(f"{kind} is not one of {', '.join(sorted(self.formats))}")

    def check(self, header: Header) -> None:
        """Raise ``UnsupportedFormat`` or ``PictureSizeError`` where the header is outside the limits."""
        self.check_format(header.format)
        short, long = sorted((header.width, header.height))
        size = f"{header.width}x{header.height}"
        if short < 1:
            raise PictureSizeError(f"{size}: no pixels")
        if self.min_short_side is not None and short < self.min_short_side:
            raise PictureSizeError(f"{size}: shortest side below {self.min_short_side} px")
        if self.max_long_side is not None and long > self.max_long_side:
            raise PictureSizeError(f"{size}: longest side above {self.max_long_side} px")
        if self.max_ratio is not None and long > self.max_ratio * short:
            raise PictureSizeError(f"{size}: sides beyond {self.max_ratio}:1")
        if self.max_pixels is not None and header.pixels > self.max_pixels:
            raise PictureSizeError(f"{size}: more than {self.max_pixels} pixels")
