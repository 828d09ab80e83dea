"""Prices and tiers: R-143 to R-158, R-173 to R-177; V1, V2, D1 to D8."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiutu.platform.billing import price_book
from xiutu.platform.billing.money import shown
from xiutu.platform.billing.price_book import BadPriceBook

BOOK = price_book.documented()
SIZES = (10_000, 100_000, 500_000, 1_000_000, 5_000_000)
TWO = 3_000_000

# operator: free personal/enterprise, packs, unit prices (the second above 3,000,000), add-on day/month
TABLE = {
    "colourize": (1000, 1500, (95, 900, 4200, 8000, 30000), ("0.01", "0.006"), 100, 1500),
    "style_trans": (200, 500, (430, 4000, 18000, 31000, 125000), ("0.045",), 100, 1500),
    "selfie_anime": (200, 500, (750, 7000, 32500, 55000, 240000), ("0.08",), 20, 300),
    "customize_stylization": (200, 500, (750, 7000, 32500, 55000, 240000), ("0.08",), 100, 1500),
    "dehaze": (1000, 3000, (65, 600, 2800, 5000, 20000), ("0.007", "0.0042"), 50, 750),
    "contrast_enhance": (1000, 3000, (55, 500, 2300, 4000, 18000), ("0.006", "0.0036"), 20, 300),
    "image_quality_enhance": (1000, 1500, (59, 570, 2750, 5000, 22500), ("0.006",), 20, 300),
    "stretch_restore": (1000, 3000, (75, 700, 3300, 6000, 24000), ("0.008", "0.0048"), 20, 300),
    "inpainting": (1000, 1500, (430, 4000, 18000, 31000, 125000), ("0.045",), 20, 300),
    "image_definition_enhance": (1000, 3000, (78, 750, 3500, 6500, 30000), ("0.008",), 20, 300),
    "color_enhance": (1000, 1500, (180, 1500, 6000, 10000, 40000), ("0.025",), 20, 300),
    "remove_moire": (50, 100, (800, 6000, 25000, 40000, 150000), ("0.1",), 20, 300),
    "doc_repair": (50, 100, (800, 6000, 25000, 40000, 150000), ("0.1",), 20, 300),
    "denoise": (50, 100, (180, 1500, 6000, 10000, 40000), ("0.025",), 20, 300),
}


@pytest.mark.parametrize("operator", TABLE)
def test_price_list(operator: str) -> None:
    """R-143 to R-156."""
    personal, enterprise, packs, units, day, month = TABLE[operator]
    prices = BOOK.of(operator)
    assert prices.free == {"personal": personal, "enterprise": enterprise}
    assert prices.packs == dict(zip(SIZES, map(Decimal, packs), strict=True))
    assert [tier.unit_price for tier in prices.tiers] == [Decimal(unit) for unit in units]
    assert [tier.up_to for tier in prices.tiers] == ([TWO, None] if len(units) == 2 else [None])
    assert (prices.addon_day, prices.addon_month) == (day, month)


def test_what_cannot_be_bought() -> None:
    """R-157, R-158, R-169: fourteen operators have prices."""
    segment, sky = BOOK.of("segment"), BOOK.of("sky_seg")
    assert segment.free == {"personal": 100, "enterprise": 200}
    assert sky.free is None
    assert not segment.purchasable and not sky.purchasable
    assert not segment.packs and not sky.packs
    assert {name for name, row in BOOK.prices.items() if row.purchasable} == set(TABLE)


@pytest.mark.parametrize(
    ("vector", "operator", "calls", "fee"),
    [
        ("V1", "image_quality_enhance", 5_000_000, "30000"),
        ("D1", "colourize", 5_000_000, "42000"),
        ("D2", "dehaze", 5_000_000, "29400"),
        ("D3", "contrast_enhance", 5_000_000, "25200"),
        ("D4", "stretch_restore", 5_000_000, "33600"),
        ("D5", "colourize", 3_000_000, "30000"),
        ("D6", "colourize", 3_000_001, "30000.006"),
        ("D8", "style_trans", 1, "0.045"),
    ],
)
def test_fees(vector: str, operator: str, calls: int, fee: str) -> None:
    """R-173, R-174, R-177."""
    assert BOOK.of(operator).fee(0, calls) == Decimal(fee), vector


def test_v2_pack_is_a_quarter_cheaper() -> None:
    """R-176."""
    prices = BOOK.of("image_quality_enhance")
    charged, pack = prices.fee(0, 5_000_000), prices.packs[5_000_000]
    assert (pack, charged - pack, (charged - pack) / charged) == (22500, 7500, Decimal("0.25"))


@given(
    operator=st.sampled_from(sorted(TABLE)),
    parts=st.lists(st.integers(0, 2_000_000), max_size=8),
)
def test_a_month_in_parts_costs_what_it_costs_at_once(operator: str, parts: list[int]) -> None:
    """Hourly bills add up to the month, whatever the hours were; shares have no gap."""
    prices = BOOK.of(operator)
    done, shares = 0, []
    for part in parts:
        shares += prices.split(done, part)
        done += part
    assert sum((share.amount for share in shares), Decimal(0)) == prices.fee(0, done)
    assert sum(share.calls for share in shares) == done
    position = 1
    for share in shares:
        assert share.first == position
        position += share.calls


def test_display_rounds_half_up_and_calculation_does_not() -> None:
    """A-59."""
    assert shown(Decimal("30000.005")) == "30000.01"
    assert shown(Decimal("0.0042")) == "0.00"
    assert shown(Decimal("-1.005")) == "-1.01"
    assert 3 * Decimal("0.0042") == Decimal("0.0126")


def test_price_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(
        """
        currency = "EUR"
        paid_qps = 20
        [operators.dehaze]
        free = {personal = 5, enterprise = 7}
        packs = {100 = 0.5}
        tiers = [{up_to = 10, unit_price = 0.0009}, {unit_price = 0.000001}]
        [operators.style_trans]
        purchasable = false
        """
    )
    book = price_book.load(path)
    dehaze = book.of("dehaze")
    assert (book.currency, book.paid_qps, book.free_qps) == ("EUR", 20, 2)
    assert dehaze.free == {"personal": 5, "enterprise": 7}
    assert dehaze.packs == {100: Decimal("0.5")}
    assert dehaze.fee(0, 12) == Decimal("0.009002")
    assert dehaze.addon_day == 50
    assert not book.of("style_trans").purchasable
    assert book.of("denoise") == BOOK.of("denoise")
    assert price_book.load(path, "points").currency == "points"
    assert price_book.load(None) == BOOK


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("currency = ", "Invalid value"),
        ("paid = 3", "paid"),
        ("paid_qps = 0", "greater than 0"),
        ("[operators.nothing]\nfree = {personal = 1, enterprise = 1}", "unknown operator nothing"),
        ("[operators.dehaze]\nfree = {personal = -1, enterprise = 1}", "greater than or equal"),
        ("[operators.dehaze]\npacks = {10 = 0}", "greater than 0"),
        ("[operators.dehaze]\npacks = {10 = 0.0000001}", "decimal places"),
        ("[operators.dehaze]\ntiers = [{unit_price = 1}, {unit_price = 2}]", "rising up_to"),
        ("[operators.dehaze]\ntiers = [{up_to = 5, unit_price = 1}]", "none in the last"),
        (
            "[operators.dehaze]\n"
            "tiers = [{up_to = 9, unit_price = 1}, {up_to = 5, unit_price = 1}, {unit_price = 1}]",
            "rising up_to",
        ),
        ("[operators.segment]\ntiers = [{unit_price = 1}]", "needs prices for addon"),
        ("[operators.dehaze]\ntiers = [{unit_price = nan}]", "finite"),
    ],
)
def test_a_price_file_with_faults_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(BadPriceBook, match=fault):
        price_book.load(path)


def test_a_price_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadPriceBook, match=r"none\.toml"):
        price_book.load(tmp_path / "none.toml")


def test_money_has_as_many_decimals_as_the_database_keeps() -> None:
    from xiutu.platform.billing.money import DECIMALS
    from xiutu.storage.schema import MONEY_DECIMALS

    assert DECIMALS == MONEY_DECIMALS
