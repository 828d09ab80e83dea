"""The server process: composes the context, runs uvicorn, stops in the right order."""

import asyncio
import math
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO, cast

import structlog
import uvicorn
from starlette.applications import Starlette

from xiutu.classify.facade import Classifiers
from xiutu.classify.keeper import Keeper
from xiutu.engine.admission import Bounds
from xiutu.engine.inline import InlineExecutor
from xiutu.engine.interface import Executor
from xiutu.engine.pool import PoolExecutor
from xiutu.engine.process import Limits
from xiutu.gateway import logs
from xiutu.gateway.app import build_app
from xiutu.gateway.context import Context
from xiutu.gateway.easydl.batching import Batcher
from xiutu.gateway.log_file import DailyFile
from xiutu.gateway.metrics import Metrics
from xiutu.gateway.protocol import Http1Protocol
from xiutu.gateway.reading import BodyBudget
from xiutu.gateway.runner import RUNNER
from xiutu.gateway.tencent.links import keep_swept
from xiutu.net.fetch import Fetcher
from xiutu.platform.facade import Platform
from xiutu.settings import Settings
from xiutu.storage.blobs import open_blobs
from xiutu.storage.leases import Leases, LocalLeases

__all__ = ["Server", "open_context"]

_log = structlog.get_logger("xiutu.server")
_STOP_S = 2.0
_KEEP_ALIVE_S = 75  # longer than the 60 s of common proxies, so that they close first

Announce = Callable[[Settings, str, dict[str, str] | None], None]


def open_context(settings: Settings, platform: Platform) -> Context:
    """Compose what requests share; nothing is started yet."""
    executor = _executor(settings)
    return Context(
        settings=settings,
        platform=platform,
        executor=executor,
        fetcher=Fetcher(settings.fetch_allow, settings.fetch_timeout_s),
        metrics=Metrics(executor),
        bodies=BodyBudget(settings.body_budget_mb * 1024 * 1024),
        blobs=open_blobs(settings.blobs_url, settings.data / "blobs"),
        leases=_leases(settings),
        classifiers=Classifiers.of(settings),
        batcher=Batcher(executor, settings.workers),
    )


def _leases(settings: Settings) -> Leases:
    if settings.redis_url is None:
        return LocalLeases()
    from xiutu.storage.redis_leases import RedisLeases

    return RedisLeases(settings.redis_url.get_secret_value())


def _executor(settings: Settings) -> Executor:
    budget = settings.memory_budget_mb
    bounds = Bounds.default(settings.workers, settings.queue_length, budget and float(budget))
    if settings.executor == "inline":
        return InlineExecutor(settings.workers, runner=RUNNER, bounds=bounds)
    return PoolExecutor(
        settings.workers,
        runner=RUNNER,
        bounds=bounds,
        limits=Limits(megabytes=settings.worker_memory_mb),
        threads=settings.threads,
    )


class Server:
    """One server on one port.

    ``announce`` is called once the port is open, with the address and, on the first start of an
    installation, the keys of the ready-made application. Raises ``OSError`` when DATA cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        host: str,
        port: int,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        announce: Announce | None = None,
    ) -> None:
        file = DailyFile(settings.log_file, settings.log_days) if settings.log_file else None
        logs.configure(settings.log_format, settings.log_level, cast("TextIO | None", file))
        self.settings = settings
        self.announce = announce
        self.platform = Platform.of(settings)
        try:
            # Now, not during the first call: a price file with faults must stop the start.
            assert self.platform.log_ids
            assert self.platform.billing.rules
            assert self.platform.billing.counter
            self.context = open_context(settings, self.platform)
        except BaseException:
            self.platform.close()
            raise
        config = uvicorn.Config(
            self._app(),
            host=host,
            port=port,
            access_log=False,  # it would print access tokens
            server_header=False,
            log_config=None,
            http=Http1Protocol,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=max(1, math.ceil(settings.shutdown_grace_s)),
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
            lifespan="on",
        )
        self.uvicorn = _Announcing(config, self._announce)

    def run(self) -> int:
        """Serve until a signal; returns the exit code."""
        try:
            self.uvicorn.run()
        except SystemExit:  # the port is taken or the like; uvicorn has logged which
            return 1
        finally:
            self.platform.close()
        return 0 if self.uvicorn.started else 1

    def _app(self) -> Starlette:
        app = build_app(self.context)
        trainings = Keeper(self.context.classifiers.jobs)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            await asyncio.to_thread(self.context.executor.start)
            self.platform.billing.keeper.start()
            trainings.start()
            sweeping = asyncio.create_task(keep_swept(self.context))
            try:
                yield
            finally:
                sweeping.cancel()
                await asyncio.to_thread(trainings.stop)
                await asyncio.to_thread(self.platform.billing.keeper.stop)
                # Requests have had their grace; what runs now runs for nobody.
                await asyncio.to_thread(self.context.executor.stop, _STOP_S)
                await self.context.fetcher.close()
                self.context.leases.close()
                self.context.classifiers.close()

        app.router.lifespan_context = lifespan
        return app

    def _announce(self, address: str) -> None:
        _log.info("listening", address=address, workers=self.settings.workers)
        keys = self._first_keys()
        chosen = self.settings.admin_password
        password = self.platform.users.ensure_admin(chosen.get_secret_value() if chosen else None)
        if password is not None:
            keys = {**(keys or {}), "password": password}
        if self.announce:
            self.announce(self.settings, address, keys)

    def _first_keys(self) -> dict[str, str] | None:
        """Made once the port is open: a start that fails must not swallow the only print of them."""
        made = self.platform.ensure_defaults()
        if made is None:
            return None
        keys = {"api_key": made.api_key, "secret_key": made.secret_key}
        return {"app_id": made.app.app_id, **keys}


class _Announcing(uvicorn.Server):
    """Tells the address once the socket is open; with port 0 that is the only way to know it."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._announce = announce

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and be done with the signal: the base class raises it once more at the end, which
        would make a clean stop look like a crash to whoever waits for the exit code."""
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started and self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            scheme = "https" if self.config.is_ssl else "http"
            self._announce(f"{scheme}://{shown}:{port}")
