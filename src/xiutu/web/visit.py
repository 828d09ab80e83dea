"""What a page knows of the request: who, which account, which language, what was filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from xiutu.errors import AdminOnly, XiutuError
from xiutu.gateway.context import Context
from xiutu.platform.console.models import Session, User
from xiutu.platform.facade import Platform
from xiutu.platform.models import Account, Plan
from xiutu.web.i18n import translate
from xiutu.web.render import render
from xiutu.web.security import FLASH, set_cookie

__all__ = ["Form", "NotHere", "Visit"]


class NotHere(Exception):
    """No such page, or not for this visitor; both look the same from outside."""


class Form:
    """Fields as a browser sends them; a name may come several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def text(self, name: str, default: str = "") -> str:
        """The last value of a name, without blanks around it."""
        return next((v.strip() for n, v in reversed(self._pairs) if n == name), default)

    def every(self, name: str) -> list[str]:
        """All values of a name, in order."""
        return [value for n, value in self._pairs if n == name]

    def __contains__(self, name: object) -> bool:
        return any(n == name for n, _ in self._pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


@dataclass
class Visit:
    """One request to a page. ``session`` is None only on pages for everybody."""

    request: Request
    context: Context
    language: str
    theme: str
    session: Session | None = None
    form: Form = field(default_factory=lambda: Form([]))
    flash: tuple[str, str] | None = None

    @property
    def platform(self) -> Platform:
        return self.context.platform

    @property
    def user(self) -> User:
        """Who is signed in. Raises ``NotHere`` when nobody is."""
        if self.session is None:
            raise NotHere
        return self.session.user

    @property
    def account_name(self) -> str:
        """The account that is being looked at."""
        if self.session is None:
            raise NotHere
        return self.session.account

    @property
    def account(self) -> Account:
        return self.platform.accounts.get(self.account_name)

    @property
    def metered(self) -> bool:
        return self.account.plan is Plan.METERED

    @property
    def query(self) -> Form:
        return Form(list(self.request.query_params.multi_items()))

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A part of the address that is a number. Raises ``NotHere``."""
        text = self.path(name)
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise NotHere
        return int(text)

    def t(self, text: str, **values: object) -> str:
        """The text in the visitor's language."""
        return translate(self.language, text, **values)

    def need_admin(self) -> None:
        """Raises ``AdminOnly``."""
        if not self.user.admin:
            raise AdminOnly

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template."""
        return render(self, template, status, values)

    def go(self, path: str, said: str = "", kind: str = "good", **query: str) -> Response:
        """To another page after a change, with a word about it."""
        target = f"/console{path}" + (f"?{urlencode(query)}" if query else "")
        response = RedirectResponse(target, 303)
        if said:
            set_cookie(self.request, response, FLASH, quote(f"{kind}:{said}"[:300]))
        return response

    def sorry(self, error: XiutuError) -> str:
        """An error in the visitor's language; details are in English."""
        public = self.t(error.public)
        detail = str(error)
        if detail == error.public or not detail:
            return public
        return f"{public}（{detail}）" if self.language == "zh" else f"{public}: {detail}"
