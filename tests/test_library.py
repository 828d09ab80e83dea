"""``import xiutu``: results in kind, no side effects."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

import xiutu
from tests.pictures import encoded, photo
from tests.server import jpeg
from xiutu.errors import InvalidParameter, OperatorUnavailable, PictureError, UnsupportedFormat
from xiutu.image.decode import decode
from xiutu.operators._registry import implemented


def test_operators_lists_what_is_there() -> None:
    assert xiutu.operators() == tuple(implemented())
    assert "dehaze" in xiutu.operators()


def test_array_in_array_out() -> None:
    before = photo().copy()
    result = xiutu.run("dehaze", before, strength=0.9)
    assert isinstance(result, np.ndarray) and result.shape == before.shape
    np.testing.assert_array_equal(before, photo())


def test_grey_and_rgba_arrays() -> None:
    grey = photo()[:, :, 0]
    assert xiutu.run("dehaze", grey).shape == (240, 320, 3)
    rgba = np.dstack([photo(), np.full((240, 320), 90, np.uint8)])
    assert xiutu.run("dehaze", rgba).shape == (240, 320, 4)


def test_bytes_path_and_pil(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(jpeg())
    assert xiutu.run("dehaze", jpeg()).startswith(b"\xff\xd8\xff")
    for source in (file, str(file), Image.open(file)):
        result = xiutu.run("dehaze", source)
        assert isinstance(result, Image.Image) and result.size == (320, 240)


def test_all_ways_agree() -> None:
    array = xiutu.run("color_enhance", photo())
    image = xiutu.run("color_enhance", Image.fromarray(photo()))
    np.testing.assert_array_equal(array, np.asarray(image))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_pil_image_is_treated_like_its_file(name: str, orientation: int) -> None:
    """Orientation, profile and all: the same picture whichever way it comes in."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and blue exchanged, under a name that is not taken for sRGB itself.
    for old, new in ((b"rXYZ", b"----"), (b"bXYZ", b"rXYZ"), (b"----", b"bXYZ")):
        profile = profile.replace(old, new)
    profile = profile.replace("sRGB".encode("utf-16-be"), "test".encode("utf-16-be"))
    data = encoded(photo(), name, exif=exif, icc_profile=profile)
    by_bytes = np.asarray(decode(xiutu.run("color_enhance", encoded(decode(data).rgb))).rgb)
    with Image.open(BytesIO(data)) as image:
        by_image = np.asarray(xiutu.run("color_enhance", image))
    assert by_image.shape == ((320, 240, 3) if orientation == 6 else (240, 320, 3))
    np.testing.assert_array_equal(by_image, by_bytes)
    assert (
        decode(data).rgb[:, :, 2].mean() > decode(data).rgb[:, :, 0].mean()
    )  # the profile counted


def test_sixteen_bit_pil_images_keep_their_range() -> None:
    grey = photo()[:, :, 1]
    due = np.asarray(xiutu.run("dehaze", grey))
    for wide in (grey.astype(np.uint16) * 257, grey.astype(np.int32) * 257):
        result = np.asarray(xiutu.run("dehaze", Image.fromarray(wide)))
        np.testing.assert_array_equal(result, due)


def test_pil_modes() -> None:
    image = Image.fromarray(photo())
    for mode in ("1", "L", "P", "CMYK", "YCbCr", "HSV", "RGBX", "F"):
        assert xiutu.run("dehaze", image.convert("L" if mode == "F" else "RGB").convert(mode)).size
    for mode in ("LA", "RGBA", "La", "RGBa", "PA"):
        first = "LA" if mode == "La" else "RGBA"
        image = Image.fromarray(np.dstack([photo(), photo()[:, :, 0]])).convert(first)
        result = xiutu.run("dehaze", image.convert(mode))
        assert result.mode == "RGBA", mode


def test_unusable_pil_image() -> None:
    with Image.open(BytesIO(jpeg()[:3000])) as image, pytest.raises(PictureError):
        xiutu.run("dehaze", image)


def test_errors() -> None:
    with pytest.raises(OperatorUnavailable, match="dehaze"):
        xiutu.run("dehase", photo())
    with pytest.raises(InvalidParameter):
        xiutu.run("dehaze", photo(), strength=3)
    with pytest.raises(UnsupportedFormat):
        xiutu.run("dehaze", b"text")
    with pytest.raises(TypeError, match="uint8"):
        xiutu.run("dehaze", photo().astype(np.float32))
    with pytest.raises(FileNotFoundError):
        xiutu.run("dehaze", "absent.jpg")


def test_import_is_light_and_silent() -> None:
    """No decoder, no runtime and no telemetry is started by ``import xiutu``."""
    code = "import sys, os, xiutu; heavy = {'cv2', 'onnxruntime', 'numpy'} & set(sys.modules); "
    code += "assert not heavy, heavy; assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_telemetry_thread() -> None:
    """onnxruntime would start an uploader thread at import."""
    code = (
        "import xiutu, onnxruntime, pathlib\n"
        "tasks = pathlib.Path('/proc/self/task').iterdir()\n"
        "names = [task.joinpath('comm').read_text().strip() for task in tasks]\n"
        "print(len(names), names)\n"
        "assert len(names) == 1, names"
    )
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PATH": "/usr/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
