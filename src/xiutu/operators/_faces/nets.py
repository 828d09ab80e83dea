"""The TFLite networks, run by OpenCV.

The classic engine is asked for by name: the default one of OpenCV 5 silently drops the score output
of the detectors.
"""

import os
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from xiutu.models.store import checked_path

__all__ = ["DETECTOR", "IRIS", "MESH", "run"]

DETECTOR = "face_detection_full_range"
MESH = "face_landmark"
IRIS = "iris_landmark"

Float = NDArray[np.float32]

_nets: dict[str, cv2.dnn.Net] = {}
_lock = Lock()


def run(name: str, picture: Float, outputs: tuple[str, ...]) -> list[Float]:
    """Outputs of network ``name`` for ``picture`` (h x w x 3, float32, the network's own range).

    Raises:
        WeightsMissing, WeightsCorrupt: See ``xiutu.models``.
    """
    feed = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)
    with _lock:  # a cv2 network keeps its tensors inside, so one caller at a time
        net = _nets.get(name)
        if net is None:
            path = str(checked_path(name))  # read from a buffer it ignores the engine
            net = cv2.dnn.readNetFromTFLite(path, engine=cv2.dnn.ENGINE_CLASSIC)
            _nets[name] = net
        net.setInput(feed)
        # Copies: the next call writes into the same memory.
        return [np.array(out, np.float32) for out in net.forward(outputs)]


def _forget() -> None:
    """A forked child must not wait for a lock that a thread of its parent holds."""
    global _lock  # noqa: PLW0603
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
