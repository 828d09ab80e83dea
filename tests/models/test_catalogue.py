"""The catalogue: complete, consistent with converters and operators."""

import re

import pytest

from xiutu.models import catalogue
from xiutu.models.converters import CONVERTERS
from xiutu.operators._registry import implemented

SHA = re.compile(r"[0-9a-f]{64}")


@pytest.mark.parametrize("weight", catalogue.load().values(), ids=lambda w: w.name)
def test_every_entry_is_complete(weight: catalogue.Weight) -> None:
    assert weight.converter in CONVERTERS
    assert SHA.fullmatch(weight.sha256)
    assert SHA.fullmatch(weight.package.sha256)
    assert all(SHA.fullmatch(member.sha256) for member in weight.members)
    assert weight.package.file.endswith(".whl")
    assert weight.licence
    assert weight.origin
    assert weight.citation
    assert weight.pack in ("default", "optional")


def test_packages_are_named_once() -> None:
    known = {weight.package.name for weight in catalogue.load().values()}
    assert len(known) == len({name.lower().replace("_", "-") for name in known})


def test_operators_name_only_weights_that_exist() -> None:
    known = set(catalogue.load()) | set(catalogue.own_nets())
    for name, operator in implemented().items():
        assert set(operator.weights) <= known, name


def test_own_nets_have_cards_that_match() -> None:
    for net in catalogue.own_nets().values():
        assert net.path.is_file()
        assert SHA.fullmatch(net.sha256)


def test_an_unknown_package_is_refused() -> None:
    text = '[packages]\n[weights.a]\npackage = "nowhere"\n'
    with pytest.raises(KeyError):
        catalogue.parse(text)
