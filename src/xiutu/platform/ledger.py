"""The usage ledger: every call that was served is written down, durably, before it is answered.

The entry and what the call has cost are one piece of work of the group commit
(``group_commit.py``, ``billing/settlement.py``): both are stored or neither is.
"""

from concurrent.futures import Future
from datetime import datetime

from xiutu.platform.billing.admission import Ticket
from xiutu.platform.billing.deduction import Charge
from xiutu.platform.billing.settlement import Settle, Work
from xiutu.platform.group_commit import GroupCommit, LedgerClosed
from xiutu.platform.models import UsageCount, UsageEntry, UsageHour
from xiutu.platform.usage_report import UsageReport
from xiutu.platform.usage_repository import UsageRepository
from xiutu.storage import Database

__all__ = ["Ledger", "LedgerClosed"]


class Ledger:
    def __init__(self, database: Database, writer: GroupCommit[Work]) -> None:
        self._database = database
        self._writer = writer

    def record(
        self, entry: UsageEntry, ticket: Ticket | None = None, *, free_of_charge: bool = False
    ) -> Future[Charge | None]:
        """Resolves once entry and charge are committed; holds the error when they were not.

        ``ticket`` is what ``Admission.admit`` gave for this call. ``free_of_charge``: the server
        could not even begin (no worker alive), so nothing is taken. The entry is written even when
        the caller stops waiting. Returns at once and never raises.
        """
        metered = ticket is not None and ticket.metered
        return self._writer.submit(Settle(entry, metered, free_of_charge))

    def counts(
        self,
        *,
        account: str | None = None,
        app_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[UsageCount, ...]:
        """Calls per app and operator, with ``since <= at < until``."""
        with self._database.reading() as connection:
            repository = UsageRepository(connection)
            return tuple(
                repository.counts(account=account, app_id=app_id, since=since, until=until)
            )

    def hours(
        self,
        *,
        account: str | None = None,
        app_id: str | None = None,
        operator: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[UsageHour, ...]:
        """Per hour, app and operator: calls, failures by code, latency, megapixels, bytes.

        With ``since <= hour < until``; in order of the hours.
        """
        with self._database.reading() as connection:
            report = UsageReport(
                connection,
                account=account,
                app_id=app_id,
                operator=operator,
                since=since,
                until=until,
            )
            return tuple(report.hours())

    def recent(
        self, limit: int = 50, *, app_id: str | None = None, operator: str | None = None
    ) -> tuple[UsageEntry, ...]:
        """The latest entries, newest first."""
        with self._database.reading() as connection:
            repository = UsageRepository(connection)
            return tuple(repository.recent(limit, app_id=app_id, operator=operator))
