"""Every setting, in one class: environment ``XIUTU_*`` first, then ``xiutu.toml``, then the default.

``xiutu.toml`` is looked for in the working directory; ``XIUTU_CONFIG`` names another file. Each field's
description is its documentation (``docs/settings.md`` is generated from it; a test keeps them equal).
"""

import os
import tomllib
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from xiutu.errors import BadSettings

__all__ = ["Settings", "load"]

Network = IPv4Network | IPv6Network

_SECRET = frozenset({"admin_password", "database_url", "redis_url", "notify_url"})


class Settings(BaseSettings):
    """What an operator of a server may set."""

    model_config = SettingsConfigDict(env_prefix="XIUTU_", extra="ignore")

    data: Path = Field(
        default_factory=lambda: user_data_path("xiutu"),
        description="Folder of everything that is kept: database, keys, weights, certificates.",
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy URL. Default: SQLite in the data folder."
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis that counts calls a second for all server processes together (extra "
        "`[redis]`). Default: each process counts its own.",
    )
    secret_key_file: Path | None = Field(
        None,
        description="File of the key that encrypts secret keys and signs tokens; shared by all nodes. "
        "Default: secret.key in the data folder, made on the first start.",
    )
    models: Path | None = Field(
        None, description="Folder of the model weights. Default: models in the data folder."
    )
    providers: Annotated[tuple[str, ...], NoDecode] = Field(
        ("CPUExecutionProvider",),
        description="onnxruntime execution providers, best first, separated by commas.",
    )
    bfloat16: bool = Field(
        True,
        description="Run the networks that clean pictures in 16-bit floats where the processor multiplies "
        "these by itself (Intel AMX, AVX-512 BF16). Without, small pictures take 32 bits and more time, "
        "large ones 8 bits, which are a little less exact.",
    )
    threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        description="Threads one picture may use. Default: the machine's cores.",
    )
    executor: str = Field(
        "pool",
        pattern="^(pool|inline)$",
        description="Where pictures are processed: `pool` (worker processes, crash-proof) or `inline` "
        "(inside the server, for debugging).",
    )
    workers: int = Field(
        default_factory=lambda: max(1, min(os.cpu_count() or 1, 8)),
        ge=1,
        description="Worker processes of the engine. Default: the machine's cores, 8 at most.",
    )
    queue: int | None = Field(
        None, ge=1, description="Jobs that may wait for a worker. Default: 8 a worker, at least 16."
    )
    worker_memory_mb: int = Field(
        1536, ge=256, description="A worker above this resident size is killed and replaced."
    )
    memory_budget_mb: int | None = Field(
        None,
        ge=256,
        description="Estimated memory all running jobs together may take. Default: 70 % of the "
        "machine's (or container's) memory.",
    )
    body_budget_mb: int = Field(
        512, ge=64, description="Request bodies held in memory at one time, all callers together."
    )
    job_timeout_s: float = Field(
        60.0, gt=0, description="A call that takes longer, queueing included, answers 282000."
    )
    body_timeout_s: float = Field(
        60.0, gt=0, description="A client that takes longer to send its request is cut off."
    )
    shutdown_grace_s: float = Field(
        30.0, ge=0, description="Time that running work gets to finish when the server stops."
    )
    fetch_allow: Annotated[tuple[Network, ...], NoDecode] = Field(
        (),
        description="Networks (CIDR, separated by commas) that `url=` inputs may reach besides public "
        "addresses.",
    )
    fetch_timeout_s: float = Field(8.0, gt=0, description="Time a `url=` download may take in all.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$",
        description="Address under which clients reach this server, for links in answers "
        "(`https://pictures.example.com`). Default: the one each request was sent to.",
    )
    blobs_url: str | None = Field(
        None,
        description="Where results behind links are kept for their hour: `file:///path`, or "
        "`s3://bucket/prefix` and the like (extra `[blobs]`; keys from `AWS_*`). Default: the folder "
        "blobs in the data folder.",
    )
    tencent_concurrency: int = Field(
        1,
        ge=1,
        description="Calls of the Tencent interface that one account may have in work at a time; one "
        "more answers RequestLimitExceeded.JobNumExceed.",
    )
    tencent_regions: Annotated[tuple[str, ...], NoDecode] = Field(
        ("ap-guangzhou", "ap-shanghai", "ap-nanjing", "ap-beijing", "ap-chengdu", "ap-chongqing"),
        description="Regions that the Tencent interface accepts, by commas; others answer "
        "UnsupportedRegion.",
    )
    tencent_unsigned: bool = Field(
        False,
        description="Answer unsigned calls of the Tencent interface that come from this machine itself, "
        "as the application `default`: for trials only.",
    )
    operators_off: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Operators this server does not offer (they answer 216102), by commas."
    )
    token_error_status: int = Field(
        401,
        description="HTTP status of a refused token request. 401 is what the real service sends; 200 "
        "makes the vendor's quick-start program print its own message.",
    )
    strict: bool = Field(
        False,
        description="Take the documents literally where xiutu is lenient: `style_trans` without "
        "`option` answers 282003; `remove_moire` counts its 4M of base64 after percent-encoding.",
    )
    maintenance: bool = Field(
        False, description="Answer every call with error 2 (Service temporarily unavailable)."
    )
    price_book: Path | None = Field(
        None,
        description="TOML file with prices, free quota and rates of this server; what it does not name "
        "stays as documented.",
    )
    currency: str | None = Field(
        None,
        min_length=1,
        max_length=16,
        description="Label of the currency on bills; nothing is converted. Default: CNY.",
    )
    grant_delay_s: float = Field(
        0.0,
        ge=0,
        description="Time from verification until the free quota may be used; the vendor takes about "
        "600.",
    )
    invitation_only: bool = Field(
        False,
        description="Operators at the invitation stage (`segment`) answer 6 until an administrator "
        "invites the account.",
    )
    notify_url: str | None = Field(
        None,
        pattern="^https?://",
        description="Webhook that gets arrears and low-balance notices as JSON; they are logged anyway.",
    )
    admin_password: SecretStr | None = Field(
        None,
        min_length=10,
        description="Password of the console's user `admin`, set at every start: also the way back in "
        "when it was lost. Default: made and printed on the first start.",
    )
    log_format: str = Field(
        "auto", pattern="^(auto|json|console)$", description="`json`, `console`, or by terminal."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_file: Path | None = Field(
        None,
        description="File for the server's log instead of standard error; a new one each day (UTC). "
        "Each server process needs its own.",
    )
    log_days: int = Field(30, ge=1, description="Days that old files of `LOG_FILE` are kept.")
    usage_days: int | None = Field(
        None,
        ge=1,
        description="Days that single calls are kept in the usage ledger; bills and balances stay. "
        "Default: for ever.",
    )

    @field_validator("providers", "operators_off", "tencent_regions", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else value
        if isinstance(parts, list | tuple):
            return tuple(ip_network(str(part).strip()) for part in parts if str(part).strip())
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=_file()),
        )

    @property
    def models_folder(self) -> Path:
        return self.models or self.data / "models"

    @property
    def queue_length(self) -> int:
        return self.queue or max(16, 8 * self.workers)


@cache
def load() -> Settings:
    """The settings of this process, read once. Raises ``BadSettings``."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings([_problem(dict(found)) for found in error.errors()]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettings([f"{_file()} cannot be read: {error}"]) from None


def _file() -> Path:
    return Path(os.environ.get("XIUTU_CONFIG", "xiutu.toml"))


def _problem(found: dict[str, Any]) -> str:
    name = str(found["loc"][0])
    value = "" if name in _SECRET else f" is {found['input']!r}"
    where = "" if f"XIUTU_{name.upper()}" in os.environ else f" ({name} in {_file()})"
    return f"XIUTU_{name.upper()}{where}{value}: {found['msg']}"
