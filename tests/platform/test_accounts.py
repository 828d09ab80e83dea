import pytest

from xiutu.errors import AccountNotFound, InvalidParameter, NameTaken
from xiutu.platform.facade import Platform
from xiutu.platform.models import AccountKind, Plan


def test_create_and_read_back(platform: Platform) -> None:
    made = platform.accounts.create("医院", AccountKind.PERSONAL, Plan.METERED)
    assert platform.accounts.get("医院") == made
    assert (made.kind, made.plan) == (AccountKind.PERSONAL, Plan.METERED)
    assert [account.name for account in platform.accounts.all()] == ["default", "医院"]


def test_names_are_unique(platform: Platform) -> None:
    platform.accounts.create("acme")
    with pytest.raises(NameTaken, match="acme"):
        platform.accounts.create(" acme ")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "\x1b[31m", "\ud800", "x" * 65])
def test_impossible_names(platform: Platform, name: str) -> None:
    with pytest.raises(InvalidParameter):
        platform.accounts.create(name)


@pytest.mark.parametrize("name", ["nobody", "", "a\0b", "\ud800", "%"])
def test_unknown_account(platform: Platform, name: str) -> None:
    with pytest.raises(AccountNotFound):
        platform.accounts.get(name)


def test_the_default_account_is_made_once(platform: Platform) -> None:
    first = platform.accounts.ensure_default()
    assert platform.accounts.ensure_default() == first
    assert first.plan is Plan.UNLIMITED
