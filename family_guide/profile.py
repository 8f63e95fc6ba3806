"""What the production profile insists on before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from family_guide.settings import Settings

SHORTEST_SECRET = 32
_FEWEST_CHARACTERS = 10
_DEFAULTS = ("changeme", "change-me", "change_me", "secret", "password", "passwort", "default", "example", "postgres",
             "family_guide", "family-guide", "familyguide", "redis", "admin", "test", "guide")  # fmt: skip
_OF_OUR_CHOICE = ("MESSENGER_VERIFY_TOKEN", "TELEGRAM_SECRET")
"""Secrets of messaging channels that no platform makes for us."""
_PUBLIC_KEY = re.compile(r"[0-9a-f]{64}")


def profile_problems(configured: Settings, environment: Mapping[str, str]) -> list[str]:
    """Return what keeps a production server from starting, each with the variable and the fix.

    Args:
        configured: the settings; any other profile has no problems.
        environment: variables, such as `os.environ`, for the secrets of messaging channels.
    """
    if configured.profile != "production":
        return []
    problems = []
    if _guessable(configured.secret, SHORTEST_SECRET):
        problems.append(_missing("SECRET", configured.secret, f"{SHORTEST_SECRET} random characters or more"))
    problems += _address("DATABASE_URL", configured.database_url, ("postgresql", "postgres"))
    problems += _address("RATE_STORAGE", configured.rate_storage, ("redis", "rediss"))
    problems += _address("REDIS_URL", configured.redis_url, ("redis", "rediss"))
    for name in _OF_OUR_CHOICE:
        value = environment.get(f"FAMILY_GUIDE_{name}", "")
        if value and _guessable(value, 16):
            problems.append(_missing(name, value, "16 random characters or more"))
    if not _PUBLIC_KEY.fullmatch(configured.release_public_key):
        problems.append(
            _missing("RELEASE_PUBLIC_KEY", configured.release_public_key, "the 64 digits that make-secrets printed")
        )
    if configured.releases is None:
        problems.append("FAMILY_GUIDE_RELEASES is missing: set it to the folder of released models.")
    if not configured.trusted_proxies:
        problems.append(
            "FAMILY_GUIDE_TRUSTED_PROXIES is missing: set it to the proxy's address, or every family counts as one."
        )
    for name in ("max_chars", "max_body_bytes", "session_hours", "retention_days"):
        if not getattr(configured, name):
            problems.append(f"FAMILY_GUIDE_{name.upper()} is 0, which switches it off: set a limit.")
    if not configured.rate_per_address or not configured.rate_per_session:
        problems.append(
            "FAMILY_GUIDE_RATE_PER_ADDRESS and FAMILY_GUIDE_RATE_PER_SESSION must be above 0: set both limits."
        )
    return problems


def _address(name: str, value: str, schemes: tuple[str, ...]) -> list[str]:
    """Return what is wrong with the address of a service: its kind, or its password."""
    parts = urlsplit(value)
    if parts.scheme.split("+")[0] not in schemes:
        return [f"FAMILY_GUIDE_{name} is missing: set {schemes[0]}://user:password@host/..., a service of your own."]
    if _guessable(unquote(parts.password or ""), 16):
        return [_missing(name, parts.password or "", "an address with a random password of 16 characters or more")]
    return []


def _guessable(secret: str, shortest: int) -> bool:
    # A default that is only made longer is no secret either.
    rest = re.sub("|".join(map(re.escape, _DEFAULTS)), "", secret.lower())
    return len(secret) < shortest or len(set(rest)) < _FEWEST_CHARACTERS


def _missing(name: str, value: str, wanted: str) -> str:
    state = "a default or easily guessed" if value else "missing"
    return f"FAMILY_GUIDE_{name} is {state}{' value' if value else ''}: set {wanted} (family-guide make-secrets)."
