"""Faces: detection at sizes and tilts, the mesh, the eyes."""

import cv2
import numpy as np
import pytest
from skimage import data

from xiutu.operators._anime.frame import Frame
from xiutu.operators._faces import detect, find

WOMAN = np.ascontiguousarray(data.astronaut()[:300, 80:380])


def turned(image, degrees):
    """``image`` rotated about its middle, clockwise, same size."""
    h, w = image.shape[:2]
    move = cv2.getRotationMatrix2D((w / 2, h / 2), -degrees, 1.0)
    return cv2.warpAffine(image, move, (w, h), borderMode=cv2.BORDER_REFLECT)


@pytest.fixture(scope="module")
def face():
    before = WOMAN.copy()
    faces = find(WOMAN)
    assert np.array_equal(before, WOMAN)
    assert len(faces) == 1
    return faces[0]


def test_mesh_lies_on_the_face(face):
    """Mesh points within 5 px of places read off the picture by eye."""
    assert face.score > 0.9
    for index, x, y in ((4, 145, 125), (13, 144, 143), (152, 142, 177)):
        assert np.hypot(face.points[index, 0] - x, face.points[index, 1] - y) < 5, index
    assert 98 < face.size < 120
    assert abs(face.tilt) < 0.15


def test_eyes_hold_their_irises(face):
    for eye in face.eyes:
        low, high = eye.contour.min(axis=0), eye.contour.max(axis=0)
        assert (eye.iris[0] > low).all()
        assert (eye.iris[0] < high).all()
    assert face.eyes[0].iris[0, 0] < face.eyes[1].iris[0, 0], "the picture's left eye first"


@pytest.mark.parametrize("degrees", [-45, -30, 30, 45])
def test_tilted_faces(face, degrees):
    """The tilt is found, and the tip of the nose turned with it."""
    found = find(turned(WOMAN, degrees))
    assert found
    assert found[0].tilt == pytest.approx(face.tilt + np.radians(degrees), abs=0.12)
    middle = np.float32([150, 150])
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    nose = np.array([[c, -s], [s, c]]) @ (face.points[4, :2] - middle) + middle
    assert np.hypot(*(found[0].points[4, :2] - nose)) < 0.08 * face.size


def test_small_faces_in_a_large_picture():
    """Two faces 32 px high in 900 x 600 px."""
    scene = np.full((600, 900, 3), (96, 120, 90), np.uint8)
    small = cv2.resize(WOMAN, (75, 75), interpolation=cv2.INTER_AREA)
    for x, y in ((120, 80), (700, 420)):
        scene[y : y + 75, x : x + 75] = small
    found = find(scene)
    assert sorted(round(f.centre[0]) // 300 for f in found) == [0, 2]
    assert all(24 < f.size < 42 for f in found)


def test_no_face():
    assert find(np.full((200, 300, 3), 128, np.uint8)) == []
    assert find(np.ascontiguousarray(data.coffee()[::4, ::4])) == []


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (10, 10), (10, 400)])
def test_any_size(size):
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert find(picture) == []


def test_deterministic(face):
    again = find(WOMAN)[0]
    assert np.array_equal(again.points, face.points)
    assert np.array_equal(again.eyes[1].iris, face.eyes[1].iris)


def test_overlapping_boxes_are_one():
    a = detect.Box(10, 10, 8, 0, 0.9)
    assert detect._overlap(a, a) == pytest.approx(1)
    assert detect._overlap(a, detect.Box(30, 10, 8, 0, 0.9)) == 0


def test_frame_there_and_back(face):
    frame = Frame.of(face)
    spots = np.float32([[0, 0], [0.3, -0.2], [-0.5, 1]])
    assert np.allclose(frame.from_picture(frame.to_picture(spots)), spots, atol=1e-4)
    chin = frame.from_picture(face.points[152:153, :2])[0]
    assert chin[1] == pytest.approx(0.67, abs=0.08)
    x, y = frame.grid((100, 90, 104, 93))
    assert x.shape == y.shape == (3, 4)
    assert np.allclose(
        [x[1, 2], y[1, 2]], frame.from_picture(np.float32([[102.5, 91.5]]))[0], atol=1e-5
    )
