"""The rows of ``operators.yaml`` as checked, immutable objects."""

from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Billing", "FreeQuota", "InputLimits", "OneOf", "Operator", "Pack", "Parameter", "Tier"]

PICTURE_INPUTS = ("image", "url", "style", "pdf_file")
"""Parameters that carry or point to a picture; everything else is a plain parameter."""


class _Row(BaseModel):
    # The files also carry prose for people (notes, sources); only what a program needs is modelled.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Parameter(_Row):
    """A documented parameter. ``own`` marks additions of xiutu that the vendor does not have."""

    name: str
    type: Literal["string", "int", "float", "array[object]", "list"]
    required: bool | str
    meaning: str
    enum: tuple[str, ...] | None = None
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    default: str | int | Decimal | None = None
    effective_when: dict[str, str] | None = None
    own: bool = False

    @property
    def is_picture(self) -> bool:
        return self.name in PICTURE_INPUTS


class OneOf(_Row):
    """A group of inputs of which one is needed; the first non-empty one by ``priority`` is read."""

    group: str
    members: tuple[str, ...]
    priority: tuple[str, ...]


class InputLimits(_Row):
    """Documented limits of one picture input; None = no such limit."""

    max_base64_bytes_recommended: int
    min_short_side_px: int | None
    max_long_side_px: int | None
    max_aspect_ratio: str | None
    max_pixel_product: int | None
    formats: tuple[str, ...]
    max_url_bytes: int | None = None
    size_measured_after: str = "base64"

    @property
    def counts_percent_encoding(self) -> bool:
        """Whether the document counts the base64 text as percent-encoded for the form (A-15)."""
        return "url-encoding" in self.size_measured_after

    @property
    def max_ratio(self) -> int | None:
        """4 for ``4:1``."""
        return None if self.max_aspect_ratio is None else int(self.max_aspect_ratio.split(":")[0])

    def sides_fit(self, width: int, height: int) -> bool:
        """Whether a picture of this size in pixels is inside all limits (which are inclusive)."""
        short, long = sorted((width, height))
        return (
            (self.min_short_side_px is None or short >= self.min_short_side_px)
            and (self.max_long_side_px is None or long <= self.max_long_side_px)
            and (self.max_ratio is None or long <= self.max_ratio * short)
            and (self.max_pixel_product is None or short * long <= self.max_pixel_product)
        )

    @property
    def file_formats(self) -> frozenset[str]:
        """Formats by content: jpg and jpeg are one."""
        return frozenset("jpeg" if name == "jpg" else name for name in self.formats)


class _Field(_Row):
    name: str
    type: str


class Response(_Row):
    """Shape of a success answer."""

    result_image_field: str
    fields: tuple[_Field, ...]
    log_id_json_type_in_example: Literal["string", "number"]
    log_id_example: str | int

    @property
    def picture_fields(self) -> tuple[str, ...]:
        """Fields that carry a result picture, in the order of the document."""
        named = self.result_image_field.split()  # "image", or "scoremap + labelmap (two pictures)"
        return tuple(field.name for field in self.fields if field.name in named)

    @property
    def log_id_is_text(self) -> bool:
        return self.log_id_json_type_in_example == "string"

    @property
    def log_id_needs_53_bits(self) -> bool:
        """Number-typed ids stay below 2**53 unless the sample itself is larger (A-32)."""
        return isinstance(self.log_id_example, int) and self.log_id_example < 2**53


class FreeQuota(_Row):
    personal: int
    enterprise: int
    qps: int


class Pack(_Row):
    calls: int
    price_cny: Decimal
    qps_limit: int
    valid_months: int


class Tier(_Row):
    from_call_exclusive: int
    to_call_inclusive: int | None
    unit_price_cny: Decimal


class QpsAddon(_Row):
    per_day_per_qps_cny: Decimal
    per_month_per_qps_cny: Decimal


class Billing(_Row):
    purchasable: bool
    packs: tuple[Pack, ...]
    pay_as_you_go: tuple[Tier, ...]
    failed_calls_billed: bool
    qps_addon: QpsAddon | None


class Operator(_Row):
    """One operator of the image-process product."""

    id: str
    zh: str
    en: str
    group: str
    status: Literal["active", "frozen", "invite_only", "retired"]
    method: Literal["POST"]
    path: str
    content_type: Literal["application/x-www-form-urlencoded", "application/json"]
    purpose: str
    one_of: tuple[OneOf, ...]
    params: tuple[Parameter, ...]
    image_limits: dict[str, InputLimits]
    response: Response
    free_quota: FreeQuota | None
    billing: Billing
    notes: tuple[Any, ...] = Field(default=())

    @cached_property
    def plain_params(self) -> tuple[Parameter, ...]:
        """Parameters that are not pictures."""
        return tuple(p for p in self.params if not p.is_picture)

    @property
    def source(self) -> OneOf:
        return next(group for group in self.one_of if group.group == "source")

    @property
    def choices(self) -> tuple[OneOf, ...]:
        """The groups besides ``source`` of which one member is needed (``style`` or ``style_id``)."""
        return tuple(group for group in self.one_of if group.group != "source")
