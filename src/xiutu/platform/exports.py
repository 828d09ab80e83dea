"""Tables as CSV (RFC 4180) for spreadsheets: usage by hour, bills, movements of money."""

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from xiutu.platform.billing.models import Movement, Statement
from xiutu.platform.models import UsageHour

USAGE = (
    "account", "app_id", "operator", "hour", "calls", "succeeded", "failed", "failures",
    "latency_p50_ms", "latency_p95_ms", "latency_p99_ms", "megapixels", "bytes_in", "bytes_out",
)  # fmt: skip
BILLS = (
    "account", "period", "operator", "source", "pack_id", "calls", "failed", "first_call",
    "unit_price", "amount", "currency",
)  # fmt: skip
MOVEMENTS = (
    "account", "id", "at", "kind", "amount", "after", "voucher_id", "subject", "reference", "actor",
    "note", "currency",
)  # fmt: skip


def usage_csv(rows: Iterable[tuple[str, UsageHour]]) -> Iterator[str]:
    """Lines of (account, hour). ``failures`` is ``code:count`` by blanks: ``216201:3 282000:1``."""
    yield _line(*USAGE)
    for account, row in rows:
        failures = " ".join(f"{code}:{count}" for code, count in sorted(row.failures.items()))
        latency = [row.latency_ms.get(percent, 0) for percent in (50, 95, 99)]
        yield _line(
            account, row.app_id, row.operator, row.hour.isoformat(), row.calls, row.succeeded,
            row.calls - row.succeeded, failures, *latency, row.megapixels, row.bytes_in,
            row.bytes_out,
        )  # fmt: skip


def bills_csv(account: str, statements: Iterable[Statement], currency: str) -> Iterator[str]:
    """A line for each line of the bills; ``calls * unit_price = amount`` where there is a price."""
    yield _line(*BILLS)
    for statement in statements:
        for line in statement.lines:
            yield _line(
                account, statement.label, line.operator, line.source.value, line.pack_id,
                line.calls, line.failed, line.first_call, _amount(line.unit_price),
                _amount(line.amount), currency,
            )  # fmt: skip


def movements_csv(account: str, movements: Iterable[Movement], currency: str) -> Iterator[str]:
    """The money ledger, as it comes."""
    yield _line(*MOVEMENTS)
    for row in movements:
        yield _line(
            account, row.id, row.at.isoformat(), row.kind.value, _amount(row.amount),
            _amount(row.after), row.voucher_id, row.subject, row.reference, row.actor, row.note,
            currency,
        )  # fmt: skip


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def _line(*cells: object) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: object) -> object:
    """Names and notes are people's: a spreadsheet must not take one for a formula."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "@", "\t", "\r"):
        return f"'{cell}"
    if isinstance(cell, str) and cell[:1] == "-" and not _number(cell):
        return f"'{cell}"
    return cell


def _number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdecimal()
