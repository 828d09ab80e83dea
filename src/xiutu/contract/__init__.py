"""The wire contract, loaded and validated once: the one source for routes, limits, answers and prices."""

from functools import cache
from types import MappingProxyType

from xiutu.contract._yaml import read
from xiutu.contract.errors import ErrorCode
from xiutu.contract.operators import (
    Billing,
    FreeQuota,
    InputLimits,
    OneOf,
    Operator,
    Pack,
    Parameter,
    Tier,
)

__all__ = [
    "Billing",
    "ErrorCode",
    "FreeQuota",
    "InputLimits",
    "OneOf",
    "Operator",
    "Pack",
    "Parameter",
    "Tier",
    "error",
    "error_codes",
    "operator",
    "operator_ids",
    "operators",
    "sdk_local_codes",
]


@cache
def operators() -> MappingProxyType[str, Operator]:
    """Every operator by id, in the order of the documents."""
    rows = [Operator.model_validate(row) for row in read("operators.yaml")["operators"]]
    found = {row.id: row for row in rows}
    if len(found) != len(rows) or len({row.path for row in rows}) != len(rows):
        raise ValueError("operators.yaml: ids and paths must be unique")
    return MappingProxyType(found)


def operator(operator_id: str) -> Operator:
    """One operator. Raises ``KeyError`` for an unknown id."""
    return operators()[operator_id]


@cache
def operator_ids() -> tuple[str, ...]:
    return tuple(operators())


@cache
def error_codes() -> MappingProxyType[int, ErrorCode]:
    """Every documented server code."""
    rows = [ErrorCode.model_validate(row) for row in read("errors.yaml")["server_codes"]]
    found = {row.code: row for row in rows}
    if len(found) != len(rows):
        raise ValueError("errors.yaml: codes must be unique")
    return MappingProxyType(found)


def error(code: int) -> ErrorCode:
    """One error code. Raises ``KeyError`` for a code the documents do not have."""
    return error_codes()[code]


@cache
def sdk_local_codes() -> MappingProxyType[str, str]:
    """Codes that client libraries produce themselves (SDK100 ...), with their documented text."""
    rows = read("errors.yaml")["sdk_local_codes"]["codes"]
    return MappingProxyType({row["code"]: row["message"] for row in rows})
