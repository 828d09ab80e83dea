"""Settings come from the environment, then xiutu.toml, then defaults."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from xiutu.errors import BadSettings
from xiutu.settings import Settings, load


def test_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "xiutu.toml"
    file.write_text('workers = 3\nqueue = 40\nfetch_allow = ["10.0.0.0/8"]\n')
    monkeypatch.setenv("XIUTU_CONFIG", str(file))
    monkeypatch.setenv("XIUTU_WORKERS", "5")
    settings = Settings()
    assert (settings.workers, settings.queue_length) == (5, 40)
    assert settings.fetch_allow == (ip_network("10.0.0.0/8"),)


def test_lists_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIUTU_FETCH_ALLOW", "127.0.0.0/8, fd00::/8")
    monkeypatch.setenv("XIUTU_OPERATORS_OFF", "dehaze,denoise")
    settings = Settings()
    assert settings.fetch_allow == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.operators_off == ("dehaze", "denoise")


def test_models_live_in_data_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XIUTU_MODELS", raising=False)
    monkeypatch.setenv("XIUTU_DATA", str(tmp_path))
    assert Settings().models_folder == tmp_path / "models"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "0"),
        ("EXECUTOR", "cloud"),
        ("FETCH_ALLOW", "everywhere"),
        ("JOB_TIMEOUT_S", "-1"),
    ],
)
def test_nonsense_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"XIUTU_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_load_tells_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIUTU_WORKERS", "abc")
    monkeypatch.setenv("XIUTU_FETCH_ALLOW", "everywhere")
    load.cache_clear()
    with pytest.raises(BadSettings) as caught:
        load()
    workers, networks = sorted(caught.value.problems, reverse=True)
    assert workers.startswith("XIUTU_WORKERS is 'abc': ")
    assert networks.startswith("XIUTU_FETCH_ALLOW is 'everywhere': ")


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and field.description.endswith("."), name


def test_password_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIUTU_ADMIN_PASSWORD", "hunter2hunter2")
    assert "hunter2hunter2" not in repr(Settings())
