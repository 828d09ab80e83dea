"""What plan `metered` adds to a call: permission, rate, quota, reservation and settlement.

On SQLite with `synchronous=FULL`, calls of an unlimited and of a metered account in turns, so that both
see the same machine; each call is admitted and then written down durably, as in the server, without the
work in between. Once one caller alone, once sixteen at a time (they share commits).
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from xiutu.platform.billing.deduction import Switch
from xiutu.platform.clock import system_clock
from xiutu.platform.facade import Platform
from xiutu.platform.models import Plan, Principal, UsageEntry
from xiutu.storage.counters import WINDOW_US, LocalCounter

ROUNDS = 300


def measure() -> list[dict[str, object]]:
    """A row for each way a call is paid, and for one and for sixteen callers."""
    with tempfile.TemporaryDirectory() as folder, Platform.open(Path(folder)) as platform:
        # Every look is a second later: what is measured is the cost of passing, not of being refused.
        platform.billing.counter = LocalCounter(count(step=WINDOW_US).__next__)
        unlimited = _caller(platform, "unlimited", Plan.UNLIMITED)
        metered = _caller(platform, "metered", Plan.METERED)
        shop = platform.billing.shop
        platform.billing.wallets.topup("metered", 1000)
        shop.buy_pack("metered", "denoise", 10_000)
        platform.billing.grants.withdraw("metered", "denoise")
        platform.billing.grants.withdraw("metered", "colourize")
        platform.billing.grants.give("metered", "dehaze", 1_000_000)
        shop.set_payg("metered", "colourize", Switch.ON)
        ways = {"free quota": "dehaze", "pack": "denoise", "pay-as-you-go": "colourize"}
        rows = []
        for way, operator in ways.items():
            for callers in (1, 16):
                plain, paid = _in_turns(unlimited, metered, operator, callers)
                rows.append(
                    {
                        "paid by": way,
                        "callers": callers,
                        "unlimited ms": round(plain, 2),
                        "metered ms": round(paid, 2),
                        "added ms": round(paid - plain, 2),
                    }
                )
        assert platform.billing.audit.verify().clean
    return rows


def _caller(platform: Platform, name: str, plan: Plan) -> Callable[[str], float]:
    platform.accounts.create(name, plan=plan)
    principal = Principal.of(platform.apps.create(name, account=name).app)

    def call(operator: str) -> float:
        start = time.perf_counter()
        log_id = platform.log_ids.large()
        ticket = platform.billing.admission.admit(principal, operator, log_id)
        entry = UsageEntry(log_id, principal.account_id, principal.app_id, operator, system_clock())
        platform.ledger.record(entry, ticket).result()
        return (time.perf_counter() - start) * 1000

    return call


def _in_turns(
    unlimited: Callable[[str], float], metered: Callable[[str], float], operator: str, callers: int
) -> tuple[float, float]:
    """Medians in milliseconds."""
    times: dict[Callable[[str], float], list[float]] = {unlimited: [], metered: []}
    with ThreadPoolExecutor(callers) as pool:
        for _ in range(ROUNDS // callers + 2):
            for call, taken in times.items():
                taken.extend(pool.map(call, [operator] * callers))
    warm = 2 * callers
    plain, paid = (statistics.median(taken[warm:]) for taken in times.values())
    return plain, paid
