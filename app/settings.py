"""The settings of a running service. Built by the caller, never at import; nothing else reads the environment."""

import ipaddress
import re
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.db import wire
from app.db.keys import KeyPlace
from app.domain.addresses import is_loopback


class UnsafeSetting(Exception):
    """A setting that would make the service unsafe or unusable. The text is one sentence for the operator."""


class Settings(BaseSettings):
    """Read from environment variables of the same names in capitals (`PORT`, `DATABASE_URL` ...)."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    database_url: str = Field(default="sqlite:///var/infusion-vitals.db", repr=False)
    """SQLAlchemy URL of a SQLite file or of a PostgreSQL database, with a role that does not own the tables.

    Every PostgreSQL on another machine, here and below, is reached with `sslmode=verify-full` (or `verify-ca`)."""
    owner_database_url: SecretStr | None = None
    """PostgreSQL: the owner's URL, for `migrate` alone."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    """0: any free port (for tests)."""
    behind_tls_proxy: bool = False
    """A proxy ends TLS and sets X-Forwarded-For: we may listen beyond this machine, and send HSTS."""
    trusted_proxies: str = "127.0.0.1, ::1"
    """Addresses or networks, separated by commas, of the proxies whose X-Forwarded-For is believed."""
    most_connections: int = Field(default=1000, ge=50, le=60000)
    """Connections at once. One address has a quarter of them, but for trusted proxies."""
    public_url: str | None = None
    """Where others find this service, such as https://clinic.example: machines sign in to exactly this address."""
    max_body_bytes: int = Field(default=65536, ge=1024, le=16 * 1024 * 1024)
    sign_in_idle_minutes: int = Field(default=30, ge=1, le=1440)
    sign_in_absolute_minutes: int = Field(default=720, ge=1, le=10080)
    docs: bool = False
    """Serve /openapi.json. There are no pages that fetch scripts from elsewhere."""
    metrics: bool = False
    """Serve /metrics."""
    secrets_key_file: Path | None = None
    """The file of the keys that seal secrets at rest, for the service's own user only. Without it beside a SQLite file,
    made at the first start; PostgreSQL needs it, or `secrets_key`."""
    secrets_key: SecretStr | None = None
    """The same keys in place of a file: NUMBER:KEY, several with commas between."""
    export_key: SecretStr | None = None
    """Secret of exports without identifiers, at least 32 characters of chance. Another key: other hashes and shifts."""
    hl7_hosts: str = ""
    """Names or addresses, separated by commas, that HL7 v2 messages may be sent to besides this machine."""
    password_workers: int = Field(default=2, ge=1, le=16)
    """Passwords checked at once, besides one of a stranger. Each takes some 25 ms of one core and 19 MiB."""

    export_folder: Path | None = None
    """Where the files of bulk exports lie until they expire: patients' data, for the service's own user only. Without
    it beside a SQLite file, or in var/exports."""
    export_hours: int = Field(default=24, ge=1, le=720)
    """How long a finished export can be fetched."""
    export_settle_seconds: float = Field(default=30, ge=0, le=600)
    """How long an export waits before it reads: until whatever was under way when it was ordered is kept or refused."""

    backup_recipients: str = ""
    """Whose keys open a backup, separated by commas: age1..., or lines of SSH's public keys."""
    backup_identity_file: Path | None = None
    """The key that opens backups, for `backup verify` and `restore`. Kept away from this machine otherwise."""
    backup_scratch: Path | None = None
    """A folder for copies while they are made and checked; without it one in memory, /dev/shm."""
    backup_scratch_database_url: SecretStr | None = None
    """PostgreSQL: a server where a scratch database may be made to check a backup in; else the owner's."""
    postgresql_programs: Path | None = None
    """The folder of pg_dump and pg_restore, of the server's version or a later one; else those on PATH."""

    @model_validator(mode="after")
    def _stay_on_this_machine(self) -> Self:
        if not self.behind_tls_proxy and not is_loopback(self.host):
            raise ValueError(
                f"HOST={self.host} would carry passwords and patient data over the network in the clear: listen on "
                "127.0.0.1, or put a TLS proxy in front and set BEHIND_TLS_PROXY=true"
            )
        return self

    @model_validator(mode="after")
    def _databases_are_reached_safely(self) -> Self:
        others = {
            "OWNER_DATABASE_URL": self.owner_database_url,
            "BACKUP_SCRATCH_DATABASE_URL": self.backup_scratch_database_url,
        }
        given = {name: url.get_secret_value() for name, url in others.items() if url is not None}
        for name, url in {"DATABASE_URL": self.database_url, **given}.items():
            if (fault := wire.fault(url)) is not None:
                raise ValueError(f"{name} {fault}")
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

    @model_validator(mode="after")
    def _proxies_are_some(self) -> Self:
        for network in self.proxies():
            if network.prefixlen == 0:
                raise ValueError("TRUSTED_PROXIES names everybody: anybody could say who they are; name the proxies")
        return self

    @model_validator(mode="after")
    def _keys_lie_in_one_place(self) -> Self:
        if self.secrets_key is not None and self.secrets_key_file is not None:
            raise ValueError("SECRETS_KEY and SECRETS_KEY_FILE are both given: give one of them")
        return self

    def keys(self) -> KeyPlace:
        """Where the keys are that seal secrets at rest."""
        if self.secrets_key is not None:
            return KeyPlace(text=self.secrets_key.get_secret_value())
        file = self.database_url.removeprefix("sqlite:///")
        is_file = file != self.database_url
        beside = Path(file).with_name(f"{Path(file).name}.secrets-key") if is_file else None
        path = self.secrets_key_file or beside
        return KeyPlace(path=path.absolute() if path else None, makes=is_file)

    def proxies(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Whose word counts of whom they speak for; nobody's where there is no proxy."""
        named = [text.strip() for text in self.trusted_proxies.split(",") if text.strip()]
        try:
            found = [ipaddress.ip_network(one) for one in named]
        except ValueError:
            raise ValueError(
                "TRUSTED_PROXIES must be addresses or networks, separated by commas: 172.30.0.1, 10.1.2.0/24"
            ) from None
        return found if self.behind_tls_proxy else []

    def speaks_for_many(self, address: str) -> bool:
        """Whether an address is a trusted proxy's."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.proxies())

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


def read_settings(**given: object) -> Settings:
    """Settings from the environment, with `given` on top. Raises `UnsafeSetting`, naming the first one at fault."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by the model itself
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = "_".join(str(part) for part in fault["loc"]).upper()
        text = _SENTENCES.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
        raise UnsafeSetting(f"{name}: {text}" if name else text) from None
