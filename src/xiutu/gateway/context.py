"""What every request of a server shares."""

from dataclasses import dataclass

from xiutu.classify.facade import Classifiers
from xiutu.engine.interface import Executor
from xiutu.gateway.easydl.batching import Batcher
from xiutu.gateway.metrics import Metrics
from xiutu.gateway.reading import BodyBudget
from xiutu.net.fetch import Fetcher
from xiutu.platform.facade import Platform
from xiutu.settings import Settings
from xiutu.storage.blobs import Blobs
from xiutu.storage.leases import Leases

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """The composed server: platform below, engine beside it, and the limits between them."""

    settings: Settings
    platform: Platform
    executor: Executor
    fetcher: Fetcher
    metrics: Metrics
    bodies: BodyBudget
    blobs: Blobs
    leases: Leases
    classifiers: Classifiers
    batcher: Batcher
