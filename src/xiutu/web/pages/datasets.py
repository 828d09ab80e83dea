"""One data set: its classes with thumbnails, moving and removing pictures, what is odd about it."""

from starlette.responses import Response

from xiutu.classify.facts import thumbnail
from xiutu.classify.validation import FEWEST, TINY, Report
from xiutu.classify.values import Dataset
from xiutu.errors import InvalidParameter
from xiutu.web.page import page
from xiutu.web.pages.models import ADMIN_ONLY, state_names
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES", "dataset_of"]

_EACH = 18
_PAGE = 120
_KEEP = "private, max-age=604800, immutable"  # a picture's number is never given to another one


def dataset_of(visit: Visit) -> Dataset:
    """By the number in the address: names may hold whatever people like. Raises ``NotHere``."""
    number = visit.number("set")
    found = next((d for d in visit.context.classifiers.datasets.all() if d.id == number), None)
    if found is None:
        raise NotHere
    return found


def show(visit: Visit) -> Response:
    """Some pictures of every class, or with ``?label=`` all of one, in pages."""
    dataset, found = dataset_of(visit), visit.context.classifiers
    label, first = visit.query.text("label"), visit.query.text("from", "0")
    start = int(first) if first.isascii() and first.isdigit() and len(first) < 9 else 0
    shown = [label] if label in dataset.classes else list(dataset.classes)
    one = len(shown) == 1 and label in dataset.classes
    pictures = {
        name: found.datasets.pictures(
            dataset.name,
            label=name,
            offset=start if one else 0,
            limit=_PAGE if one else _EACH,
        )
        for name in shown
    }
    more = start + _PAGE if one and dataset.classes[label] > start + _PAGE else None
    report = found.datasets.validate(dataset.name)
    return visit.show(
        "dataset.html",
        dataset=dataset,
        pictures=pictures,
        one=label if one else "",
        more=more,
        report=report,
        problems=_problems(visit, report),
        warnings=_warnings(visit, report),
        models=found.models.all(dataset.name),
        states=state_names(visit),
        base=f"/console/models/sets/{dataset.id}",
    )


def _problems(visit: Visit, report: Report) -> list[str]:
    """What stops a training, as ``validate`` decides it."""
    found = []
    if len(report.classes) < 2:
        found.append(visit.t("There must be at least 2 classes."))
    few = [name for name, count in report.classes.items() if count < FEWEST]
    if few:
        found.append(
            visit.t("Each class needs {n} pictures: {classes}", n=FEWEST, classes=", ".join(few))
        )
    return found


def _warnings(visit: Visit, report: Report) -> list[tuple[str, list[str]]]:
    """What makes results worse, and which pictures are meant."""
    found: list[tuple[str, list[str]]] = []
    if report.imbalance > 5:
        text = visit.t("The largest class has {n} times the pictures of the smallest.",
                       n=f"{report.imbalance:.1f}")  # fmt: skip
        found.append((text, []))
    if report.tiny:
        found.append((visit.t("Pictures with a side below {n} pixels", n=TINY), report.tiny))
    if report.mixed:
        rows = [", ".join(group) for group in report.mixed]
        found.append((visit.t("The same picture in several classes"), rows))
    if report.duplicates:
        rows = [", ".join(group) for group in report.duplicates]
        found.append((visit.t("Pictures that look the same"), rows))
    return found


def _ids(visit: Visit) -> list[int]:
    """The pictures that were ticked. Raises ``InvalidParameter``."""
    values = visit.form.every("ids")
    ids = [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 16]
    if not ids or len(ids) != len(values):
        raise InvalidParameter("tick pictures first")
    return ids


def move(visit: Visit) -> Response:
    """Ticked pictures to a class, which may be new."""
    dataset = dataset_of(visit)
    datasets = visit.context.classifiers.datasets
    count = datasets.relabel(dataset.name, _ids(visit), visit.form.text("label"))
    return visit.go(f"/models/sets/{dataset.id}", visit.t("Pictures moved: {n}", n=count))


def remove(visit: Visit) -> Response:
    """Ticked pictures leave the newest version."""
    dataset = dataset_of(visit)
    count = visit.context.classifiers.datasets.remove(dataset.name, _ids(visit))
    return visit.go(f"/models/sets/{dataset.id}", visit.t("Pictures removed: {n}", n=count))


def rename(visit: Visit) -> Response:
    """A class gets another name, or joins another one."""
    dataset, form = dataset_of(visit), visit.form
    datasets = visit.context.classifiers.datasets
    count = datasets.rename_class(dataset.name, form.text("old"), form.text("new"))
    return visit.go(f"/models/sets/{dataset.id}", visit.t("Pictures moved: {n}", n=count))


def delete(visit: Visit) -> Response:
    visit.context.classifiers.datasets.delete(dataset_of(visit).name)
    return visit.go("/models", visit.t("The data set is deleted."))


def train(visit: Visit) -> Response:
    """Queue a training; the page of the model shows how it goes."""
    model = visit.context.classifiers.jobs.submit(dataset_of(visit).name)
    return visit.go(f"/models/trained/{model.id}")


def small(visit: Visit) -> Response:
    """A thumbnail. The picture was decoded in a worker before it was taken in."""
    dataset = dataset_of(visit)
    try:
        data = visit.context.classifiers.datasets.picture(dataset.name, visit.number("picture"))
    except InvalidParameter:
        raise NotHere from None
    return Response(thumbnail(data, 240), media_type="image/jpeg", headers={"cache-control": _KEEP})


ROUTES = [
    page("/models/sets/{set}", show, access=ADMIN_ONLY),
    page("/models/sets/{set}/pictures/{picture}", small, access=ADMIN_ONLY),
    page("/models/sets/{set}/move", move, only_post=True, access=ADMIN_ONLY),
    page("/models/sets/{set}/remove", remove, only_post=True, access=ADMIN_ONLY),
    page("/models/sets/{set}/rename", rename, only_post=True, access=ADMIN_ONLY),
    page("/models/sets/{set}/delete", delete, only_post=True, access=ADMIN_ONLY),
    page("/models/sets/{set}/train", train, only_post=True, access=ADMIN_ONLY),
]
