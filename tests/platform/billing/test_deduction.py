"""What pays for a call, and how many a second: R-159 to R-170, R-178 to R-185, R-188; D13, D14."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiutu.errors import LimitReached, QuotaExhausted, TotalLimitReached
from xiutu.platform.billing import price_book
from xiutu.platform.billing.deduction import (
    AddonState,
    Charge,
    PackState,
    Source,
    Standing,
    Switch,
    give_back,
    keep,
    take,
)

BOOK = price_book.documented()
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


def standing(granted: int | None = 0, *packs: PackState, operator: str = "dehaze") -> Standing:
    return Standing(operator, granted, 0, NOW - YEAR, packs=list(packs))


def pack(id: int, calls: int, left: int | None = None, *, bought: datetime = NOW) -> PackState:
    return PackState(id, calls, calls if left is None else left, bought, bought + YEAR)


def test_order() -> None:
    """R-162, R-164: free quota, packs, pay-as-you-go."""
    one = replace(standing(1, pack(1, 2)), switch=Switch.ON)
    taken = [take(one, BOOK, NOW) for _ in range(4)]
    assert taken == [
        Charge(Source.FREE),
        Charge(Source.PACK, 1),
        Charge(Source.PACK, 1),
        Charge(Source.PAYG),
    ]


def test_order_of_packs() -> None:
    """R-165, A-55: first to lapse, then first bought, then smallest."""
    hour = timedelta(hours=1)
    lapses_first = replace(pack(1, 500, bought=NOW), expires_at=NOW + hour)
    bought_first = replace(pack(2, 500, bought=NOW - hour), expires_at=NOW + YEAR)
    small, large = pack(3, 100), pack(4, 500)
    lapsed = replace(pack(5, 100), expires_at=NOW)
    one = standing(0, large, lapsed, small, bought_first, lapses_first)
    assert [p.id for p in one.usable_packs(NOW)] == [1, 2, 3, 4]


def test_d14_the_smaller_of_two_packs_first() -> None:
    one = standing(0, pack(1, 100_000), pack(2, 10_000))
    for _ in range(10_500):
        take(one, BOOK, NOW)
    assert {p.id: p.left for p in one.packs} == {2: 0, 1: 99_500}


def test_d13_the_free_state_ends_with_17() -> None:
    """R-163."""
    one = standing(3000)
    for _ in range(3000):
        keep(one, take(one, BOOK, NOW), succeeded=False)
    with pytest.raises(QuotaExhausted):
        take(one, BOOK, NOW)
    assert one.used == 3000


def test_used_up_pack_means_pay_as_you_go() -> None:
    """R-166, A-56; and the switch stops it."""
    one = standing(0, pack(1, 10_000, left=1))
    assert take(one, BOOK, NOW).source is Source.PACK
    assert take(one, BOOK, NOW).source is Source.PAYG
    with pytest.raises(QuotaExhausted):
        take(replace(one, switch=Switch.OFF), BOOK, NOW)
    lapsed = replace(pack(1, 10_000, left=7), expires_at=NOW)
    with pytest.raises(QuotaExhausted):  # lapsed is not used up
        take(standing(0, lapsed), BOOK, NOW)


def test_failed_calls() -> None:
    """R-160, R-167, A-51."""
    free = standing(5)
    assert keep(free, take(free, BOOK, NOW), succeeded=False).source is Source.FREE
    assert free.free_left(NOW) == 4
    packs = standing(0, pack(1, 10))
    assert keep(packs, take(packs, BOOK, NOW), succeeded=False).source is Source.NONE
    assert packs.packs[0].left == 10
    payg = replace(standing(0), switch=Switch.ON)
    assert keep(payg, take(payg, BOOK, NOW), succeeded=False).source is Source.NONE


def test_withdrawn_or_delayed_quota_is_no_quota() -> None:
    """R-005, R-006."""
    for one in (
        replace(standing(5), withdrawn=True),
        replace(standing(5), usable_from=NOW + timedelta(seconds=1)),
    ):
        with pytest.raises(QuotaExhausted):
            take(one, BOOK, NOW)


def test_arrears_leave_quota_and_packs() -> None:
    """R-188, A-64."""
    one = replace(standing(1, pack(1, 1)), switch=Switch.ON, arrears=True)
    assert [take(one, BOOK, NOW).source for _ in range(2)] == [Source.FREE, Source.PACK]
    with pytest.raises(QuotaExhausted):
        take(one, BOOK, NOW)


def test_total_limit_is_19_after_17() -> None:
    capped = replace(standing(5), cap=2)
    take(capped, BOOK, NOW)
    take(capped, BOOK, NOW)
    with pytest.raises(TotalLimitReached):
        take(capped, BOOK, NOW)
    with pytest.raises(QuotaExhausted):
        take(replace(standing(0), cap=0), BOOK, NOW)


def test_sky_seg_is_not_counted_but_may_be_capped() -> None:
    """R-158, A-69."""
    sky = standing(None, operator="sky_seg")
    assert {take(sky, BOOK, NOW).source for _ in range(5000)} == {Source.OPEN}
    with pytest.raises(TotalLimitReached):
        take(replace(sky, cap=5000), BOOK, NOW)


def test_segment_is_never_charged() -> None:
    """R-157: not even when the switch says so."""
    with pytest.raises(QuotaExhausted):
        take(replace(standing(0, operator="segment"), switch=Switch.ON), BOOK, NOW)


def test_qps() -> None:
    """R-178, R-179, R-183, R-184 (V3), A-63, A-64."""
    addon = AddonState(10, NOW, NOW + timedelta(days=31))
    free = replace(standing(5), addons=(addon,))
    assert free.qps(BOOK, NOW) == 2
    on = replace(free, switch=Switch.ON)
    assert on.qps(BOOK, NOW) == 20
    assert on.qps(BOOK, NOW - timedelta(seconds=1)) == 10
    assert on.qps(BOOK, addon.ends_at) == 10
    assert replace(on, arrears=True).qps(BOOK, NOW) == 2
    with_pack = standing(5, pack(1, 10))
    assert with_pack.qps(BOOK, NOW) == 10
    two = standing(5, pack(1, 10), pack(2, 10))
    assert two.qps(BOOK, NOW) == 10  # A-69b


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    packs = [
        PackState(
            number,
            calls := draw(st.integers(1, 4)),
            draw(st.integers(0, calls)),
            NOW - timedelta(days=draw(st.integers(0, 400))),
            NOW + timedelta(days=draw(st.integers(-3, 3))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    granted = draw(st.integers(0, 4))
    return Standing(
        operator="dehaze",
        granted=granted,
        used=draw(st.integers(0, granted)),
        usable_from=NOW,
        withdrawn=draw(st.booleans()),
        switch=draw(st.sampled_from(Switch)),
        cap=draw(st.none() | st.integers(0, 6)),
        arrears=draw(st.booleans()),
        packs=packs,
    )


@given(standings(), st.lists(st.sampled_from(["succeed", "fail", "give back"]), max_size=20))
def test_invariants(one: Standing, calls: list[str]) -> None:
    """Never negative, the order kept, nothing taken by a refusal, everything given back."""

    def copy() -> Standing:
        return replace(one, packs=[replace(p) for p in one.packs])

    for how in calls:
        before = copy()
        try:
            charge = take(one, BOOK, NOW)
        except LimitReached:
            assert one == before
            return
        if before.free_left(NOW) > 0:
            assert charge.source is Source.FREE
        elif before.usable_packs(NOW):
            assert charge == Charge(Source.PACK, before.usable_packs(NOW)[0].id)
        else:
            assert charge.source is Source.PAYG and not one.arrears
        if how == "give back":
            give_back(one, charge)
            assert one == before
        else:
            final = keep(one, charge, succeeded=how == "succeed")
            assert final == charge or (how == "fail" and final.source is Source.NONE)
        assert one.used <= (one.granted or 0)
        assert all(0 <= p.left <= p.calls for p in one.packs)
        assert one.cap is None or one.cap_used <= one.cap
