"""From metered calls to bill lines: the arithmetic of one account's hours that are not billed yet."""

from datetime import datetime
from itertools import groupby

from xiutu.platform.billing.beijing import midnight, month_of
from xiutu.platform.billing.bill_repository import BillRepository, HourCount
from xiutu.platform.billing.deduction import Source
from xiutu.platform.billing.models import BillLine, Wallet
from xiutu.platform.billing.money import ZERO
from xiutu.platform.billing.prices import PriceBook


def unbilled(repository: BillRepository, wallet: Wallet, book: PriceBook) -> tuple[BillLine, ...]:
    """What the open hours will cost, the running one included."""
    hours = hourly_lines(repository, wallet.account_id, wallet.settled_until, None, book)
    return tuple(line for _, lines in hours for line in lines)


def hourly_lines(
    repository: BillRepository,
    account_id: int,
    since: datetime,
    until: datetime | None,
    book: PriceBook,
) -> list[tuple[datetime, tuple[BillLine, ...]]]:
    """Lines of each hour with ``since <= hour < until`` that had metered calls, in order.

    Pay-as-you-go continues where the bills before ``since`` have left the month's tiers, and begins
    anew in the hour a Beijing month begins. Only such calls count there, not those of packs (A-57).
    """
    places: dict[tuple[str, datetime], int] = {}
    result = []
    for hour, group in groupby(
        repository.counts(account_id, since, until), key=lambda count: count.hour
    ):
        lines: list[BillLine] = []
        for count in group:
            if count.source is not Source.PAYG:
                lines.append(_free_line(count))
                continue
            month = midnight(month_of(hour))
            place = (count.operator, month)
            if place not in places:
                places[place] = repository.payg_calls(account_id, count.operator, month, since)
            lines += _charged_lines(count, places[place], book)
            places[place] += count.calls
        result.append((hour, tuple(lines)))
    return result


def _free_line(count: HourCount) -> BillLine:
    return BillLine(
        operator=count.operator,
        source=count.source,
        pack_id=count.pack_id,
        calls=count.calls,
        failed=count.failed,
        first_call=None,
        unit_price=None,
        amount=ZERO,
    )


def _charged_lines(count: HourCount, already: int, book: PriceBook) -> list[BillLine]:
    return [
        BillLine(
            operator=count.operator,
            source=Source.PAYG,
            pack_id=None,
            calls=share.calls,
            failed=0,
            first_call=share.first,
            unit_price=share.unit_price,
            amount=share.amount,
        )
        for share in book.of(count.operator).split(already, count.calls)
    ]
