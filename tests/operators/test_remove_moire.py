"""Moire of simulated screen photos goes, other pictures are left alone; the answer on the wire."""

import base64

import cv2
import numpy as np
import pytest
from skimage import data

import xiutu
from tests.pictures import Array, encoded, noise, photo
from tests.server import RunningServer
from xiutu.errors import InvalidParameter
from xiutu.image.decode import decode
from xiutu.operators import remove_moire
from xiutu.operators._nets.demoire import restored, study


def _shot(content: Array) -> tuple[Array, Array]:
    """``content`` photographed off a screen: with the screen's pixels, and had it none.

    Red, green and blue stripes with dark rows between, turned by 3 degrees, through a Bayer mosaic.
    """
    height, width = content.shape[:2]
    light = cv2.resize(
        (content / np.float32(255)) ** 2.2, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST
    )
    lattice = np.zeros_like(light)
    for channel in range(3):
        lattice[:, channel::3, channel] = 3
    lattice[2::3] *= 0.3
    lattice /= lattice.mean()
    turn = cv2.getRotationMatrix2D((width * 1.5, height * 1.5), 3, 1.65 / 3)
    turn[:, 2] += np.array([width, height]) * (1.65 - 3) / 2
    size = (round(width * 1.65), round(height * 1.65))
    seen = []
    for picture in (light * lattice, light):
        soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
        view = cv2.warpAffine(soft, turn, size, borderMode=cv2.BORDER_REFLECT)
        seen.append(np.rint(255 * view.clip(0, 1) ** (1 / 2.2)).astype(np.uint8))
    mosaic = seen[0][:, :, 1].copy()
    mosaic[0::2, 0::2] = seen[0][0::2, 0::2, 0]
    mosaic[1::2, 1::2] = seen[0][1::2, 1::2, 2]
    seen[0] = cv2.cvtColor(mosaic, cv2.COLOR_BayerRGGB2RGB)
    moire, plain = (
        cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8) for p in seen
    )
    return moire, plain


def _fitted_psnr(image: Array, goal: Array) -> float:
    """PSNR after the per-channel gain and offset that fit best."""
    error = 0.0
    for channel in range(3):
        x, y = (v[:, :, channel].astype(float).ravel() for v in (image, goal))
        error += float(np.mean((y - np.polyval(np.polyfit(x, y, 1), x)) ** 2)) / 3
    return 10 * float(np.log10(255**2 / error))


def test_moire_goes() -> None:
    moire, plain = _shot(photo(480, 360))
    result = xiutu.run("remove_moire", moire)
    assert result.shape == moire.shape
    assert _fitted_psnr(result, plain) > _fitted_psnr(moire, plain) + 2


def test_half_size_path_takes_wide_moire_off() -> None:
    """The path of large pictures, forced: moire twice as wide."""
    moire, plain = (
        cv2.resize(p, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        for p in _shot(photo(480, 360))
    )
    result = remove_moire.cleaned(moire, half=True)
    assert _fitted_psnr(result, plain) > _fitted_psnr(moire, plain) + 1.5


@pytest.mark.parametrize("name", ["coffee", "chelsea", "astronaut"])
def test_pictures_without_moire_stay(name: str) -> None:
    picture = np.ascontiguousarray(getattr(data, name)()[:400, :400])
    np.testing.assert_array_equal(xiutu.run("remove_moire", picture), picture)


def test_judge_tells_screens_from_scenes() -> None:
    moire, plain = _shot(photo(480, 360))
    assert study(moire).score > study(plain).score + 2


def test_tiles_leave_no_seams() -> None:
    """Restored in tiles or as a window of its own, the pixels near a tile's edge agree."""
    moire = np.ascontiguousarray(np.tile(_shot(photo(480, 360))[0], (2, 2, 1)))
    whole = restored(moire)[400:640, 400:640].astype(int)
    window = restored(np.ascontiguousarray(moire[304:736, 304:736]))[96:336, 96:336].astype(int)
    assert np.abs(whole - window).max() <= 3


def test_grey_stays_grey() -> None:
    moire, _ = _shot(photo(320, 240))
    grey = cv2.cvtColor(cv2.cvtColor(moire, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    result = xiutu.run("remove_moire", grey)
    assert np.ptp(result, axis=2).max() == 0


@pytest.mark.parametrize(
    "size", [(1, 1), (1, 9), (15, 15), (17, 130), (10, 5000), (5000, 10), (200, 127)]
)
def test_any_size(size: tuple[int, int]) -> None:
    picture = noise(*size)
    before = picture.copy()
    for half in (False, True):
        result = remove_moire.cleaned(picture, half=half)
        assert result.shape == picture.shape
        assert result.dtype == np.uint8
    assert restored(picture).shape == picture.shape
    np.testing.assert_array_equal(picture, before)


def test_page_number_concerns_pdfs_only() -> None:
    """R-106: what ``pdf_file_num`` says is of no consequence to a picture; other names are refused."""
    picture = photo(160, 120)
    result = xiutu.run("remove_moire", picture, pdf_file_num="7")
    np.testing.assert_array_equal(result, xiutu.run("remove_moire", picture))
    with pytest.raises(InvalidParameter):
        xiutu.run("remove_moire", picture, strength=0.5)


def test_answer(server: RunningServer) -> None:
    """R-102, R-106: ``image_processed``, a number as ``log_id``, nothing of PDFs."""
    moire, _ = _shot(photo(320, 240))
    answer = server.call("remove_moire", image=encoded(moire), pdf_file_num="3")
    assert set(answer) == {"image_processed", "log_id"}
    assert isinstance(answer["log_id"], int)
    assert decode(base64.b64decode(answer["image_processed"])).rgb.shape == moire.shape


@pytest.mark.parametrize(("size", "code"), [((14, 40), 216202), ((15, 15), None)])
def test_sides(server: RunningServer, size: tuple[int, int], code: int | None) -> None:
    """R-065: sides from 15 px on."""
    answer = server.call("remove_moire", image=encoded(noise(*size)))
    assert answer.get("error_code") == code
