"""From the filled form of an interface to the request that programs are written for."""

import json
from dataclasses import replace

from xiutu.errors import InvalidParameter
from xiutu.platform.models import App
from xiutu.web.explorer.interfaces import CLASSIFICATION, Input, Interface
from xiutu.web.samples import Auth, File, Json, Request
from xiutu.web.visit import Form, Visit

__all__ = ["auth_of", "built", "own_app"]

_LONGEST = 4096


def own_app(visit: Visit, app_id: str) -> App | None:
    """A living app of the account that is looked at; no other account's."""
    found = (
        a for a in visit.platform.apps.all(visit.account_name) if a.app_id == app_id and a.active
    )
    return next(found, None)


def auth_of(interface: Interface, name: str) -> Auth:
    """The way that is asked for, or the first one."""
    return next((auth for auth in interface.auths if auth == name), interface.auths[0])


def built(visit: Visit, interface: Interface, form: Form) -> Request:
    """``v-NAME`` are texts, ``f-NAME`` names of files; empty ones are not sent.

    With ``fill`` the keys of ``app`` are in it. Raises ``InvalidParameter``.
    """
    values: dict[str, File | Json] = {}
    for row in interface.inputs:
        prefix = "f-" if row.kind == "file" else "v-"
        text = form.text(prefix + row.name)
        if len(text) > _LONGEST:
            raise InvalidParameter(f"{row.name}: more than {_LONGEST} characters")
        if text:
            values[row.name] = _value(row, text)
    query, path = "", interface.path
    if interface.id == CLASSIFICATION:
        path += form.text("service") or "name"
        query = "input_type=url" if "url" in values and "image" not in values else ""
    as_link = values.get("RspImgType") == "url"
    regions = visit.context.settings.tencent_regions
    made = Request(
        interface=interface.name,
        address=str(visit.request.base_url).rstrip("/"),
        path=path,
        auth=auth_of(interface, form.text("auth")),
        as_json=interface.as_json,
        values=values,
        saves={} if as_link else dict(interface.saves),
        query=query,
        region=(form.text("region") or regions[0]) if interface.tencent else "",
    )
    if form.text("fill"):
        app = own_app(visit, form.text("app"))
        if app is not None:
            keys = visit.platform.apps.keys(app.app_id)
            made = replace(made, api_key=keys.api_key, secret_key=keys.secret_key)
    return made


def _value(row: Input, text: str) -> File | Json:
    """As typed where it is not what is due: whoever wants to see the error may."""
    if row.kind == "file":
        return File(text.replace("\\", "/").rpartition("/")[2] or "photo.jpg")
    if row.kind == "text" or (row.kind == "choice" and row.name != "DryRun"):
        return text
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, int | float | list | dict):
        return value
    return text
