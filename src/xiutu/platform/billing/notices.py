"""Telling account owners: arrears and low balances go to the log, and to a webhook if there is one.

A notice is written in the same transaction as what it is about, and delivered afterwards until it
succeeds: at least once, so receivers should look at its ``id``. The webhook gets one POST of JSON::

    {"id": 7, "account": "acme", "kind": "balance_low", "topic": "balance 2 2026-03-05",
     "at": "2026-03-05T01:00:00+00:00", "facts": {"days": 2, "available": "12.5", ...}}

and answers with a 2xx status.
"""

from collections.abc import Callable
from typing import Any

import httpx2
import structlog

from xiutu.platform.accounts import Accounts
from xiutu.platform.accounts_repository import AccountRepository
from xiutu.platform.billing.models import Notice
from xiutu.platform.billing.notice_repository import NoticeRepository
from xiutu.platform.clock import Clock
from xiutu.storage import Database

Notifier = Callable[[str, Notice], None]
"""Takes the account's name and the notice; raises when it was not delivered."""

ATTEMPTS = 3 * 24 * 60
"""Once a minute for three days; then the notice stays undelivered, in the log and the list."""
_TIMEOUT_S = 5.0

_log = structlog.get_logger("xiutu.notices")


def log_notice(account: str, notice: Notice) -> None:
    """Every notice is a line of the server's log."""
    _log.warning(notice.kind, account=account, topic=notice.topic, **notice.facts)


class Webhook:
    """The address is the administrator's own setting: it may be inside the network."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, account: str, notice: Notice) -> None:
        """Raises ``httpx2.HTTPError`` when it cannot be reached or does not answer 2xx."""
        body: dict[str, Any] = {
            "id": notice.id,
            "account": account,
            "kind": notice.kind,
            "topic": notice.topic,
            "at": notice.at.isoformat(),
            "facts": notice.facts,
        }
        httpx2.post(self._url, json=body, timeout=_TIMEOUT_S).raise_for_status()


class Notices:
    def __init__(
        self, database: Database, accounts: Accounts, clock: Clock, webhook: Notifier | None
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock
        self._webhook = webhook

    def of(self, account: str, limit: int = 50) -> tuple[Notice, ...]:
        """Newest first. Raises ``AccountNotFound``."""
        with self._database.reading() as connection:
            account_id = self._accounts.get(account).id
            return tuple(NoticeRepository(connection).of_account(account_id, limit))

    def deliver(self) -> int:
        """Try what is not delivered; gives how many were. A receiver that is down is tried again."""
        with self._database.reading() as connection:
            waiting = NoticeRepository(connection).undelivered(ATTEMPTS)
            accounts = AccountRepository(connection)
            names = {n.account_id: accounts.by_id(n.account_id).name for n in waiting}
        delivered = 0
        for notice in waiting:
            account = names[notice.account_id]
            if notice.attempts == 0:
                log_notice(account, notice)
            done = self._sent(account, notice)
            with self._database.transaction() as connection:
                moment = self._clock() if done else None
                NoticeRepository(connection).tried(notice.id, moment)
            delivered += done
            if not done:
                break  # the others would wait for the same time-out
        return delivered

    def _sent(self, account: str, notice: Notice) -> bool:
        if self._webhook is None:
            return True
        try:
            self._webhook(account, notice)
        except Exception as error:  # whatever a notifier does, billing goes on
            _log.warning("notice not delivered", id=notice.id, error=str(error)[:200])
            return False
        return True
