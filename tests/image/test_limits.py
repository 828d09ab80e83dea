"""Documented borders: the last value inside passes, the first outside fails."""

import pytest

from xiutu import contract
from xiutu.errors import PictureSizeError, UnsupportedFormat
from xiutu.gateway.baidu.sources import limits_of
from xiutu.image.header import Header

TEN = [
    "colourize",
    "style_trans",
    "selfie_anime",
    "dehaze",
    "contrast_enhance",
    "stretch_restore",
    "inpainting",
    "image_definition_enhance",
    "color_enhance",
    "sky_seg",
]


def _passes(operator: str, width: int, height: int, source: str = "image") -> bool:
    limits = limits_of(contract.operator(operator).image_limits[source])
    try:
        limits.check(Header("png", width, height))
    except PictureSizeError:
        return False
    return True


@pytest.mark.parametrize("source", ["image", "url"])
@pytest.mark.parametrize("operator", TEN)
def test_ten_operators(operator: str, source: str) -> None:
    """R-060 to R-062."""
    assert _passes(operator, 10, 10, source)
    assert not _passes(operator, 9, 10, source)
    assert not _passes(operator, 10, 9, source)
    assert _passes(operator, 5000, 5000, source)
    assert not _passes(operator, 5001, 5000, source)
    assert not _passes(operator, 5000, 5001, source)
    assert _passes(operator, 4000, 1000, source)
    assert not _passes(operator, 4001, 1000, source)
    assert not _passes(operator, 1000, 4001, source)


def test_image_quality_enhance_pixel_product() -> None:
    """R-063."""
    assert _passes("image_quality_enhance", 2000, 2000)
    assert _passes("image_quality_enhance", 4000, 1000)
    assert _passes("image_quality_enhance", 4_000_000, 1)
    assert not _passes("image_quality_enhance", 2001, 2000)
    assert not _passes("image_quality_enhance", 4001, 1000)


@pytest.mark.parametrize(
    ("operator", "low", "high"),
    [
        ("doc_repair", 50, 4096),
        ("denoise", 50, 1999),
        ("segment", 128, 3000),
        ("remove_moire", 15, 4096),
    ],
)
def test_side_ranges(operator: str, low: int, high: int) -> None:
    """R-065 to R-068."""
    assert _passes(operator, low, high)
    assert not _passes(operator, low - 1, high)
    assert not _passes(operator, low, high + 1)


def test_customize_stylization_ratio_only_by_url() -> None:
    """R-064, A-17."""
    assert _passes("customize_stylization", 50, 4096)
    assert not _passes("customize_stylization", 50, 4096, "url")
    assert _passes("customize_stylization", 1000, 4000, "url")
    assert not _passes("customize_stylization", 49, 4096, "style")


@pytest.mark.parametrize("operator", contract.operator_ids())
def test_formats(operator: str) -> None:
    """R-056, R-069: png, jpg, bmp everywhere, webp at segment only."""
    limits = limits_of(contract.operator(operator).image_limits["image"])
    for kind in ("png", "jpeg", "bmp"):
        limits.check(Header(kind, 500, 500))
    for kind in ("webp", "gif", "tiff"):
        if (operator, kind) == ("segment", "webp"):
            limits.check(Header(kind, 500, 500))
        else:
            with pytest.raises(UnsupportedFormat):
                limits.check(Header(kind, 500, 500))


def test_base64_limits() -> None:
    """R-060, R-063 to R-068: 1 M is 1,048,576, inclusive (A-10)."""
    expected = dict.fromkeys(TEN, 10) | {
        "image_quality_enhance": 4,
        "customize_stylization": 4,
        "remove_moire": 4,
        "doc_repair": 4,
        "denoise": 3,
        "segment": 10,
    }
    for operator, megabytes in expected.items():
        limits = limits_of(contract.operator(operator).image_limits["image"])
        assert limits.max_base64 == megabytes * 1_048_576
        assert limits.max_bytes == limits.max_base64 // 4 * 3
