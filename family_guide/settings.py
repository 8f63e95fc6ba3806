"""Deployment settings, each from an environment variable, in one place.

Thresholds of understanding live in `config.yml`; what clinicians decide lives in
`content/`. What is here belongs to whoever runs the assistant.
"""

import ipaddress
import logging
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseSettings, Field, validator

ROOT = Path(__file__).resolve().parent.parent
"""The folder with `config.yml`, `data/` and `content/`."""

_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::\d{1,5})?|https?://\[[0-9a-f:]+\](?::\d{1,5})?")
_STORAGE = re.compile(r"memory://|(?:rediss?|redis\+(?:unix|sentinel|cluster))://.+")


def secrets_folder() -> str | None:
    """Return the folder whose files give settings besides the environment, or None where there is none.

    A file is named as its variable, in small letters: a container's secrets are mounted
    there, so that no password stands in the environment of a process.
    """
    folder = os.environ.get("FAMILY_GUIDE_SECRETS", "/run/secrets")
    return folder if folder and Path(folder).is_dir() else None


class Settings(BaseSettings):
    """What the environment sets; a variable is `FAMILY_GUIDE_` and the field's name.

    A file of that name in the folder of secrets does the same. For every limit 0 means off.
    """

    profile: Literal["one-machine", "production"] = Field(
        "one-machine", description="`production` refuses to start without the secrets and services that it needs."
    )
    port: int = Field(5005, ge=1, le=65535, description="Port the assistant listens on.")
    host: str = Field("127.0.0.1", description="Address the assistant listens on.")
    var: Path = Field(ROOT / "var", description="Folder for the database, the secret and the model.")
    models: Path | None = Field(None, description="Folder of trained models; in the var folder by default.")
    secret: str = Field("", description="Key that signs sessions; without it one is made and kept in the var folder.")
    database_url: str = Field(
        "", description="PostgreSQL address of the conversations; without it SQLite in the var folder."
    )
    redis_url: str = Field(
        "", description="Redis address that several servers share to keep messages in order; one server needs none."
    )
    retention_days: int = Field(90, ge=0, description="Days after which a conversation is deleted.")
    session_hours: float = Field(24, ge=0, description="Hours after which a session expires.")
    rate_per_address: int = Field(60, ge=0, description="Requests a minute from one address.")
    rate_per_session: int = Field(30, ge=0, description="Messages a minute in one session.")
    rate_storage: str = Field("memory://", description="Where the rates are counted (memory:// or redis://...).")
    max_chars: int = Field(2000, ge=0, description="Longest message, in characters.")
    max_body_bytes: int = Field(32768, ge=0, description="Largest request body, in bytes.")
    reply_seconds: float = Field(7, gt=0, description="Seconds after which the safe reply is given instead.")
    action_seconds: float = Field(5, gt=0, description="Seconds a custom action may take.")
    allowed_origins: str = Field(
        "", description="Origins, separated by commas, of the websites that may embed the chat."
    )
    trusted_proxies: str = Field(
        "", description="Addresses or networks, separated by commas, of proxies whose X-Forwarded-For is believed."
    )
    weights: Path | None = Field(
        None, description="Folder of another sentence-transformers model (its SHA-256 goes into config.yml)."
    )
    action_url: str = Field(
        "", description="Address of a separate action server; without it actions run in this process."
    )

    monitor_port: int = Field(
        0, ge=0, le=65535, description="Port of health, readiness and metrics; 0 for none. Never passed on by a proxy."
    )
    monitor_host: str = Field("127.0.0.1", description="Address of health, readiness and metrics.")
    releases: Path | None = Field(
        None, description="Folder of released models; the server loads the current one, and a newer one while it runs."
    )
    release_public_key: str = Field("", description="Key that released models are checked with.")
    release_signing_key: Path | None = Field(
        None, description="File of the key that `family-guide release` signs with; no server needs it."
    )
    action_port: int = Field(5055, ge=1, le=65535, description="Port of `family-guide run-actions`.")

    @validator("allowed_origins")
    def _origins(cls, given: str) -> str:
        """Read each origin as a browser writes it; a pattern or a path would allow more or less than meant."""
        origins = [origin.lower().rstrip("/") for origin in split(given)]
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin} is no origin: write scheme and name alone, as in https://www.hospital.example"
                )
        return ",".join(origins)

    @validator("trusted_proxies")
    def _proxies(cls, given: str) -> str:
        """Refuse what is no address and no network, before any request comes."""
        for proxy in split(given):
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError as error:
                raise ValueError(
                    f"{proxy} is no address and no network: write for example 10.0.0.2 or 10.0.0.0/24"
                ) from error
        return given

    @validator("rate_storage")
    def _storage(cls, given: str) -> str:
        """Refuse what rates cannot be counted in."""
        if not _STORAGE.fullmatch(given):
            raise ValueError("write memory:// or an address such as redis://127.0.0.1:6379")
        return given

    @property
    def model_folder(self) -> Path:
        """The folder of trained models."""
        return self.models or self.var / "models"

    @property
    def log_level(self) -> int:
        """How much is logged: in production a line for each request, on one machine what went wrong."""
        return logging.INFO if self.profile == "production" else logging.WARNING

    class Config:
        """Where pydantic reads the values."""

        env_prefix = "FAMILY_GUIDE_"
        secrets_dir = secrets_folder()


def split(listed: str) -> list[str]:
    """Return the parts of a list that is separated by commas."""
    return [part.strip() for part in listed.split(",") if part.strip()]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings, read once per process.

    Raises:
        pydantic.ValidationError: a variable holds a value that does not fit; the
            message names it.
    """
    return Settings()
