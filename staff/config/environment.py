"""What the environment sets, read and checked in one place.

A variable is `FAMILY_GUIDE_STAFF_` and the setting's name in capitals. Errors name the variable and the fix.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
"""The folder with the assistant's `data/` and `content/`."""

PREFIX = "FAMILY_GUIDE_STAFF_"
PRODUCTION, ONE_MACHINE = "production", "one-machine"
_SHORTEST_SECRET = 50
_SECONDS_TO_WAIT_FOR_A_LOCK = 20


@dataclass(frozen=True)
class Environment:
    """The settings of a deployment.

    Attributes:
        production: whether the production profile is on (HTTPS only, nothing guessed).
        port: the web server's port.
        host: the address it listens on.
        var: folder of the databases and the secret.
        secret: key that signs cookies.
        database: Django's description of the staff database.
        store_url: address of the assistant's store of conversations.
        allowed_hosts: host names that the app answers to.
        trusted_origins: origins from which forms may be sent, behind a proxy.
        session_minutes: minutes without a request after which one is signed out.
        behind_proxy: whether X-Forwarded-Proto and X-Forwarded-For of a proxy are believed.
        workers: processes of the web server.
        export_limit: most conversations in one export.
        retention_days: days that conversations are kept, the assistant's setting; 0 keeps them.
    """

    production: bool
    port: int
    host: str
    var: Path
    secret: str
    database: dict[str, Any]
    store_url: str
    allowed_hosts: list[str]
    trusted_origins: list[str]
    session_minutes: int
    behind_proxy: bool
    workers: int
    export_limit: int
    retention_days: int


def with_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables, with those that files give: a container's secrets are mounted as files.

    A file is named as its variable, in small letters, in the folder `FAMILY_GUIDE_SECRETS`. The environment
    comes first.
    """
    folder = variables.get("FAMILY_GUIDE_SECRETS", "/run/secrets")
    files = Path(folder).glob("family_guide_*") if folder and Path(folder).is_dir() else ()
    return {**{file.name.upper(): file.read_text("utf-8").strip() for file in files}, **variables}


def read_environment(variables: Mapping[str, str] | None = None) -> Environment:
    """Return the settings that the environment gives.

    Args:
        variables: those of the process, and its files of secrets, by default.

    Raises:
        ImproperlyConfigured: a value does not fit, or the production profile lacks one.
    """

    variables = with_secrets(os.environ) if variables is None else variables

    def value(name: str, default: str, prefix: str = PREFIX) -> str:
        return variables.get(prefix + name, "").strip() or default

    def number(name: str, default: int, least: int, most: int, prefix: str = PREFIX) -> int:
        text = value(name, str(default), prefix)
        if not text.isdigit() or not least <= int(text) <= most:
            raise ImproperlyConfigured(f"{prefix}{name} is {text!r}: set a whole number from {least} to {most}.")
        return int(text)

    profile = value("PROFILE", ONE_MACHINE)
    if profile not in (PRODUCTION, ONE_MACHINE):
        raise ImproperlyConfigured(f"{PREFIX}PROFILE is {profile!r}: set {PRODUCTION} or {ONE_MACHINE}.")
    production = profile == PRODUCTION
    var = Path(variables.get("FAMILY_GUIDE_VAR", "").strip() or ROOT / "var")
    hosts = _list(value("ALLOWED_HOSTS", "" if production else "localhost,127.0.0.1,[::1]"))
    if not hosts or "*" in hosts:
        raise ImproperlyConfigured(
            f"{PREFIX}ALLOWED_HOSTS must name the hosts that staff open, such as staff.hospital.example."
        )
    return Environment(
        production=production,
        port=number("PORT", 5006, 1, 65535),
        host=value("HOST", "127.0.0.1"),
        var=var,
        secret=_secret(value("SECRET", ""), var, production),
        database=database_from_url(value("DATABASE_URL", f"sqlite:///{var / 'staff.db'}")),
        store_url=variables.get("FAMILY_GUIDE_DATABASE_URL", "").strip() or f"sqlite:///{var / 'conversations.db'}",
        allowed_hosts=hosts,
        trusted_origins=_list(value("TRUSTED_ORIGINS", "")),
        session_minutes=number("SESSION_MINUTES", 30, 1, 24 * 60),
        behind_proxy=value("BEHIND_PROXY", "no") == "yes",
        workers=number("WORKERS", 2, 1, 64),
        export_limit=number("EXPORT_LIMIT", 5000, 1, 1_000_000),
        retention_days=number("RETENTION_DAYS", 90, 0, 36_500, "FAMILY_GUIDE_"),
    )


def database_from_url(url: str) -> dict[str, Any]:
    """Return Django's description of a database.

    Args:
        url: `sqlite:///path` or `postgresql://user:password@host:port/database`.

    Raises:
        ImproperlyConfigured: the address is of another kind.
    """
    parts = urlsplit(url)
    kind = parts.scheme.split("+")[0]
    if kind == "sqlite" and parts.path:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            # Three slashes before a relative path, four before an absolute one.
            "NAME": parts.path[1:],
            "OPTIONS": {
                "timeout": _SECONDS_TO_WAIT_FOR_A_LOCK,
                # A transaction that reads first and writes later cannot wait for the lock; one that
                # takes it at the start can.
                "transaction_mode": "IMMEDIATE",
                # What is deleted is overwritten, not only unlinked.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA synchronous=NORMAL;",
            },
        }
    if kind in ("postgresql", "postgres") and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.strip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ImproperlyConfigured(
        f"{PREFIX}DATABASE_URL is no address of a database that can be used: set sqlite:///path/to/staff.db "
        "or postgresql://user:password@host/database."
    )


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _secret(given: str, var: Path, production: bool) -> str:
    if given:
        if len(given) < _SHORTEST_SECRET:
            raise ImproperlyConfigured(
                f"{PREFIX}SECRET is too short: set at least {_SHORTEST_SECRET} random characters."
            )
        return given
    if production:
        raise ImproperlyConfigured(
            f"{PREFIX}SECRET is missing: the production profile needs {_SHORTEST_SECRET} random characters "
            "or more, the same for every process."
        )
    file = var / "staff-secret"
    try:
        var.mkdir(parents=True, exist_ok=True)
        # Only one of several processes that start at once makes it.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    except OSError as error:
        raise ImproperlyConfigured(
            f"the folder {var} cannot be written ({error.strerror}): set FAMILY_GUIDE_VAR to one that can."
        ) from error
    return file.read_text("utf-8").strip()
