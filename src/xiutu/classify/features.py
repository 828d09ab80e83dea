"""Features of pictures: computed once for each picture and backbone, then kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from xiutu.classify.backbones import Backbone
from xiutu.classify.files import Files
from xiutu.classify.views import VIEWS, views
from xiutu.image.decode import decode
from xiutu.models import threads

__all__ = ["features_of", "kept_features"]


def features_of(data: bytes, network: Backbone, count: int = VIEWS) -> NDArray[np.float32]:
    """[count, features] float32 of a picture's first ``count`` views.

    Raises the picture errors of ``xiutu.errors``, ``WeightsMissing`` and ``WeightsCorrupt``.
    """
    squares = views(decode(data).rgb, network.side, count)
    return np.concatenate([network.run(square[None]) for square in squares])


def kept_features(
    files: Files,
    digests: Sequence[str],
    network: Backbone,
    count: int = VIEWS,
    progress: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """[pictures, count, features] float32; what was computed before is read back.

    A training that is broken off has lost nothing here. ``progress`` is told how many are done and may
    raise to stop.
    """

    def one(digest: str) -> NDArray[np.float32]:
        found = files.features(network.key, digest)
        if found is None or found.shape[0] < count or found.shape[1:] != (network.features,):
            found = features_of(files.picture(digest), network, count)
            files.keep_features(network.key, digest, found)
        return found[:count]

    result = np.empty((len(digests), count, network.features), dtype=np.float32)
    # The network runs on one thread for each picture: small pictures do not fill two cores.
    pool = ThreadPoolExecutor(threads(), thread_name_prefix="features")
    try:
        for number, found in enumerate(pool.map(one, digests)):
            result[number] = found
            progress(number + 1)
    finally:
        pool.shutdown(cancel_futures=True)
    return result
