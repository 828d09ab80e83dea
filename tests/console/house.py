"""The console in this process: a platform, two metered accounts with owners, an administrator."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from xiutu.gateway.app import build_app
from xiutu.gateway.server import open_context
from xiutu.platform.console.models import User
from xiutu.platform.facade import Platform
from xiutu.platform.models import AccountKind, App, Plan
from xiutu.settings import Settings
from xiutu.web.routes import ROUTES
from xiutu.web.security import SESSION

ADDRESS = "https://console.test"


@dataclass
class Owner:
    """An account with everything one can have, all of it recognisable by the account's name."""

    account: str
    user: User
    app: App
    ticket: int
    pack: int
    keys: tuple[str, str] = field(repr=False)

    def ids(self) -> dict[str, str]:
        """Values for the addresses of things that belong to somebody."""
        return {"app_id": self.app.app_id, "ticket": str(self.ticket)}

    def marks(self) -> tuple[str, ...]:
        """What only pages of this account may show."""
        return (f"app of {self.account}", f"ticket of {self.account}", *self.keys, self.app.app_id)


class Visitor:
    """A browser with a session; ``post`` sends the form token as pages do."""

    def __init__(self, house: "House", user: User | None) -> None:
        self.http = TestClient(house.app, base_url=ADDRESS, follow_redirects=False)
        self.token = ""
        if user is not None:
            made = house.platform.sessions.begin(user)
            self.token = made.session.form_token
            self.http.cookies.set(SESSION, made.secret, domain="console.test", path="/console")

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.http.get(f"/console{path}", headers=headers)

    def post(self, path: str, form: Mapping[str, str | list[str]] | None = None) -> httpx2.Response:
        data = {"_token": self.token, **(form or {})}
        return self.http.post(f"/console{path}", data=data)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.text

    def done(self, path: str, form: Mapping[str, str | list[str]] | None = None) -> str:
        """The form was accepted; gives the page it leads to."""
        answer = self.post(path, form)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[:500])
        after = self.http.get(answer.headers["location"])
        assert after.status_code == 200 and 'class="flash bad"' not in after.text, after.text[:3000]
        return str(after.text)

    def refused(self, path: str, form: Mapping[str, str | list[str]] | None = None) -> str:
        """The form was not accepted; gives the reason that is shown."""
        answer = self.post(path, form)
        assert answer.status_code == 303
        after = self.http.get(answer.headers["location"])
        found = re.search(r'class="flash bad" role="alert">([^<]+)<', after.text)
        assert found, after.text[:2000]
        return found[1]


class House:
    def __init__(self, data: Path) -> None:
        settings = Settings(data=data, executor="inline", workers=1, threads=1)
        self.platform = Platform.open(data)
        self.platform.ensure_defaults()
        self.context = open_context(settings, self.platform)
        self.app = build_app(self.context)
        self.admin = self.platform.users.create("root", "an administrator")
        self.acme, self.beta = self._owner("acme"), self._owner("beta")

    def _owner(self, name: str) -> Owner:
        platform = self.platform
        platform.accounts.create(name, AccountKind.ENTERPRISE, Plan.METERED)
        platform.billing.grants.verify(name, AccountKind.ENTERPRISE)
        platform.billing.wallets.topup(name, 10_000)
        user = platform.users.create(f"owner of {name}", "password of an owner", account=name)
        made = platform.apps.create(f"app of {name}", account=name)
        ticket = platform.tickets.open(name, f"ticket of {name}", "please", author=user.name)
        pack = platform.billing.shop.buy_pack(name, "dehaze", 10_000)
        keys = (made.api_key, made.secret_key)
        return Owner(name, user, made.app, ticket.id, pack.id, keys)

    def visit(self, owner: Owner) -> Visitor:
        return Visitor(self, owner.user)

    def administrator(self, account: str = "acme") -> Visitor:
        visitor = Visitor(self, self.admin)
        assert visitor.post("/account", {"account": account}).status_code == 303
        return visitor


@contextmanager
def opened(data: Path) -> Iterator[House]:
    house = House(data)
    house.context.executor.start()
    try:
        yield house
    finally:
        house.context.executor.stop(5)
        house.platform.close()


def routes() -> list[Route]:
    """Every page of the console but files and the page for what is missing."""
    (console,) = [route for route in ROUTES if isinstance(route, Mount)]
    found = [route for route in console.routes if isinstance(route, Route)]
    return [r for r in found if not r.path.startswith("/static") and r.path != "/{path:path}"]
