"""One published service: its address, its versions, stop and start, and a photo to try it with."""

import json

from starlette.responses import Response

from xiutu.contract.services import CUSTOM_CLASSIFICATION
from xiutu.web.page import page
from xiutu.web.pages.models import ADMIN_ONLY
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]


def show(visit: Visit) -> Response:
    services = visit.context.classifiers.services
    service = services.get(visit.path("service"))
    apps = [
        app
        for app in visit.platform.apps.all(visit.account_name)
        if app.active
        and (
            app.app_id in service.apps
            if service.apps is not None
            else app.operators is None or CUSTOM_CLASSIFICATION.id in app.operators
        )
    ]
    every = [
        app
        for account in visit.platform.accounts.all()
        for app in visit.platform.apps.all(account.name)
    ]
    return visit.show(
        "model_service.html",
        service=service,
        every_app=every,
        callers=[app.name for app in every if service.apps and app.app_id in service.apps],
        releases=services.releases(service.name),
        apps=apps,
        errors=json.dumps(_explained(visit)),
        address=str(visit.request.base_url).rstrip("/"),
        base=f"/console/models/services/{service.name}",
    )


def _explained(visit: Visit) -> dict[int, str]:
    """What to do about the errors that a try can meet."""
    advice = {
        6: "This app may not call the service.",
        336004: "The picture is too large or too small: sides of 15 to 4096 pixels.",
        336005: "This file is no JPG, PNG or BMP picture, or it is damaged.",
        336100: "The service is stopped. Start it to try it.",
    }
    return {code: visit.t(text) for code, text in advice.items()}


def permit(visit: Visit) -> Response:
    """Which apps may call, of any account."""
    form, platform = visit.form, visit.platform
    apps = None if "all" in form else [platform.apps.get(a).app_id for a in form.every("app")]
    service = visit.context.classifiers.services.permit(visit.path("service"), apps)
    return visit.go(f"/models/services/{service.name}", visit.t("Saved."))


def stop(visit: Visit) -> Response:
    service = visit.context.classifiers.services.stop(visit.path("service"))
    said = visit.t("Stopped: calls are answered with error 336100.")
    return visit.go(f"/models/services/{service.name}", said)


def start(visit: Visit) -> Response:
    service = visit.context.classifiers.services.start(visit.path("service"))
    return visit.go(f"/models/services/{service.name}", visit.t("Calls are answered again."))


def roll_back(visit: Visit) -> Response:
    """An older version serves again."""
    text = visit.form.text("version")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotHere
    services = visit.context.classifiers.services
    service = services.roll_back(visit.path("service"), int(text))
    said = visit.t("Version {n} serves again.", n=service.version)
    return visit.go(f"/models/services/{service.name}", said)


def delete(visit: Visit) -> Response:
    """Its address is unknown from then on; the models stay."""
    visit.context.classifiers.services.delete(visit.path("service"))
    return visit.go("/models", visit.t("The service is deleted."))


ROUTES = [
    page("/models/services/{service}", show, access=ADMIN_ONLY),
    page("/models/services/{service}/permit", permit, only_post=True, access=ADMIN_ONLY),
    page("/models/services/{service}/stop", stop, only_post=True, access=ADMIN_ONLY),
    page("/models/services/{service}/start", start, only_post=True, access=ADMIN_ONLY),
    page("/models/services/{service}/rollback", roll_back, only_post=True, access=ADMIN_ONLY),
    page("/models/services/{service}/delete", delete, only_post=True, access=ADMIN_ONLY),
]
