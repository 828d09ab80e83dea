"""Data sets, models and services of custom classification, as the management API shows them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from xiutu.classify.values import State
from xiutu.gateway.api.views.base import View

__all__ = [
    "DatasetView",
    "ImportView",
    "ModelView",
    "PictureView",
    "ReleaseView",
    "ReportView",
    "ServiceView",
]


class DatasetView(View):
    """`classes`: pictures by class in the newest version; `version` counts the changes."""

    name: str
    version: int
    pictures: int
    classes: dict[str, int]
    created_at: datetime
    updated_at: datetime


class PictureView(View):
    """`held_out`: for evaluation, never trained on before it."""

    id: int
    label: str
    source: str
    width: int
    height: int
    bytes: int
    held_out: bool


class ImportView(View):
    """What became of an upload; the lists are pairs of file name and reason."""

    version: int
    added: int
    present: int
    near_duplicates: int
    unusable: list[tuple[str, str]]
    conflicts: list[tuple[str, str]]


class ReportView(View):
    """What is odd about a data set. `problems` stop a training, `warnings` do not."""

    pictures: int
    classes: dict[str, int]
    held_out: int
    tiny: list[str]
    duplicates: list[list[str]]
    mixed: list[list[str]]
    imbalance: float
    problems: list[str]
    warnings: list[str]
    usable: bool


class ModelView(View):
    """A model, or the training that will make it. `progress` is 0 to 1."""

    id: int
    kind: str
    dataset: str
    dataset_version: int
    state: State
    progress: float
    step: str
    error: str
    result: dict[str, Any] | None = Field(description="Summary of the evaluation, once ready.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ServiceView(View):
    """`path` is where it is called; `apps` null: every application that has the tick."""

    name: str
    path: str
    running: bool
    version: int
    model_id: int
    apps: list[str] | None
    open_set: bool
    created_at: datetime
    updated_at: datetime


class ReleaseView(View):
    """A version of a service."""

    version: int
    model_id: int
    at: datetime
