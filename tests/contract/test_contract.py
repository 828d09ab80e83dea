"""The contract files load, agree with themselves and with the operators."""

import dataclasses
from decimal import Decimal

import pytest

from xiutu import contract
from xiutu.gateway.baidu.errors import TABLE
from xiutu.operators._params import picture_names
from xiutu.operators._registry import implemented


def test_sixteen_operators_one_path_each() -> None:
    rows = contract.operators()
    assert len(rows) == 16
    assert {row.path for row in rows.values()} == {
        f"/rest/2.0/image-process/v1/{name}" for name in rows
    }


def test_registry_holds_51_server_codes() -> None:
    """R-140."""
    codes = contract.error_codes()
    assert len(codes) == 51
    assert all(code == row.code and row.message for code, row in codes.items())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (1, "Unknown error"),
        (2, "Service temporarily unavailable"),
        (3, "Unsupported openapi method"),
        (4, "Open api request limit reached"),
        (6, "No permission to access data"),
        (13, "Get service token failed"),
        (14, "IAM Certification failed"),
        (15, "app not exsits or create failed"),
        (17, "Open api daily request limit reached"),
        (18, "Open api qps request limit reached"),
        (19, "Open api total request limit reached"),
        (100, "Invalid parameter"),
        (110, "Access token invalid or no longer valid"),
        (111, "Access token expired"),
        (216100, "invalid param"),
        (216203, "image size error"),
        (282110, "urls not exit"),
        (283300, "Invalid argument"),
    ],
)
def test_literal_messages(code: int, message: str) -> None:
    """A-44: misspellings are kept, clients may compare."""
    assert contract.error(code).message == message


def test_missing_parameter_names_the_parameter() -> None:
    assert contract.error(282003).text(name="rectangle") == "missing parameters: rectangle"


def test_prices_are_exact_decimals() -> None:
    """A-59, R-177."""
    tiers = contract.operator("dehaze").billing.pay_as_you_go
    assert [tier.unit_price_cny for tier in tiers] == [Decimal("0.007"), Decimal("0.0042")]
    assert all(
        isinstance(tier.unit_price_cny, Decimal)
        for row in contract.operators().values()
        for tier in row.billing.pay_as_you_go
    )


def test_reserved_codes_are_never_raised() -> None:
    """R-139, A-47, A-48."""
    raised = set(TABLE.values())
    assert raised.isdisjoint({282005, 282006, 282808, 282809})
    assert not any(336000 <= code < 337000 for code in raised)
    assert raised <= set(contract.error_codes())


@pytest.mark.parametrize("operator", list(implemented()))
def test_params_agree_with_the_contract(operator: str) -> None:
    """Names, ranges, choices and defaults are repeated in ``Params``; both must say the same."""
    row = {parameter.name: parameter for parameter in contract.operator(operator).plain_params}
    kind = implemented()[operator].params
    fields = {field.name: field for field in dataclasses.fields(kind)}
    pictures = set(picture_names(kind))
    own = {
        name for name in pictures if fields[name].metadata["own"]
    }  # library and command line only
    assert pictures - own < set(contract.operator(operator).image_limits)
    assert set(row) == set(fields) - pictures
    for name, parameter in row.items():
        field, told = fields[name], fields[name].metadata
        assert told["own"] == parameter.own, name
        assert told["help"], name
        assert told["choices"] == parameter.enum, name
        assert told["min"] == parameter.minimum, name
        assert told["max"] == parameter.maximum, name
        default = None if field.default is dataclasses.MISSING else field.default
        assert default == parameter.default, name


def test_operators_are_in_contract_order() -> None:
    order = [name for name in contract.operator_ids() if name in implemented()]
    assert list(implemented()) == order


def test_own_parameters_are_optional() -> None:
    for row in contract.operators().values():
        for parameter in row.params:
            if parameter.own:
                assert parameter.required is False and parameter.default is not None
