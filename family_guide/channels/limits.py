"""How much one address and one session may send, and who the address is behind a proxy."""

import ipaddress
from collections.abc import Iterable

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter


class Rates:
    """Counts requests a minute.

    Args:
        storage: address of a storage that the `limits` library knows.
        per_address: requests a minute from one address; 0 for no limit.
        per_session: messages a minute in one session; 0 for no limit.
    """

    def __init__(self, storage: str, per_address: int, per_session: int) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage))
        self._limits = {"address": per_address, "session": per_session}

    def allows(self, what: str, who: str) -> bool:
        """Count a request and return whether it is within the limit.

        Args:
            what: `address` or `session`.
            who: the address, or the id of the conversation.
        """
        most = self._limits[what]
        return not most or bool(self._limiter.hit(RateLimitItemPerMinute(most), what, who))


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
