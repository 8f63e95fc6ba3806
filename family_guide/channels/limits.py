"""How much one address and one session may send, and who the address is behind a proxy."""

import ipaddress
import time
from collections.abc import Iterable, Sequence

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from family_guide.settings import split

log = structlog.get_logger(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_STORAGE_SECONDS = 0.5
"""How long a shared storage may take; a message waits for it."""
_WITHOUT_SECONDS = 5
"""How long requests are counted in this process alone after the shared storage failed."""
_ONE_HOME = 64
"""Bits of an IPv6 address that a provider gives to one home, which may choose the rest at will (RFC 6177)."""


class Rates:
    """Counts requests a minute, in this process alone while a shared storage fails.

    Args:
        storage: address of a storage that the `limits` library knows.
        per_address: requests a minute from one address; 0 for no limit.
        per_session: messages a minute in one session; 0 for no limit.
    """

    def __init__(self, storage: str, per_address: int, per_session: int) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = self._own
        if not storage.startswith("memory:"):
            timeouts = {"socket_timeout": _STORAGE_SECONDS, "socket_connect_timeout": _STORAGE_SECONDS}
            self._shared = MovingWindowRateLimiter(storage_from_string(storage, wrap_exceptions=True, **timeouts))
        self._limits = {"address": per_address, "session": per_session}
        self._without_until = 0.0

    def allows(self, what: str, who: str) -> bool:
        """Count a request and return whether it is within the limit.

        Args:
            what: `address` or `session`.
            who: the address, or the id of the conversation.
        """
        most = self._limits[what]
        if not most:
            return True
        item = RateLimitItemPerMinute(most)
        if self._shared is not self._own and time.monotonic() >= self._without_until:
            try:
                return bool(self._shared.hit(item, what, who))
            except StorageError as error:
                log.error("rates.failed", error=type(error.storage_error).__name__)
                self._without_until = time.monotonic() + _WITHOUT_SECONDS
        return bool(self._own.hit(item, what, who))


def networks(proxies: str) -> list[Network]:
    """Return the networks of a list such as `10.0.0.0/8, 192.0.2.7`.

    Raises:
        ValueError: one of them is no address and no network; says which.
    """
    return [ipaddress.ip_network(proxy, strict=False) for proxy in split(proxies)]


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Return the address that a request really came from, as requests are counted by it.

    Args:
        peer: the address of the connection.
        forwarded: every X-Forwarded-For header, in order.
        trusted: networks of the proxies in front of us.

    Returns:
        The last address in the headers that is not a trusted proxy's, if the
        connection came from one; the peer's otherwise, so that nobody can choose
        an address by sending the header. Of IPv6 the network of one home.
    """
    found = peer
    # Some proxies add a header of their own below the client's; read together they are one list.
    steps = [step for header in forwarded for step in header.split(",")]
    while steps and _is_trusted(found, trusted):
        before = _address(steps.pop())
        if before is None:
            break
        found = str(before)
    return _counted(found)


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    read = _address(address)
    return read is not None and any(read in network for network in trusted)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address as proxies write it: also in brackets, with a port, or IPv4 within IPv6."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        read = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(read, "ipv4_mapped", None) or read


def _counted(address: str) -> str:
    read = _address(address)
    if read is None:
        return address
    if read.version == 6:
        return str(ipaddress.ip_network((read, _ONE_HOME), strict=False))
    return str(read)
