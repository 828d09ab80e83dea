"""Which colour each place of a grey picture probably has: the net ``colourize`` and its decoding.

The net names a distribution over some 200 colours for every 4 x 4 pixels of a reduced picture
(Zhang, Isola, Efros, ECCV 2016, doi:10.1007/978-3-319-46487-9_40). Rare, saturated colours are
weighted up (``BOLDNESS``) and the distribution is sharpened before its mean is taken
(``TEMPERATURE``, the "annealed mean"): the plain mean is the safest guess and looks like mud.
Before that the evidence is shared among neighbours of like brightness (fast global smoother, Min et
al., IEEE TIP 2014, doi:10.1109/TIP.2014.2366600), so that one surface settles on one colour.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models import session, threads

__all__ = ["NET", "chrominance"]

Float = NDArray[np.float32]

NET = "colourize"
PIXELS = 272 * 272  # of the reduced picture
LONGEST = 768  # side of it, px
GRAIN = 32  # its sides are multiples of this, px
BOLDNESS = 0.3
TEMPERATURE = 0.5
AGREE, EDGE = 3.0, 12.0  # of the smoother: strength, levels of luma that stop it


def chrominance(grey: NDArray[np.uint8]) -> Float:
    """Probable CIELAB a and b.

    Args:
        grey: H x W uint8, sRGB, any size; pictures near 272 x 272 px are judged best.

    Returns:
        h x w x 2 float32, CIELAB units, about 64 x 64 with the proportions of the picture.
    """
    view = _reduced(grey)
    net = session(NET, threads())
    nodes, rarity = net.run(
        ["nodes", "rarity"], {"grey": np.zeros((1, 1, GRAIN, GRAIN), np.float32)}
    )
    both = []
    for turned in (False, True):  # the mean of a picture and its mirror image is less blotchy
        seen = view[:, ::-1] if turned else view
        (found,) = net.run(["logits"], {"grey": np.ascontiguousarray(seen)[None, None]})
        places = found[0].transpose(1, 2, 0)
        both.append(places[:, ::-1] if turned else places)
    logits = np.asarray((both[0] + both[1]) / 2, np.float32)
    return decoded(_agreed(logits, view), nodes, rarity)


def decoded(logits: Float, nodes: Float, rarity: Float) -> Float:
    """Annealed mean of the colours; ``logits`` h x w x q, ``nodes`` q x 2, ``rarity`` q."""
    bold = (logits + BOLDNESS * np.log(rarity)) / TEMPERATURE
    share = np.exp(bold - bold.max(axis=2, keepdims=True))
    share /= share.sum(axis=2, keepdims=True)
    return np.asarray(share @ nodes, np.float32)


def _agreed(logits: Float, view: Float) -> Float:
    """Evidence smoothed along the surfaces of the picture; h x w x q."""
    size = (logits.shape[1], logits.shape[0])
    guide = np.rint(255 * cv2.resize(view, size, interpolation=cv2.INTER_AREA)).astype(np.uint8)
    smooth = cv2.ximgproc.createFastGlobalSmootherFilter(guide, AGREE, EDGE)
    planes = np.ascontiguousarray(logits.transpose(2, 0, 1))
    return np.stack([smooth.filter(plane) for plane in planes], axis=2).astype(np.float32)


def _reduced(grey: NDArray[np.uint8]) -> Float:
    """The picture at the size the net likes, 0..1; proportions are kept to within 32 px."""
    height, width = grey.shape
    scale = min((PIXELS / (height * width)) ** 0.5, LONGEST / max(height, width))
    size = [max(GRAIN, round(side * scale / GRAIN) * GRAIN) for side in (width, height)]
    shrinks = size[0] < width and size[1] < height
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    small = cv2.resize(grey, (size[0], size[1]), interpolation=way)
    return np.asarray(small.reshape(size[1], size[0]), np.float32) / np.float32(255)
