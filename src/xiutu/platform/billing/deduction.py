"""What pays for a call, and how many calls a second: the rules, on plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from xiutu.errors import QuotaExhausted, TotalLimitReached
from xiutu.platform.billing.prices import PriceBook


class Source(StrEnum):
    """``OPEN``: an operator whose calls are counted against nothing. ``NONE``: nothing was taken."""

    FREE = "free"
    PACK = "pack"
    PAYG = "payg"
    OPEN = "open"
    NONE = "none"


class Switch(StrEnum):
    """Pay-as-you-go of one interface. ``AUTO``: on once a pack has been used up (A-56)."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


@dataclass
class PackState:
    """A pack that was not refunded. ``left``: calls neither made nor reserved."""

    id: int
    calls: int
    left: int
    bought_at: datetime
    expires_at: datetime

    def usable(self, now: datetime) -> bool:
        return self.left > 0 and now < self.expires_at


@dataclass(frozen=True)
class AddonState:
    qps: int
    starts_at: datetime
    ends_at: datetime


@dataclass
class Standing:
    """One account at one operator. Mutable: a group of calls is worked off in memory.

    ``granted`` None: the operator has no free quota and is not counted (A-69). ``used`` and
    ``cap_used`` include reservations. ``cap`` is an administrator's lifetime limit.
    """

    operator: str
    granted: int | None
    used: int
    usable_from: datetime
    withdrawn: bool = False
    switch: Switch = Switch.AUTO
    cap: int | None = None
    cap_used: int = 0
    invited: bool | None = None
    arrears: bool = False
    packs: list[PackState] = field(default_factory=list)
    addons: tuple[AddonState, ...] = ()

    def free_left(self, now: datetime) -> int:
        """Free calls that may be used now: none before the grant's delay is over."""
        if self.granted is None or self.withdrawn or now < self.usable_from:
            return 0
        return max(0, self.granted - self.used)

    def usable_packs(self, now: datetime) -> list[PackState]:
        """In the order of use: first to lapse, first bought, smallest (A-55)."""
        found = [pack for pack in self.packs if pack.usable(now)]
        return sorted(found, key=lambda p: (p.expires_at, p.bought_at, p.calls, p.id))

    def payg(self, book: PriceBook) -> bool:
        """Whether calls are charged once quota and packs are empty (arrears not considered)."""
        if not book.of(self.operator).purchasable or self.switch is Switch.OFF:
            return False
        return self.switch is Switch.ON or any(pack.left == 0 for pack in self.packs)

    def paid(self, book: PriceBook, now: datetime) -> bool:
        """The paid state: pay-as-you-go on or a pack in hand."""
        return self.payg(book) or bool(self.usable_packs(now))

    def qps(self, book: PriceBook, now: datetime) -> int:
        """Calls a second: 2 free, 10 paid plus add-ons; arrears count as free (A-63, A-64)."""
        if self.arrears or not self.paid(book, now):
            return book.free_qps
        extra = sum(addon.qps for addon in self.addons if addon.starts_at <= now < addon.ends_at)
        return book.paid_qps + extra


@dataclass(frozen=True)
class Charge:
    """What one call takes. ``pack_id`` only with ``Source.PACK``."""

    source: Source
    pack_id: int | None = None


NOTHING = Charge(Source.NONE)


def take(standing: Standing, book: PriceBook, now: datetime) -> Charge:
    """Take one call: free quota, then packs, then pay-as-you-go. Changes ``standing``.

    Raises ``QuotaExhausted`` (17) or, for an administrator's lifetime limit, ``TotalLimitReached``
    (19); then nothing was taken.
    """
    charge = _next(standing, book, now)
    if standing.cap is not None and standing.cap_used >= standing.cap:
        raise TotalLimitReached(standing.operator)
    standing.cap_used += 1
    if charge.source is Source.FREE:
        standing.used += 1
    elif charge.source is Source.PACK:
        _pack(standing, charge.pack_id).left -= 1
    return charge


def give_back(standing: Standing, charge: Charge) -> None:
    """Undo ``take``: the call was never made. Changes ``standing``."""
    standing.cap_used -= 1
    if charge.source is Source.FREE:
        standing.used -= 1
    elif charge.source is Source.PACK:
        _pack(standing, charge.pack_id).left += 1


def keep(standing: Standing, charge: Charge, *, succeeded: bool) -> Charge:
    """What a finished call has cost in the end. Changes ``standing``.

    A failed call has used up free quota, but costs neither packs nor money (A-51); it keeps counting
    against a lifetime limit, which is one of calls.
    """
    if succeeded or charge.source in (Source.FREE, Source.OPEN):
        return charge
    if charge.source is Source.PACK:
        _pack(standing, charge.pack_id).left += 1
    return NOTHING


def _next(standing: Standing, book: PriceBook, now: datetime) -> Charge:
    if standing.granted is None and not book.of(standing.operator).purchasable:
        return Charge(Source.OPEN)
    if standing.free_left(now) > 0:
        return Charge(Source.FREE)
    packs = standing.usable_packs(now)
    if packs:
        return Charge(Source.PACK, packs[0].id)
    if standing.payg(book) and not standing.arrears:
        return Charge(Source.PAYG)
    raise QuotaExhausted(standing.operator)


def _pack(standing: Standing, pack_id: int | None) -> PackState:
    return next(pack for pack in standing.packs if pack.id == pack_id)
