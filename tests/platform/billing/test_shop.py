"""Packs, add-ons, switches: R-168 to R-171, R-181, R-182, R-184; V3, D9 to D11, D14, D15."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from tests.platform.billing.conftest import Caller
from tests.platform.conftest import TurnableClock
from xiutu.errors import (
    InsufficientBalance,
    InvalidParameter,
    NotPurchasable,
    NotRefundable,
    PackNotFound,
    QuotaExhausted,
)
from xiutu.platform.billing.deduction import Source, Switch
from xiutu.platform.billing.models import Kind, Unit


@pytest.fixture
def rich(caller: Caller) -> Caller:
    """100,000 in cash and no free quota."""
    caller.billing.wallets.topup(caller.account, 100_000)
    caller.billing.grants.withdraw(caller.account)
    return caller


def test_a_pack_is_paid_at_once_and_used(rich: Caller) -> None:
    """R-170."""
    shop = rich.billing.shop
    pack = shop.buy_pack(rich.account, "dehaze", 10_000)
    assert (pack.price, rich.cash()) == (65, 99_935)
    assert rich.call() is Source.PACK
    assert shop.packs(rich.account)[0].left == 9_999
    rich.verified()


def test_d14_packs_of_the_same_second(rich: Caller) -> None:
    """R-165, R-170: they stack; the smaller is used first."""
    large = rich.billing.shop.buy_pack(rich.account, "dehaze", 100_000)
    small = rich.billing.shop.buy_pack(rich.account, "dehaze", 10_000)
    rich.calls(3)
    left = {pack.id: pack.left for pack in rich.billing.shop.packs(rich.account)}
    assert left == {large.id: 100_000, small.id: 9_997}
    rich.verified()


def test_d15_a_pack_lapses(rich: Caller, clock: TurnableClock) -> None:
    """R-170."""
    pack = rich.billing.shop.buy_pack(rich.account, "dehaze", 10_000)
    clock.now = pack.expires_at
    clock.turn(microseconds=-1)
    assert rich.call() is Source.PACK
    clock.now = pack.expires_at
    with pytest.raises(QuotaExhausted):
        rich.call()
    (lapsed,) = rich.billing.shop.packs(rich.account)
    assert (lapsed.left, lapsed.usable_calls(clock())) == (9_999, 0)
    assert not rich.resource().paid
    rich.verified()


def test_refund(rich: Caller, clock: TurnableClock) -> None:
    """R-171, A-61: unused, within 7 x 24 hours, the full price, once."""
    shop = rich.billing.shop
    unused = shop.buy_pack(rich.account, "dehaze", 100_000)
    clock.turn(days=7)
    assert shop.refund_pack(rich.account, unused.id).refunded_at == clock()
    assert rich.cash() == 100_000
    with pytest.raises(NotRefundable, match="before"):
        shop.refund_pack(rich.account, unused.id)
    with pytest.raises(QuotaExhausted):
        rich.call()
    late = shop.buy_pack(rich.account, "dehaze", 100_000)
    clock.turn(days=7, seconds=1)
    with pytest.raises(NotRefundable, match="7 days"):
        shop.refund_pack(rich.account, late.id)
    rich.verified()


def test_a_used_pack_is_not_refunded(rich: Caller) -> None:
    """R-171; nor one that a call at work holds on to."""
    shop = rich.billing.shop
    pack = shop.buy_pack(rich.account, "dehaze", 10_000)
    ticket = rich.admit()
    with pytest.raises(NotRefundable, match="calls were made"):
        shop.refund_pack(rich.account, pack.id)
    rich.finish(ticket, code=282000)  # failed: the pack is whole again
    shop.refund_pack(rich.account, pack.id)
    another = shop.buy_pack(rich.account, "dehaze", 10_000)
    rich.call()
    with pytest.raises(NotRefundable):
        shop.refund_pack(rich.account, another.id)
    rich.verified()


def test_packs_of_others(rich: Caller, new_caller: Callable[..., Caller]) -> None:
    pack = rich.billing.shop.buy_pack(rich.account, "dehaze", 10_000)
    other = new_caller("other")
    with pytest.raises(PackNotFound):
        rich.billing.shop.refund_pack(other.account, pack.id)
    with pytest.raises(PackNotFound):
        rich.billing.shop.refund_pack(rich.account, pack.id + 1)


@pytest.mark.parametrize("operator", ["segment", "sky_seg"])
def test_what_cannot_be_bought(rich: Caller, operator: str) -> None:
    """R-157, R-158, R-169."""
    shop = rich.billing.shop
    with pytest.raises(NotPurchasable):
        shop.buy_pack(rich.account, operator, 10_000)
    with pytest.raises(NotPurchasable):
        shop.set_payg(rich.account, operator, Switch.ON)
    with pytest.raises(NotPurchasable):
        shop.buy_addon(rich.account, operator, 1)
    assert rich.cash() == 100_000


def test_sizes_and_balance(caller: Caller) -> None:
    shop = caller.billing.shop
    with pytest.raises(NotPurchasable, match="10000, 100000, 500000, 1000000, 5000000"):
        shop.buy_pack(caller.account, "dehaze", 7)
    with pytest.raises(InsufficientBalance):
        shop.buy_pack(caller.account, "dehaze", 10_000)
    with pytest.raises(InvalidParameter):
        shop.buy_pack(caller.account, "nothing", 10_000)
    assert shop.packs(caller.account) == ()
    caller.verified()


def test_the_switch(caller: Caller) -> None:
    """R-168: for each interface by itself."""
    caller.billing.grants.withdraw(caller.account)
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.ON)
    assert caller.call("dehaze") is Source.PAYG
    with pytest.raises(QuotaExhausted):
        caller.call("denoise")
    caller.billing.shop.set_payg(caller.account, "dehaze", Switch.OFF)
    with pytest.raises(QuotaExhausted):
        caller.call("dehaze")


def test_an_addon_needs_the_paid_state(rich: Caller) -> None:
    """R-181."""
    shop = rich.billing.shop
    with pytest.raises(NotPurchasable, match="needs"):
        shop.buy_addon(rich.account, "dehaze", 4)
    shop.buy_pack(rich.account, "dehaze", 10_000)
    shop.buy_addon(rich.account, "dehaze", 4)
    with pytest.raises(NotPurchasable):
        shop.buy_addon(rich.account, "denoise", 4)
    shop.set_payg(rich.account, "denoise", Switch.ON)
    shop.buy_addon(rich.account, "denoise", 4)


@pytest.mark.parametrize(
    ("vector", "operator", "qps", "unit", "periods", "price"),
    [
        ("V3", "image_quality_enhance", 10, Unit.MONTH, 1, 3000),
        ("D9", "selfie_anime", 5, Unit.DAY, 3, 300),
        ("D10", "colourize", 2, Unit.MONTH, 1, 3000),
        ("D11", "dehaze", 4, Unit.DAY, 2, 400),
    ],
)
def test_addon_prices(
    rich: Caller, vector: str, operator: str, qps: int, unit: Unit, periods: int, price: int
) -> None:
    """R-182, R-184."""
    rich.billing.shop.set_payg(rich.account, operator, Switch.ON)
    addon = rich.billing.shop.buy_addon(rich.account, operator, qps, unit=unit, periods=periods)
    assert addon.price == price, vector
    assert rich.cash() == 100_000 - price
    assert rich.resource(operator).qps == 10 + qps
    rich.verified()


def test_addons_of_later_and_their_end(rich: Caller, clock: TurnableClock) -> None:
    """R-183, R-185, A-63: 0:00 to 24:00; calls are charged as ever; no effect out of the paid state."""
    shop = rich.billing.shop
    shop.set_payg(rich.account, "dehaze", Switch.ON)
    addon = shop.buy_addon(rich.account, "dehaze", 3, first_day=date(2026, 3, 5), periods=2)
    assert shop.addons(rich.account) == (addon,)
    found = []
    for moment in (addon.starts_at, addon.ends_at):
        for microseconds in (-1, 0):
            clock.now = moment
            clock.turn(microseconds=microseconds)
            found.append(rich.resource().qps)
    assert found == [10, 13, 13, 10]
    clock.now = addon.starts_at
    assert rich.call() is Source.PAYG
    shop.set_payg(rich.account, "dehaze", Switch.OFF)
    assert rich.resource().qps == 2


@pytest.mark.parametrize(
    ("qps", "periods", "first"),
    [
        (0, 1, None),
        (1, 0, None),
        (10_001, 1, None),
        (1, 367, None),
        (1, 1, date(2026, 2, 28)),
        (1, 1, date(2027, 6, 1)),
    ],
)
def test_odd_addons(rich: Caller, qps: int, periods: int, first: date | None) -> None:
    rich.billing.shop.set_payg(rich.account, "dehaze", Switch.ON)
    with pytest.raises(InvalidParameter):
        rich.billing.shop.buy_addon(rich.account, "dehaze", qps, periods=periods, first_day=first)


def test_vouchers_pay_first_and_get_it_back(rich: Caller, clock: TurnableClock) -> None:
    wallets, shop = rich.billing.wallets, rich.billing.shop
    wallets.issue_voucher(rich.account, 40)
    pack = shop.buy_pack(rich.account, "dehaze", 10_000)
    assert [v.left for v in wallets.vouchers(rich.account)] == [0]
    assert rich.cash() == 100_000 - 25
    shop.refund_pack(rich.account, pack.id)
    assert [v.left for v in wallets.vouchers(rich.account)] == [40]
    assert rich.cash() == 100_000
    kinds = [row.kind for row in wallets.movements(rich.account)]
    assert kinds == [Kind.REFUND, Kind.REFUND, Kind.PACK, Kind.PACK, Kind.VOUCHER, Kind.TOPUP]
    assert sum(row.amount for row in wallets.movements(rich.account)) == Decimal(100_040)
    rich.verified()
