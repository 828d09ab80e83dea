"""Custom models: data sets, trainings and services at a glance. For administrators: they belong to the
installation, as in the management API."""

from starlette.responses import Response

from xiutu.classify.values import Model, State
from xiutu.web.page import Access, page
from xiutu.web.visit import Visit

__all__ = ["ADMIN_ONLY", "ROUTES", "state_names", "step_name"]

ADMIN_ONLY = Access(admin=True)
_MOST = 50


def overview(visit: Visit) -> Response:
    """Everything there is, newest trainings first."""
    found = visit.context.classifiers
    return visit.show(
        "models.html",
        datasets=found.datasets.all(),
        models=found.models.all()[:_MOST],
        services=found.services.all(),
        states=state_names(visit),
    )


def create(visit: Visit) -> Response:
    """An empty data set."""
    made = visit.context.classifiers.datasets.create(visit.form.text("name"))
    return visit.go(f"/models/sets/{made.id}", visit.t("The data set is there. Add pictures now."))


def state_names(visit: Visit) -> dict[State, str]:
    """What each state is called."""
    return {
        State.QUEUED: visit.t("Waiting"),
        State.RUNNING: visit.t("Training"),
        State.READY: visit.t("Ready"),
        State.FAILED: visit.t("Failed"),
        State.CANCELLED: visit.t("Cancelled"),
    }


def step_name(visit: Visit, model: Model) -> str:
    """What a training does now; the steps are those of ``classify.training``."""
    if model.cancelling:
        return visit.t("Stopping")
    words = model.step.split()
    if model.step.startswith("features of") and len(words) > 4:
        return visit.t("Looking at pictures: {done} of {count}", done=words[2], count=words[4])
    known = {
        "waiting": visit.t("Waiting for its turn"),
        "choosing": visit.t("Choosing the best classifier"),
        "evaluating": visit.t("Measuring on held-out pictures"),
        "measuring": visit.t("Measuring the learning curve"),
        "fitting": visit.t("Learning from all pictures"),
        "exporting": visit.t("Writing the model"),
        "comparing": visit.t("Checking the model file"),
        "writing": visit.t("Writing the evaluation"),
    }
    return known.get(words[0] if words else "", visit.t("Starting"))


ROUTES = [page("/models", overview, post=create, access=ADMIN_ONLY)]
