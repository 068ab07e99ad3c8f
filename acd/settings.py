"""Where things are and under which name: environment and file become one frozen Settings. Opens nothing.

Every setting is an environment variable CORDBOARD_…, or a line in the TOML file that CORDBOARD_SETTINGS
names; the environment wins. How the call centre works is not here but in the centre file.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

Kind = TypeVar("Kind", bound="_Sourced")


_PATHS = (Path, Path | None)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _origins(said: Any) -> Any:
    """A list, or a line with commas, as an environment has it."""
    origins = said.replace(",", " ").split() if isinstance(said, str) else said
    for origin in origins:
        if not isinstance(origin, str) or not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin!r} is no origin: write https://crm.example, as browsers do, without a path"
            )
    return origins


class SettingsError(Exception):
    """A setting is missing or makes no sense; the text names each and says what to do."""


class _Sourced(BaseSettings):
    """Settings from code, environment and file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then the file."""
        file = os.environ.get("CORDBOARD_SETTINGS")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return (init_settings, env_settings, *toml)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty_paths(cls, given: dict[str, Any]) -> dict[str, Any]:
        """`CORDBOARD_MENUS=` is how a compose file says that there is none; as a path it were the folder we are in."""
        paths = {n for n, field in cls.model_fields.items() if field.annotation in _PATHS}
        return {name: said for name, said in given.items() if said != "" or name not in paths}


class Storage(_Sourced):
    """What a command needs that works on the database alone."""

    model_config = SettingsConfigDict(env_prefix="CORDBOARD_", frozen=True, extra="ignore")

    region: str = Field(default="CN", description="Region of numbers without a country code.")
    recordings: Path | None = Field(
        default=None,
        description="Folder in which Asterisk's recordings are; if not given, they are asked of Asterisk.",
    )
    ari_url: str = Field(default="http://127.0.0.1:8088/ari", description="Asterisk's ARI.")
    ari_user: str = "cordboard"
    ari_password: SecretStr = SecretStr("")
    database: str = Field(
        default="sqlite:///cordboard.db", description="sqlite:///FILE or postgresql://…"
    )


class Settings(Storage):
    """Everything that differs from one installation to the next."""

    model_config = SettingsConfigDict(env_prefix="CORDBOARD_", frozen=True, extra="forbid")

    centre: Path = Field(description="The centre file: queues, agents, users.")
    menus: Path | None = Field(default=None, description="Folder of menus; ours if not given.")
    time_zone: ZoneInfo = Field(
        default=ZoneInfo("Asia/Shanghai"), description="Whose days reports are about."
    )
    pay_rule: Path | None = Field(default=None, description="The rule for pay, if calls are paid.")
    queue_log: Path | None = Field(
        default=None, description="A queue_log for tools that read app_queue's."
    )
    webhooks: Path | None = Field(default=None, description="Who is told of events over HTTP.")
    journal: Path = Field(default=Path("journal"), description="Folder of the journals.")
    journal_days: int = Field(default=7, ge=1, le=3650, description="How long journals are kept.")

    keep_callers_days: int = Field(
        default=0, ge=0, le=36_500, description="How long is kept who called; 0: for good."
    )
    keep_contacts_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Contacts by other channels, what was complained of.",
    )
    keep_recordings_days: int = Field(
        default=0, ge=0, le=36_500, description="What was said; never longer than who called."
    )
    keep_customers_days: int = Field(
        default=0, ge=0, le=36_500, description="Customers who have not been in touch since."
    )

    node: str = Field(default="pbx1", pattern="^[a-z0-9-]{1,16}$", description="Our name for it.")
    ari_password: SecretStr
    ami_host: str = "127.0.0.1"
    ami_port: int = Field(default=5038, ge=1, le=65535)
    ami_user: str = "cordboard"
    ami_secret: SecretStr

    crm_url: str = Field(
        default="", pattern="^(https?://.*)?$", description="Asked what it knows of a caller."
    )
    crm_token: SecretStr = SecretStr("")
    redis: str | None = Field(
        default=None, description="redis://…, for API processes besides the engine's."
    )

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=0, le=65535)
    api_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)] = Field(
        default=(), description="Whose pages may use the API, such as https://crm.example."
    )
    api_certificate: Path | None = Field(
        default=None, description="The API's certificate and chain, as PEM; http without."
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://.*|http://(127\.0\.0\.1|localhost)(:\d+)?(/.*)?)?$",
        description="Who says who people are, by OpenID Connect, such as https://login.example/realms/centre.",
    )
    oidc_audience: str = Field(default="cordboard", description="Our name there: the client id.")
    oidc_claim: str = Field(
        default="preferred_username", description="The claim that is a user of the centre file."
    )
    api_private_key: Path | None = Field(default=None, description="Its private key, as PEM.")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _have_both_or_neither(self) -> Self:
        if (self.api_certificate is None) != (self.api_private_key is None):
            raise ValueError(
                "CORDBOARD_API_CERTIFICATE and CORDBOARD_API_PRIVATE_KEY belong together: set both, or neither"
            )
        return self


class ApiSettings(Settings):
    """Of an API process without an engine: it needs Redis, and of Asterisk recordings alone, if anybody hears them."""

    redis: str = Field(description="redis://…, the engine's.")
    ari_password: SecretStr = SecretStr("")
    ami_secret: SecretStr = SecretStr("")


Given = TypeVar("Given", bound=Settings)


def load_settings(kind: type[Given]) -> Given:
    """The settings of this kind; raises SettingsError with every problem at once."""
    return _load(kind)


def load_storage() -> Storage:
    """Those of the database alone; raises SettingsError."""
    return _load(Storage)


def _load(kind: type[Kind]) -> Kind:
    file = os.environ.get("CORDBOARD_SETTINGS")
    if file and not Path(file).is_file():
        raise SettingsError(f"CORDBOARD_SETTINGS names {file}, and there is no such file.")
    try:
        return kind()  # The sources give what is required.
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"])
            if not name:  # It is about two settings, and names both.
                lines.append(problem["msg"].removeprefix("Value error, "))
                continue
            text = "is not set" if problem["type"] == "missing" else problem["msg"].lower()
            lines.append(f"CORDBOARD_{name.upper()} (or {name} in the settings file): {text}")
        raise SettingsError("\n".join(lines)) from error
    except ValueError as error:  # The file is not TOML.
        raise SettingsError(f"{file}: is not TOML: {error}") from error
