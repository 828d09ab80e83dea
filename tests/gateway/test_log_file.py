"""LOG_FILE: a new file each day, old ones removed after LOG_DAYS."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.server import SMALL, RunningServer
from xiutu.gateway.log_file import DailyFile


def test_days(tmp_path: Path) -> None:
    now = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
    path = tmp_path / "logs/server.log"
    file = DailyFile(path, 2, lambda: now)
    file.write("first\n")
    (path.parent / "server.log.notes").write_text("not ours")
    for _ in range(4):
        now += timedelta(days=1)
        file.write(f"{now:%d}\n")
    file.close()
    found = {p.name: p.read_text() for p in path.parent.iterdir()}
    assert found == {
        "server.log": "05\n",
        "server.log.2026-03-04": "04\n",
        "server.log.2026-03-03": "03\n",
        "server.log.notes": "not ours",
    }


def test_a_file_of_yesterday_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    path.write_text("yesterday\n")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    file = DailyFile(path, 30, lambda: tomorrow)
    file.write("today\n")
    file.close()
    assert path.read_text() == "today\n"
    assert len(list(tmp_path.glob("server.log.*"))) == 1


def test_the_server_writes_it(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with RunningServer(tmp_path / "s", **SMALL, XIUTU_LOG_FILE=str(log)) as server:
        assert server.call("dehaze", image=b"no picture")["error_code"] == 216201
        assert '"code": 216201' in log.read_text()
        assert server.log.read_text() == ""
