"""Models and services of custom classification. For administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse
from pydantic import Field

from xiutu.classify.backbones import BACKBONES, DEFAULT
from xiutu.classify.services import KEEP
from xiutu.classify.training import Options
from xiutu.gateway.api.access import ADMIN_ONLY, ClassifiersOf, Number, PlatformOf
from xiutu.gateway.api.inputs import Input, Name
from xiutu.gateway.api.paging import Paging, cut
from xiutu.gateway.api.views.base import Page
from xiutu.gateway.api.views.classify import ModelView, ReleaseView, ServiceView
from xiutu.gateway.easydl.downloads import exported

__all__ = ["router"]

router = APIRouter(prefix="/classify", tags=["classify"], dependencies=[ADMIN_ONLY])
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}


class Training(Input):
    """`heads`: `logistic`, `svm`, `knn`; the best of those given, or of all."""

    dataset: Name
    backbone: Annotated[str, Field(json_schema_extra={"enum": list(BACKBONES)})] = DEFAULT
    heads: Annotated[tuple[str, ...], Field(max_length=3)] = ()


class Publication(Input):
    """`apps`: names or ids of the applications that may call, null for all with the tick; left out, it
    stays as it is, as `open_set` does."""

    model: Annotated[int, Field(ge=1, le=2**53 - 1)]
    apps: Annotated[list[str], Field(max_length=1000)] | None = None
    open_set: bool | None = None


class RollBack(Input):
    """`version`: default is the one before the present."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


@router.get("/models")
def list_models(
    found: ClassifiersOf,
    paging: Paging,
    dataset: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[ModelView]:
    """Models and trainings, newest first."""
    return cut(found.models.all(dataset), paging, lambda row: row.id, ModelView)


@router.post("/models", status_code=202)
def start_training(body: Training, found: ClassifiersOf) -> ModelView:
    """Queue a training on the newest version; the server takes it up within seconds."""
    options = Options(body.backbone, body.heads)
    return ModelView.model_validate(found.jobs.submit(body.dataset, options))


@router.get("/models/{model}")
def show_model(model: Number, found: ClassifiersOf) -> ModelView:
    """State, progress, and the summary once it is ready."""
    return ModelView.model_validate(found.models.get(model))


@router.delete("/models/{model}", status_code=204)
def delete_model(model: Number, found: ClassifiersOf) -> None:
    """Refused while a service has it among its versions."""
    found.models.delete(model)


@router.post("/models/{model}/cancel")
def cancel_training(model: Number, found: ClassifiersOf) -> ModelView:
    """A running training ends within seconds."""
    return ModelView.model_validate(found.jobs.cancel(model))


@router.get("/models/{model}/log", response_class=Response)
def show_log(model: Number, found: ClassifiersOf) -> Response:
    """What the training has written so far, as text."""
    return Response(found.jobs.log(model), media_type="text/plain; charset=utf-8")


@router.get("/models/{model}/evaluation")
def show_evaluation(model: Number, found: ClassifiersOf) -> dict[str, Any]:
    """Accuracy, classes, confusion matrix, reliability, mistakes, learning curve."""
    return found.models.evaluation(model)


@router.get("/models/{model}/evaluation.html", response_class=Response)
def show_evaluation_page(model: Number, found: ClassifiersOf) -> Response:
    """The same as a page, with the worst mistakes as pictures."""
    path = found.models.file(model, "evaluation.html")
    return FileResponse(path, media_type="text/html", headers=_PAGE_HEADERS)


@router.get("/models/{model}/evaluation.png", response_class=Response)
def show_evaluation_picture(model: Number, found: ClassifiersOf) -> Response:
    """The same as one picture."""
    return FileResponse(found.models.file(model, "evaluation.png"), media_type="image/png")


@router.get("/models/{model}/export", response_class=Response)
def export_model(model: Number, found: ClassifiersOf) -> Response:
    """A zip that runs without xiutu: ONNX, labels, card and a program."""
    return exported(found, model)


@router.get("/services")
def list_services(found: ClassifiersOf, paging: Paging) -> Page[ServiceView]:
    """Published services, by name."""
    return cut(found.services.all(), paging, lambda row: row.name, ServiceView)


@router.get("/services/{service}")
def show_service(service: str, found: ClassifiersOf) -> ServiceView:
    """Its address, state and version."""
    return ServiceView.model_validate(found.services.get(service))


@router.put("/services/{service}")
def publish(
    service: str, body: Publication, found: ClassifiersOf, platform: PlatformOf
) -> ServiceView:
    """Serve a model: a new service, or the next version of the one that is there."""
    given = body.model_fields_set
    apps = None if body.apps is None else [platform.apps.find(name).app_id for name in body.apps]
    open_set = body.open_set if body.open_set is not None else KEEP
    made = found.services.publish(
        service, body.model, apps=apps if "apps" in given else KEEP, open_set=open_set
    )
    return ServiceView.model_validate(made)


@router.delete("/services/{service}", status_code=204)
def delete_service(service: str, found: ClassifiersOf) -> None:
    """Its address is unknown from then on; the models stay."""
    found.services.delete(service)


@router.post("/services/{service}/stop")
def stop_service(service: str, found: ClassifiersOf) -> ServiceView:
    """Calls answer 336100 until it is started."""
    return ServiceView.model_validate(found.services.stop(service))


@router.post("/services/{service}/start")
def start_service(service: str, found: ClassifiersOf) -> ServiceView:
    """Serve again."""
    return ServiceView.model_validate(found.services.start(service))


@router.post("/services/{service}/rollback")
def roll_back(service: str, body: RollBack, found: ClassifiersOf) -> ServiceView:
    """Serve an older version again."""
    return ServiceView.model_validate(found.services.roll_back(service, body.version))


@router.get("/services/{service}/releases")
def list_releases(service: str, found: ClassifiersOf) -> list[ReleaseView]:
    """Every version, newest first."""
    return [ReleaseView.model_validate(row) for row in found.services.releases(service)]
