"""Templates to pages."""

from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from xiutu.version import VERSION
from xiutu.web import shown
from xiutu.web.assets import base
from xiutu.web.i18n import LANGUAGES, translate

if TYPE_CHECKING:
    from xiutu.web.visit import Visit

__all__ = ["environment", "render"]


@cache
def environment() -> Environment:
    """Escapes everything; an unknown name in a template is an error."""
    made = Environment(
        loader=PackageLoader("xiutu.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(shown.FILTERS)
    made.globals.update(version=VERSION, languages=LANGUAGES, static=base())
    return made


def render(visit: "Visit", template: str, status: int, values: dict[str, Any]) -> Response:
    """The page; templates see the visit as ``visit`` and the words as ``_``."""

    def words(text: str, **filled: object) -> str:
        return translate(visit.language, text, **filled)

    session = visit.session
    html = (
        environment()
        .get_template(template)
        .render(
            visit=visit,
            session=session,
            user=session.user if session else None,
            metered=visit.metered if session else False,
            here=visit.request.url.path,
            zh=visit.language == "zh",
            _=words,
            **values,
        )
    )
    return HTMLResponse(html, status)
