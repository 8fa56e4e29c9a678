"""The settings of a running service. Built by the caller, never at import; nothing else reads the environment."""

import ipaddress
import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSetting(Exception):
    """A setting that would make the service unsafe or unusable. The text is one sentence for the operator."""


class Settings(BaseSettings):
    """Read from environment variables of the same names in capitals (`PORT`, `DATABASE_URL` ...)."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(default="sqlite:///var/infusion-vitals.db", repr=False)
    """SQLAlchemy URL of a SQLite file or of a PostgreSQL database, with a role that does not own the tables."""
    owner_database_url: SecretStr | None = None
    """PostgreSQL: the owner's URL, for `migrate` alone."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0: any free port (for tests)."""
    behind_tls_proxy: bool = False
    """A proxy on this machine ends TLS and sets X-Forwarded-For: we may listen beyond this machine, and send HSTS."""
    public_url: str | None = None
    """Where others find this service, such as https://clinic.example: machines sign in to exactly this address."""
    max_body_bytes: int = Field(default=65536, ge=1024, le=16 * 1024 * 1024)
    sign_in_idle_minutes: int = Field(default=30, ge=1, le=1440)
    sign_in_absolute_minutes: int = Field(default=720, ge=1, le=10080)
    docs: bool = False
    """Serve /openapi.json. There are no pages that fetch scripts from elsewhere."""
    metrics: bool = False
    """Serve /metrics."""
    export_key: SecretStr | None = None
    """Secret of exports without identifiers, at least 32 characters of chance. Another key: other hashes and shifts."""
    hl7_hosts: str = ""
    """Names or addresses, separated by commas, that HL7 v2 messages may be sent to besides this machine."""
    password_workers: int = Field(default=2, ge=1, le=16)
    """Passwords checked at once. Each takes some 25 ms of one core and 19 MiB."""

    export_folder: Path | None = None
    """Where the files of bulk exports lie until they expire: patients' data, for the service's own user only. Without
    it beside a SQLite file, or in var/exports."""
    export_hours: int = Field(default=24, ge=1, le=720)
    """How long a finished export can be fetched."""
    export_settle_seconds: float = Field(default=30, ge=0, le=600)
    """How long an export waits before it reads: until whatever was under way when it was ordered is kept or refused."""

    @model_validator(mode="after")
    def _stay_on_this_machine(self) -> Self:
        if not self.behind_tls_proxy and not is_loopback(self.host):
            raise ValueError(
                f"HOST={self.host} would carry passwords and patient data over the network in the clear: listen on "
                "127.0.0.1, or put a TLS proxy in front and set BEHIND_TLS_PROXY=true"
            )
        return self

    @model_validator(mode="after")
    def _public_url_is_one(self) -> Self:
        url = self.public_url
        if url is not None and (not _URL.match(url) or not _is_safe(url)):
            raise ValueError(
                "PUBLIC_URL must be this service's own address, without a path: https://clinic.example (http:// only "
                "for this very machine)"
            )
        return self

    def exports(self) -> Path:
        """Where the files of bulk exports lie."""
        if self.export_folder is not None:
            return self.export_folder.absolute()
        file = self.database_url.removeprefix("sqlite:///")
        return (Path(file).parent / "exports" if file != self.database_url else Path("var/exports")).absolute()

    def address(self) -> str | None:
        """Where others find this service: never what a request says. None behind a proxy nobody has named."""
        if self.public_url is not None:
            return self.public_url
        if self.behind_tls_proxy:
            return None
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


_URL = re.compile(r"https?://(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[1-9][0-9]{0,4})?\Z", re.ASCII)


def _is_safe(url: str) -> bool:
    return url.startswith("https:") or is_loopback(urlsplit(url).hostname or "")


_SENTENCES = {"int_parsing": "must be a whole number", "bool_parsing": "must be true or false"}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with `given` on top. Raises `UnsafeSetting`, naming the first one at fault."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by the model itself
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = "_".join(str(part) for part in fault["loc"]).upper()
        text = _SENTENCES.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
        raise UnsafeSetting(f"{name}: {text}" if name else text) from None
