"""Access tokens: self-contained, so that any node checks them without having seen them before.

    24.<32 hex>.2592000.<epoch of expiry>.<account number>-<app id>

The hex digits are the first 128 bits of an HMAC-SHA256 over account, app, the app's key generation
and the expiry, with a key derived from the server's secret key. The vendor's shape is kept because
programs log, mask and match it, and because it needs no escaping in a query. The generation is not
printed: it comes from the database at each check, so rotating the keys revokes every older token.
"""

import hmac
import re
from dataclasses import dataclass, field

from xiutu.contract import operator_ids
from xiutu.errors import NoCredentials, PlatformError, TokenExpired, TokenInvalid
from xiutu.platform.apps import Apps
from xiutu.platform.apps_repository import AppRepository
from xiutu.platform.clock import Clock
from xiutu.platform.keyring import Keyring
from xiutu.platform.models import App, Principal
from xiutu.storage import Database

LIFETIME = 2_592_000
"""30 days, in seconds. Some vendor SDKs renew one day before, so never make it shorter than two."""

_SHAPE = re.compile(
    r"[0-9]{1,4}\.[0-9a-f]{32}\.[0-9]{1,10}\.([0-9]{1,12})\.[0-9]{1,19}-([0-9]{1,20})"
)
_SCOPE = "public wise_adapt lebo_resource_base lightservice_public hetu_basic"
_IMAGE_SCOPE = "public brain_all_scope wise_adapt lebo_resource_base lightservice_public hetu_basic"


class TokenRefused(PlatformError):
    """No token for these keys; ``error`` and ``detail`` are the OAuth answer's two fields."""

    public = "Client authentication failed"

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Grant:
    """What the token endpoint answers. The last three are for show: nothing accepts them."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    refresh_token: str = field(repr=False)
    session_key: str = field(repr=False)
    session_secret: str = field(repr=False)


class Tokens:
    def __init__(self, database: Database, apps: Apps, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._keyring = keyring
        self._clock = clock

    def issue(self, api_key: str, secret_key: str) -> Grant:
        """A token for a key pair. Raises ``TokenRefused``; older tokens stay valid."""
        credentials = self._apps.credentials(api_key)
        if credentials is None or not credentials.app.active:
            raise TokenRefused("invalid_client", "unknown client id")
        if not _equal(credentials.secret_key, secret_key):
            raise TokenRefused("invalid_client", "Client authentication failed")
        token = self._text(credentials.app, int(self._clock().timestamp()) + LIFETIME)
        _, _, _, expiry, owner = token.split(".")
        refresh = self._keyring.mac("refresh-token", token).hex()[:32]
        return Grant(
            access_token=token,
            expires_in=LIFETIME,
            scope=_scope(credentials.app),
            refresh_token=f"25.{refresh}.315360000.{int(expiry) - LIFETIME + 315_360_000}.{owner}",
            session_key=self._keyring.mac("session-key", token).hex(),
            session_secret=self._keyring.mac("session-secret", token).hex()[:32],
        )

    def verify(self, token: str) -> Principal:
        """Who holds this token? One indexed read.

        Raises ``NoCredentials`` for what has not the shape of a token, ``TokenInvalid`` for a
        forged or revoked one, ``TokenExpired`` from the second of expiry on, ``AppDeleted`` when
        it is genuine but its app was deleted or disabled.
        """
        shape = _SHAPE.fullmatch(token)
        if shape is None:
            raise NoCredentials
        expiry, app_id = int(shape[1]), shape[2]
        with self._database.reading() as connection:
            stored = AppRepository(connection).by_id(app_id)
        # The text is made anew and compared as a whole: no part of it can be varied.
        if stored is None or not hmac.compare_digest(self._text(stored.app, expiry), token):
            raise TokenInvalid
        if self._clock().timestamp() >= expiry:
            raise TokenExpired
        return Principal.of(stored.app)

    def _text(self, app: App, expiry: int) -> str:
        owner = f"{app.account.id}-{app.app_id}"
        proof = self._keyring.mac("access-token", f"{owner}/{app.key_generation}/{expiry}")
        return f"24.{proof.hex()[:32]}.{LIFETIME}.{expiry}.{owner}"


def _equal(mine: str, given: str) -> bool:
    # What comes from outside may hold anything a str can hold, lone surrogates too.
    return hmac.compare_digest(mine.encode(), given.encode("utf-8", "surrogatepass"))


def _scope(app: App) -> str:
    """The vendor's SDKs look for ``brain_all_scope``; without it they sign, and use no token."""
    images = app.operators is None or not app.operators.isdisjoint(operator_ids())
    return _IMAGE_SCOPE if images else _SCOPE
