"""Prometheus metrics of one server process."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from xiutu.engine.interface import Executor

__all__ = ["Metrics"]

_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60)


class Metrics:
    """Counters of calls and a live view of the engine. ``render()`` gives the text format."""

    def __init__(self, executor: Executor) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "xiutu_calls", "Answered calls", ["operator", "code"], registry=self.registry
        )
        self.latency = Histogram(
            "xiutu_call_seconds",
            "Time from the first byte to the answer",
            ["operator"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.steps = Histogram(
            "xiutu_step_seconds",
            "Time in the engine by step",
            ["step"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.bodies = Gauge(
            "xiutu_body_bytes", "Request bodies held in memory", registry=self.registry
        )
        self.tokens = Counter(
            "xiutu_token_requests", "Token requests", ["result"], registry=self.registry
        )
        self.abandoned = Counter(
            "xiutu_abandoned_calls",
            "Calls whose client hung up before the answer",
            ["operator"],
            registry=self.registry,
        )
        self.registry.register(_Engine(executor))

    def render(self) -> bytes:
        return generate_latest(self.registry)


class _Engine(Collector):
    """Queue, workers and their memory, read from the executor when scraped."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    def collect(self) -> Iterable[Metric]:
        stats = self.executor.stats()
        yield GaugeMetricFamily("xiutu_queue_jobs", "Jobs waiting for a worker", stats.queued)
        yield GaugeMetricFamily("xiutu_running_jobs", "Jobs being worked on", stats.running)
        yield GaugeMetricFamily("xiutu_workers", "Workers alive", len(stats.workers))
        memory = GaugeMetricFamily("xiutu_worker_rss_bytes", "Resident memory", labels=["worker"])
        for index, worker in enumerate(stats.workers):
            memory.add_metric([str(index)], worker.rss)
        yield memory
        restarts = GaugeMetricFamily("xiutu_worker_restarts", "Replaced workers", labels=["reason"])
        for reason, count in stats.restarts.items():
            restarts.add_metric([reason], count)
        yield restarts
