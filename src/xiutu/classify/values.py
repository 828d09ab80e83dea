"""What the services of custom classification give and take: plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Dataset", "Labelled", "Model", "Release", "Service", "State"]


class State(StrEnum):
    """Of a model: waiting for somebody to train it, being trained, or how that ended."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Dataset:
    """``version`` counts the changes; ``classes`` are the pictures by label in the newest version."""

    id: int
    name: str
    version: int
    created_at: datetime
    updated_at: datetime
    classes: Mapping[str, int] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        return sum(self.classes.values())


@dataclass(frozen=True)
class Labelled:
    """A picture under its label. ``fingerprint`` is a 64-bit perceptual hash as a signed number;
    ``held_out`` pictures are for evaluation and never trained on before it.
    """

    id: int
    digest: str
    label: str
    source: str
    width: int
    height: int
    bytes: int
    fingerprint: int
    held_out: bool


@dataclass(frozen=True)
class Model:
    """A model and the job that makes it. ``kind`` is ``trained`` or ``imported``.

    ``progress`` is 0..1; ``result`` the summary of the evaluation once it is ready; ``beat_at`` the
    last sign of life of ``worker``.
    """

    id: int
    kind: str
    dataset: str
    dataset_version: int
    state: State
    progress: float
    step: str
    options: dict[str, Any]
    result: dict[str, Any] | None
    error: str
    cancelling: bool
    worker: str | None
    attempts: int
    beat_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Service:
    """A published model under its API name.

    ``apps`` None: every application that may call everything; else the ids of those that may.
    ``open_set``: answers hold the class ``[default]`` for pictures unlike all classes.
    """

    id: int
    name: str
    running: bool
    version: int
    model_id: int
    apps: frozenset[str] | None
    open_set: bool
    created_at: datetime
    updated_at: datetime

    @property
    def path(self) -> str:
        """Where it is called, below the server's address."""
        return f"/rpc/2.0/ai_custom/v1/classification/{self.name}"


@dataclass(frozen=True)
class Release:
    """A version of a service: which model it served from ``at`` on."""

    version: int
    model_id: int
    at: datetime
