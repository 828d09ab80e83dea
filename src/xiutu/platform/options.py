"""What the settings decide about the platform, gathered where the command line and servers open it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from xiutu.settings import Settings


@dataclass(frozen=True)
class Options:
    """Defaults are those of ``Settings``. ``reservation`` must outlast every possible call."""

    price_book: Path | None = None
    currency: str | None = None
    grant_delay: timedelta = timedelta(0)
    invited: bool = True
    reservation: timedelta = timedelta(seconds=180)
    redis_url: str | None = None
    webhook: str | None = None
    usage_days: int | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Options":
        slowest = settings.body_timeout_s + settings.job_timeout_s + settings.fetch_timeout_s
        return cls(
            price_book=settings.price_book,
            currency=settings.currency,
            grant_delay=timedelta(seconds=settings.grant_delay_s),
            invited=not settings.invitation_only,
            reservation=timedelta(seconds=slowest + 30),
            redis_url=settings.redis_url.get_secret_value() if settings.redis_url else None,
            webhook=settings.notify_url,
            usage_days=settings.usage_days,
        )
