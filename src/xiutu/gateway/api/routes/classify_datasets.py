"""Data sets of custom classification. For administrators: data sets belong to the installation."""

import tempfile
from pathlib import Path
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from xiutu.classify.facts import thumbnail
from xiutu.classify.intake import Outcome
from xiutu.classify.sources import Item, from_zip
from xiutu.errors import InvalidParameter
from xiutu.gateway.api.access import ADMIN_ONLY, ClassifiersOf, ExamineOf, Number
from xiutu.gateway.api.inputs import Input, Name
from xiutu.gateway.api.paging import Paging
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.classify import DatasetView, ImportView, PictureView, ReportView
from xiutu.image.header import sniff

__all__ = ["router"]

router = APIRouter(prefix="/classify/datasets", tags=["classify"], dependencies=[ADMIN_ONLY])
Version = Annotated[int | None, Query(ge=0, description="Default: the newest.")]
Label = Annotated[str, Field(min_length=1, max_length=200)]
Ids = Annotated[
    list[Annotated[int, Field(ge=1, le=2**53 - 1)]], Field(min_length=1, max_length=5000)
]
_RAW = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class NewDataset(Input):
    """A data set without pictures yet."""

    name: Name


class Relabel(Input):
    """Pictures by number, and the class they move to."""

    ids: Ids
    label: Label


class RenameClass(Input):
    """All pictures of `old` move to `new`, which may exist."""

    old: Label
    new: Label


class Removal(Input):
    """Pictures by number; older versions keep them."""

    ids: Ids


class Changed(Input):
    """How many pictures were changed, and the version that made."""

    pictures: int
    version: int


@router.get("")
def list_datasets(found: ClassifiersOf) -> Page[DatasetView]:
    """Every data set, by name."""
    rows = [DatasetView.model_validate(row) for row in found.datasets.all()]
    return Page(items=rows, next=None)


@router.post("", status_code=201)
def create_dataset(body: NewDataset, found: ClassifiersOf) -> DatasetView:
    """Make an empty data set."""
    return DatasetView.model_validate(found.datasets.create(body.name))


@router.get("/{dataset}")
def show_dataset(dataset: str, found: ClassifiersOf) -> DatasetView:
    """Its classes and how many pictures they have."""
    return DatasetView.model_validate(found.datasets.get(dataset))


@router.delete("/{dataset}", status_code=204)
def delete_dataset(dataset: str, found: ClassifiersOf) -> None:
    """With all versions and pictures; models made from it stay."""
    found.datasets.delete(dataset)


@router.get("/{dataset}/report")
def report_dataset(dataset: str, found: ClassifiersOf, version: Version = None) -> ReportView:
    """Duplicates, tiny pictures, imbalance, and whether it can be trained on."""
    return ReportView.model_validate(found.datasets.validate(dataset, version))


@router.get("/{dataset}/pictures")
def list_pictures(
    dataset: str,
    found: ClassifiersOf,
    paging: Paging,
    version: Version = None,
    label: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[PictureView]:
    """Pictures of a version, oldest first; the cursor counts them."""
    start = paging.before_id or 0
    rows = found.datasets.pictures(
        dataset, version=version, label=label, offset=start, limit=paging.limit + 1
    )
    shown = [PictureView.model_validate(row) for row in rows[: paging.limit]]
    more = len(rows) > paging.limit
    return Page(items=shown, next=str(start + paging.limit) if more else None)


@router.post("/{dataset}/pictures", status_code=201, openapi_extra=_RAW)
async def add_picture(
    request: Request,
    dataset: str,
    found: ClassifiersOf,
    examine: ExamineOf,
    label: Annotated[str, Query(min_length=1, max_length=200)],
    source: Annotated[str, Query(max_length=255, description="A name to know it by.")] = "",
) -> ImportView:
    """One picture; the body is the file."""
    data = await request.body()

    def add() -> Outcome:
        return found.datasets.add(dataset, [Item(label, source, lambda: data)], examine=examine)

    return ImportView.model_validate(await run_sync(add))


@router.post("/{dataset}/archive", status_code=201, openapi_extra=_RAW)
async def add_archive(
    request: Request, dataset: str, found: ClassifiersOf, examine: ExamineOf
) -> ImportView:
    """A zip with a folder for each class; the body is the file."""
    data = await request.body()

    def add() -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "upload.zip"
            file.write_bytes(data)
            return found.datasets.add(dataset, from_zip(file), examine=examine)

    return ImportView.model_validate(await run_sync(add))


@router.get("/{dataset}/pictures/{picture}", response_class=Response)
def show_picture(dataset: str, picture: Number, found: ClassifiersOf) -> Response:
    """The file as it was given."""
    data = found.datasets.picture(dataset, picture)
    kind = sniff(data)
    if kind is None:
        raise InvalidParameter("the stored file is no picture")
    headers = {"x-content-type-options": "nosniff"}
    return Response(data, media_type=f"image/{kind}", headers=headers)


@router.get("/{dataset}/pictures/{picture}/thumbnail", response_class=Response)
def show_thumbnail(
    dataset: str,
    picture: Number,
    found: ClassifiersOf,
    side: Annotated[int, Query(ge=16, le=512)] = 160,
) -> Response:
    """A small JPEG."""
    data = thumbnail(found.datasets.picture(dataset, picture), side)
    return Response(data, media_type="image/jpeg")


@router.post("/{dataset}/relabel")
def relabel_pictures(dataset: str, body: Relabel, found: ClassifiersOf) -> Changed:
    """Move pictures to a class."""
    count = found.datasets.relabel(dataset, body.ids, body.label)
    return Changed(pictures=count, version=found.datasets.get(dataset).version)


@router.post("/{dataset}/rename")
def rename_class(dataset: str, body: RenameClass, found: ClassifiersOf) -> Changed:
    """Give a class another name, or join it with another one."""
    count = found.datasets.rename_class(dataset, body.old, body.new)
    return Changed(pictures=count, version=found.datasets.get(dataset).version)


@router.post("/{dataset}/remove")
def remove_pictures(dataset: str, body: Removal, found: ClassifiersOf) -> Changed:
    """Take pictures out."""
    count = found.datasets.remove(dataset, body.ids)
    return Changed(pictures=count, version=found.datasets.get(dataset).version)
