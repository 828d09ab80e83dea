"""Signing in and out, the password, language, theme, and which account is looked at."""

from starlette.responses import RedirectResponse, Response

from xiutu.errors import InvalidParameter
from xiutu.platform.console.attempts import Attempts
from xiutu.platform.console.passwords import SHORTEST
from xiutu.platform.console.users import ADMIN
from xiutu.web.i18n import LANGUAGES
from xiutu.web.page import THEMES, Access, page
from xiutu.web.security import LANGUAGE, SESSION, THEME, set_cookie
from xiutu.web.visit import NotHere, Visit

__all__ = ["ROUTES"]

_attempts = Attempts()
_ANYBODY = Access(signed_in=False)


def sign_in_form(visit: Visit) -> Response:
    """Who is signed in already has nothing to do here."""
    if visit.session is not None:
        return RedirectResponse(_next(visit.query.text("next")), 303)
    return visit.show("sign_in.html", next=visit.query.text("next"), name="", problem="")


def sign_in(visit: Visit) -> Response:
    """A new session for the right password; a wrong one costs time."""
    form, request = visit.form, visit.request
    name, password = form.text("name")[:64], form.text("password")
    address = request.client.host if request.client else ""
    wait = _attempts.wait_s(name, address)
    problem, status = "", 401
    if wait > 0:
        minutes = int(wait // 60) + 1
        problem, status = visit.t("Too many attempts. Try again in {n} minutes.", n=minutes), 429
    else:
        user = visit.platform.users.verify(name, password)
        if user is not None:
            _attempts.succeeded(name, address)
            made = visit.platform.sessions.begin(user)
            response = RedirectResponse(_next(form.text("next")), 303)
            set_cookie(request, response, SESSION, made.secret)
            return response
        _attempts.failed(name, address)
        problem = visit.t("Name or password is wrong.")
    values = {"next": form.text("next"), "name": name, "problem": problem}
    return visit.show("sign_in.html", status, **values)


def sign_out(visit: Visit) -> Response:
    assert visit.session is not None
    visit.platform.sessions.end(visit.session)
    response = visit.go("/sign-in", visit.t("You are signed out."))
    set_cookie(visit.request, response, SESSION, "")
    return response


def password_form(visit: Visit) -> Response:
    fixed = visit.user.name == ADMIN and visit.context.settings.admin_password is not None
    return visit.show("password.html", shortest=SHORTEST, fixed=fixed)


def change_password(visit: Visit) -> Response:
    """The present password is asked for: a session left open must not be enough."""
    assert visit.session is not None
    form, address = visit.form, visit.request.client.host if visit.request.client else ""
    if form.text("fresh") != form.text("again"):
        raise InvalidParameter(visit.t("the two new passwords differ"))
    if _attempts.wait_s(visit.user.name, address) > 0:
        raise InvalidParameter(visit.t("too many attempts, wait a while"))
    if visit.platform.users.verify(visit.user.name, form.text("present")) is None:
        _attempts.failed(visit.user.name, address)
        raise InvalidParameter(visit.t("the present password is wrong"))
    visit.platform.users.set_password(visit.user.id, form.text("fresh"), keep=visit.session.id)
    return visit.go("/password", visit.t("The password is changed."))


def look_at(visit: Visit) -> Response:
    """An administrator turns to another account."""
    visit.need_admin()
    assert visit.session is not None
    visit.platform.sessions.look_at(visit.session, visit.form.text("account"))
    # Pages of one thing (an app, a ticket) are of the old account: back to the area's first page.
    area = _next(visit.form.text("next")).split("/")[:3]
    return RedirectResponse("/".join(area) if len(area) == 3 else "/console/", 303)


def language(visit: Visit) -> Response:
    return _preference(visit, LANGUAGE, visit.path("code"), tuple(LANGUAGES))


def theme(visit: Visit) -> Response:
    return _preference(visit, THEME, visit.path("code"), THEMES)


def _preference(visit: Visit, cookie: str, value: str, known: tuple[str, ...]) -> Response:
    if value not in known:
        raise NotHere
    response = RedirectResponse(_next(visit.query.text("next")), 303)
    set_cookie(visit.request, response, cookie, value)
    return response


def _next(path: str) -> str:
    """Only pages of the console: the parameter must not lead anybody elsewhere."""
    inside = path.startswith("/console/") and "\\" not in path and path.isprintable()
    return path if inside and not path.startswith("/console/sign-") else "/console/"


ROUTES = [
    page("/sign-in", sign_in_form, post=sign_in, access=_ANYBODY),
    page("/sign-out", sign_out, only_post=True),
    page("/password", password_form, post=change_password),
    page("/account", look_at, only_post=True),
    page("/language/{code}", language, access=_ANYBODY),
    page("/theme/{code}", theme, access=_ANYBODY),
]
