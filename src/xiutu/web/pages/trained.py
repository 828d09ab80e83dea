"""One model: how its training goes, what it is worth, and the way to its service."""

from typing import Any

from starlette.responses import JSONResponse, Response

from xiutu.classify.facts import thumbnail
from xiutu.classify.values import State
from xiutu.gateway.easydl.downloads import exported
from xiutu.web.page import page
from xiutu.web.pages.models import ADMIN_ONLY, state_names, step_name
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]


def show(visit: Visit) -> Response:
    """Progress while it is trained, the evaluation afterwards."""
    found = visit.context.classifiers
    model = found.models.get(visit.number("model"))
    ready = model.state is State.READY
    figures = found.models.evaluation(model.id) if ready and model.kind == "trained" else None
    datasets = [row for row in found.datasets.all() if row.name == model.dataset]
    return visit.show(
        "model.html",
        model=model,
        figures=figures,
        confusion=_confusion(figures) if figures else [],
        dataset=datasets[0] if datasets and model.kind == "trained" else None,
        open_set=ready and found.models.card(model.id).known is not None,
        services=found.services.all(),
        log=found.jobs.log(model.id),
        states=state_names(visit),
        step=step_name(visit, model),
        base=f"/console/models/trained/{model.id}",
    )


def _confusion(figures: dict[str, Any]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Rows of the matrix: counts, and a class of the style sheet for how much of the row they are."""
    rows = []
    for number, (label, counts) in enumerate(
        zip(figures["labels"], figures["confusion"], strict=True)
    ):
        total = max(1, sum(counts))
        cells = [
            (count, f"{'hit' if at == number else 'miss'} heat-{-(-4 * count // total)}")
            for at, count in enumerate(counts)
        ]
        rows.append((label, cells))
    return rows


def state(visit: Visit) -> Response:
    """For the page, which asks while a training runs."""
    model = visit.context.classifiers.models.get(visit.number("model"))
    return JSONResponse(
        {
            "state": model.state.value,
            "over": model.state.over,
            "progress": model.progress,
            "step": step_name(visit, model),
        }
    )


def mistake(visit: Visit) -> Response:
    """A picture the model was wrong about, small."""
    found = visit.context.classifiers
    rows = found.models.evaluation(visit.number("model"))["mistakes"]
    number = visit.number("number")
    if number >= len(rows) or "digest" not in rows[number]:
        raise NotHere
    data = thumbnail(found.files.picture(rows[number]["digest"]), 240)
    headers = {"cache-control": "private, max-age=604800, immutable"}
    return Response(data, media_type="image/jpeg", headers=headers)


def export(visit: Visit) -> Response:
    """The zip that runs without xiutu."""
    return exported(visit.context.classifiers, visit.number("model"))


def cancel(visit: Visit) -> Response:
    model = visit.context.classifiers.jobs.cancel(visit.number("model"))
    return visit.go(f"/models/trained/{model.id}")


def delete(visit: Visit) -> Response:
    """Refused while a service has it among its versions."""
    visit.context.classifiers.models.delete(visit.number("model"))
    return visit.go("/models", visit.t("The model is deleted."))


def publish(visit: Visit) -> Response:
    """A new service, or the next version of the one that has this name."""
    services, form = visit.context.classifiers.services, visit.form
    model, name = visit.number("model"), form.text("name")
    made = services.publish(name, model, open_set="open_set" in form)
    return visit.go(
        f"/models/services/{made.name}",
        visit.t("Published: calls are answered by version {n}.", n=made.version),
    )


ROUTES = [
    page("/models/trained/{model}", show, access=ADMIN_ONLY),
    page("/models/trained/{model}/state", state, access=ADMIN_ONLY),
    page("/models/trained/{model}/mistakes/{number}", mistake, access=ADMIN_ONLY),
    page("/models/trained/{model}/export", export, access=ADMIN_ONLY),
    page("/models/trained/{model}/cancel", cancel, only_post=True, access=ADMIN_ONLY),
    page("/models/trained/{model}/delete", delete, only_post=True, access=ADMIN_ONLY),
    page("/models/trained/{model}/publish", publish, only_post=True, access=ADMIN_ONLY),
]
