import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xiutu.errors import AppNotFound
from xiutu.platform.facade import Platform
from xiutu.platform.keyring import SecretKeyError
from xiutu.platform.models import Plan
from xiutu.storage import StorageUnavailable


def test_the_first_start_makes_the_defaults_once(opened: Callable[[], Platform]) -> None:
    platform = opened()
    made = platform.ensure_defaults()
    assert made is not None
    assert made.app.name == made.app.account.name == "default"
    assert made.app.account.plan is Plan.UNLIMITED
    assert made.app.operators is None
    assert platform.ensure_defaults() is None
    assert opened().ensure_defaults() is None
    platform.apps.delete(made.app.app_id)
    assert opened().ensure_defaults() is None  # what the owner removed stays removed
    with pytest.raises(AppNotFound):
        platform.apps.find("default")


def test_an_app_called_default_made_before_the_first_start(platform: Platform) -> None:
    mine = platform.apps.create("default", operators=["dehaze"])
    assert platform.ensure_defaults() is None
    platform.apps.delete(mine.app.app_id)
    assert platform.ensure_defaults() is None


def test_first_starts_at_once_make_one_app(tmp_path: Path, database_url: str | None) -> None:
    code = (
        "import sys; from pathlib import Path; from xiutu.platform.facade import Platform\n"
        "with Platform.open(Path(sys.argv[1]), sys.argv[2] or None) as platform:\n"
        "    made = platform.ensure_defaults()\n"
        "    print(len(platform.apps.all()), made is not None)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "data"), database_url or ""]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], answers
    assert sorted(out.strip() for out, _ in answers) == ["1 False", "1 False", "1 True"]


def test_a_lost_secret_key_is_said_and_not_replaced(
    opened: Callable[[], Platform], tmp_path: Path
) -> None:
    opened().ensure_defaults()
    path = tmp_path / "data/secret.key"
    text = path.read_bytes()
    path.unlink()
    with pytest.raises(SecretKeyError, match="lost"):
        opened()
    assert not path.exists()
    path.write_bytes(base64.b64encode(os.urandom(32)))
    with pytest.raises(SecretKeyError, match="not the secret key"):
        opened()
    path.write_bytes(text)
    opened().apps.keys(opened().apps.find("default").app_id)


def test_the_secret_key_may_be_elsewhere(tmp_path: Path) -> None:
    key = tmp_path / "keys/shared.key"
    with Platform.open(tmp_path / "data", secret_key_file=key) as platform:
        made = platform.ensure_defaults()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not (tmp_path / "data/secret.key").exists()
    assert made is not None
    with Platform.open(tmp_path / "data", secret_key_file=key) as platform:
        assert platform.apps.credentials(made.api_key) == made


def test_ping(tmp_path: Path) -> None:
    with Platform.open(tmp_path / "data") as platform:
        platform.ping()
        platform._database.close()
        for path in (tmp_path / "data").iterdir():
            path.unlink()
        (tmp_path / "data").rmdir()
        with pytest.raises(StorageUnavailable):
            platform.ping()
