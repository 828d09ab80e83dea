"""A real PostgreSQL and a real Redis for the tests, each of its own, thrown away afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from xiutu.storage import Database

_INSTALL = "sh scripts/test-services installs what the tests need"
_SPEED = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]


class Postgres:
    """Databases on one cluster, reachable by a socket in ``folder`` only."""

    def __init__(self, folder: Path, user: str) -> None:
        self._address = f"?host={folder}&user={user}"
        self._numbers = count(1)
        self._admin = create_engine(
            f"postgresql+psycopg:///postgres{self._address}", isolation_level="AUTOCOMMIT"
        )
        self._template = ""

    def empty(self) -> str:
        """URL of a new database without tables."""
        return self._made("template0")

    def migrated(self) -> str:
        """URL of a new database with the newest schema; a copy, so it takes no time."""
        if not self._template:
            url = self.empty()
            Database.open(Path(), url).close()
            self._template = _name(url)
        return self._made(self._template)

    def drop(self, url: str) -> None:
        """Remove a database, whoever still uses it."""
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {_name(url)} WITH (FORCE)"))

    def close(self) -> None:
        self._admin.dispose()

    def _made(self, template: str) -> str:
        name = f"test{next(self._numbers)}"
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return f"postgresql:///{name}{self._address}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Starts a cluster in a folder under /tmp (a socket's path must be short)."""
    programs = _postgres_bin()
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="xiutu-pg", dir=_memory()) as name:
        folder = Path(name)
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, user)
        data, account = folder / "data", pwd.getpwnam(user)
        # A file, not a pipe: nobody reads along, and a full pipe would stop the server.
        errors = (folder / "errors").open("wb")

        def run(*command: str) -> "subprocess.Popen[bytes]":
            return subprocess.Popen(
                command,
                user=account.pw_uid if os.geteuid() == 0 else None,
                group=account.pw_gid if os.geteuid() == 0 else None,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

        initdb = run(
            str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", user,
            "-E", "UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        assert initdb.wait(120) == 0, (folder / "errors").read_text()
        server = run(
            str(programs / "postgres"), "-D", str(data), "-k", str(folder),
            "-c", "listen_addresses=", *_SPEED,
        )  # fmt: skip
        try:
            _until((folder / ".s.PGSQL.5432").exists, server)
            _until(lambda: _accepts(programs, folder, user), server)
            made = Postgres(folder, user)
            yield made
            made.close()
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
            errors.close()


@contextmanager
def redis() -> Iterator[str]:
    """Starts a server without persistence; gives its URL."""
    program = shutil.which("redis-server")
    assert program, f"redis-server is missing: {_INSTALL}"
    with tempfile.TemporaryDirectory(prefix="xiutu-redis") as name:
        socket = Path(name) / "redis.sock"
        server = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", name],
            stdout=subprocess.DEVNULL,
        )
        try:
            _until(socket.exists, server)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(30)


def _name(url: str) -> str:
    return url.removeprefix("postgresql:///").partition("?")[0]


def _memory() -> str | None:
    """Where files cost least: shared memory when there is plenty, else the usual place."""
    shared = Path("/dev/shm")
    return str(shared) if shared.is_dir() and shutil.disk_usage(shared).free > 2**30 else None


def _postgres_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    program = found[-1] if found else on_path and Path(on_path)
    assert program, f"PostgreSQL is missing: {_INSTALL}"
    return Path(program).parent


def _accepts(programs: Path, folder: Path, user: str) -> bool:
    command = [str(programs / "pg_isready"), "-q", "-h", str(folder), "-U", user]
    return subprocess.run(command, check=False).returncode == 0


def _until(
    ready: Callable[[], bool], server: "subprocess.Popen[bytes]", seconds: float = 60
) -> None:

    end = time.monotonic() + seconds
    while not ready():
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < end, "the server does not start"
        time.sleep(0.05)
