"""How much one address and one session may send, and who the address is behind a proxy."""

import ipaddress
import time
from collections.abc import Iterable

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

log = structlog.get_logger(__name__)

_REDIS_SECONDS = 0.5
"""How long the counter is waited for; every other request waits as long."""
_WITHOUT_SECONDS = 5
"""How long it is left alone after it failed."""


class Rates:
    """Counts requests a minute, in this process alone while a shared storage fails.

    Args:
        storage: address of a storage that the `limits` library knows.
        per_address: requests a minute from one address; 0 for no limit.
        per_session: messages a minute in one session; 0 for no limit.
    """

    def __init__(self, storage: str, per_address: int, per_session: int) -> None:
        options = {} if storage.startswith("memory:") else _SHARED
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage, **options))
        self._here = MovingWindowRateLimiter(storage_from_string("memory://"))
        self._here_until = 0.0
        self._limits = {"address": per_address, "session": per_session}

    def allows(self, what: str, who: str) -> bool:
        """Count a request and return whether it is within the limit.

        Args:
            what: `address` or `session`.
            who: the address, or the id of the conversation.
        """
        most = self._limits[what]
        if not most:
            return True
        rate = RateLimitItemPerMinute(most)
        if time.monotonic() >= self._here_until:
            try:
                return bool(self._limiter.hit(rate, what, who))
            except StorageError as error:
                self._here_until = time.monotonic() + _WITHOUT_SECONDS
                log.error("rates.failed", error=type(error.storage_error).__name__)
        return bool(self._here.hit(rate, what, who))


_SHARED = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS, "wrap_exceptions": True}


def client_address(peer: str, forwarded: str | None, trusted: Iterable[str]) -> str:
    """Return the address that a request really came from.

    Args:
        peer: the address of the connection.
        forwarded: the X-Forwarded-For header, if there is one.
        trusted: addresses or networks of the proxies in front of us.

    Returns:
        The last address in the header that is not a trusted proxy's, if the
        connection came from one; the peer's otherwise, so that nobody can choose
        an address by sending the header.
    """
    networks = [ipaddress.ip_network(proxy, strict=False) for proxy in trusted]

    def is_trusted(address: str) -> bool:
        try:
            return any(ipaddress.ip_address(address) in network for network in networks)
        except ValueError:
            return False

    if not forwarded or not is_trusted(peer):
        return peer
    for address in reversed([part.strip() for part in forwarded.split(",")]):
        if not is_trusted(address):
            try:
                return str(ipaddress.ip_address(address))
            except ValueError:
                return peer
    return peer
