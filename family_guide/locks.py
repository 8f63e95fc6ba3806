"""One message of a conversation at a time, in the order in which they came.

Rasa's own lock on Redis reads its queue, changes it and writes it back: two servers
that do so at once lose each other's tickets, and messages with them.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import structlog
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis_fifo_lock import FifoLock, Lease, LeaseLost

from family_guide.settings import settings

log = structlog.get_logger(__name__)

_LEASE_MS = 5000
"""After a server was killed, its conversations wait this long; a live one renews in time."""

_LONGEST_HOLD_MS = 120_000
_LOOK_MS = 500
"""How often a message that waits looks whether the server before it is gone."""

_REDIS_SECONDS = 1
_WITHOUT_SECONDS = 5
"""How long Redis is left alone after it failed, so that not every message waits for it."""

_LOCKS = 16384
"""Locks in Redis. Conversations that share one wait for each other now and then; what is
kept in Redis stays small, and holds no id of a conversation."""


class ConversationLocks(LockStore):
    """Puts the messages of a conversation in order, over all servers that share a Redis.

    Without Redis, or while it fails, each server keeps the order among its own messages.
    That two servers answer one conversation at the same time then can do no harm: the
    store takes only the first (`ConversationMoved`).

    Args:
        endpoint_config: `lock_store` of `endpoints.yml`; its `url` is the address of Redis,
            without one `FAMILY_GUIDE_REDIS_URL`.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        url = (endpoint_config.url if endpoint_config else None) or settings().redis_url
        self._redis = _client(url) if url else None
        self._trouble = _Trouble()
        self._shared = lru_cache(_LOCKS // 8)(self._shared_lock)
        self._last: dict[str, asyncio.Future[None]] = {}
        super().__init__()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncGenerator[TicketLock, None]:
        """Wait until all earlier messages of the conversation are answered.

        Args:
            conversation_id: id of the conversation.
            lock_lifetime: seconds to wait at most.
            wait_time_in_seconds: not used: who waits is woken.

        Raises:
            asyncio.TimeoutError: the earlier messages took longer.
        """
        async with self._in_line(conversation_id) as earlier:
            shared = await self._take(conversation_id, lock_lifetime)
            try:
                if earlier is not None:
                    await asyncio.wait_for(asyncio.shield(earlier), lock_lifetime)
                yield TicketLock(conversation_id)
            finally:
                if shared is not None:
                    await self._give_back(*shared)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _take(self, conversation_id: str, seconds: float) -> tuple[FifoLock, Lease] | None:
        if self._redis is None:
            return None
        lock: FifoLock = self._shared(_number(conversation_id))
        try:
            return lock, await lock.acquire(seconds)
        except (_LeftAlone, RedisError, OSError):
            return None

    async def _give_back(self, lock: FifoLock, lease: Lease) -> None:
        # The message is answered and stored by now, or has failed: nothing here may change that.
        try:
            await asyncio.shield(lock.release(lease))
        except (_LeftAlone, RedisError, OSError, LeaseLost) as error:
            log.warning("redis.lock_lost", error=type(error).__name__)

    @asynccontextmanager
    async def _in_line(self, conversation_id: str) -> AsyncGenerator[asyncio.Future[None] | None, None]:
        """Keep a message's place among those of its conversation in this process.

        Yields:
            What is done when all messages before it are; None where there is none.
        """
        earlier = self._last.get(conversation_id)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last[conversation_id] = done

        def leave(_: object = None) -> None:
            done.set_result(None)
            if self._last.get(conversation_id) is done:
                del self._last[conversation_id]

        try:
            yield earlier
        finally:
            # One that is given up does not let those behind it pass the ones before it.
            if earlier is None or earlier.done():
                leave()
            else:
                earlier.add_done_callback(leave)

    def _shared_lock(self, number: int) -> FifoLock:
        return _InOrder(self._redis, f"family-guide:lock:{number}", self._trouble)


class _LeftAlone(Exception):
    """Redis failed a moment ago and is not asked."""


class _Trouble:
    """Remembers for a while that Redis failed."""

    def __init__(self) -> None:
        self._over = 0.0

    @property
    def now(self) -> bool:
        """Whether Redis is to be left alone."""
        return time.monotonic() < self._over

    def note(self, error: Exception) -> None:
        """Leave Redis alone for a while."""
        if not self.now:
            log.error("redis.failed", error=type(error).__name__)
        self._over = time.monotonic() + _WITHOUT_SECONDS


class _InOrder(FifoLock):
    """A lock that is asked for in the order in which messages came to this server.

    Each request has a connection of its own, on which it could overtake the one before.

    Args:
        client: the client of Redis.
        name: of the lock.
        trouble: shared by all locks of this server.
    """

    def __init__(self, client: Redis, name: str, trouble: _Trouble) -> None:
        super().__init__(client, name, lease_ms=_LEASE_MS, poll_ms=_LOOK_MS, max_hold_ms=_LONGEST_HOLD_MS)
        self._trouble = trouble
        self._joining = asyncio.Lock()

    async def _check_eviction_policy(self) -> None:
        """Ask nothing: it would be asked for every lock; `docs/decisions/0007` says what is needed."""

    async def _call(self, script: Any, owner: str, extra: str) -> Any:
        if script is not self._acquire or extra:
            return await self._asked(script, owner, extra)
        async with self._joining:
            return await self._asked(script, owner, extra)

    async def _asked(self, script: Any, owner: str, extra: str) -> Any:
        if self._trouble.now:
            raise _LeftAlone
        try:
            return await super()._call(script, owner, extra)
        except (RedisError, OSError) as error:
            self._trouble.note(error)
            raise


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
        # Once, for a connection that Redis closed when it was restarted.
        retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),
    )


def _number(conversation_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(conversation_id.encode(), digest_size=8).digest(), "big") % _LOCKS
