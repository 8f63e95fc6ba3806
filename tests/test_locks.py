"""The order of a conversation's messages over two servers, on a real Redis that fails in every way."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from rasa.core.lock_store import LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig

from family_guide.locks import ConversationLocks
from tests.services import Redis, redis_server  # noqa: F401

ROUNDS, AT_ONCE = 10, 6


def ours(redis: Redis) -> LockStore:
    """A lock store as a server opens it."""
    return LockStore.create(EndpointConfig(redis.url, type="family_guide.locks.ConversationLocks"))


def stock(redis: Redis) -> LockStore:
    """Rasa's own."""
    return RedisLockStore(host="127.0.0.1", port=redis.port)


class Conversation:
    """A store without any protection of its own: what two write at once is lost, as by Rasa's stores."""

    def __init__(self) -> None:
        self.messages: list[int] = []

    async def add(self, locks: LockStore, message: int, queue_seconds: float = 1) -> None:
        """Read everything, think, and write everything, as a server does for a message."""
        async with locks.lock("a", wait_time_in_seconds=queue_seconds):
            read = list(self.messages)
            await asyncio.sleep(random.uniform(0, 0.01))
            self.messages = [*read, message]


@pytest.fixture
def redis(redis_server: Redis) -> Iterator[Redis]:  # noqa: F811
    """A running Redis; started again for the next test where this one killed it."""
    yield redis_server
    redis_server.thaw()
    redis_server.kill()
    redis_server.start()


class Server:
    """A lock store in a thread with an event loop of its own, as in another process."""

    def __init__(self, opened: Callable[[Redis], LockStore], redis: Redis) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.locks = opened(redis)

    def send(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Start something on this server."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def stop(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.mark.parametrize(
    "opened",
    [ours, pytest.param(stock, marks=pytest.mark.xfail(strict=True, reason="reads, changes and writes its queue"))],
)
def test_messages_at_once_over_two_servers_are_all_kept_in_order(
    redis: Redis, opened: Callable[[Redis], LockStore]
) -> None:
    servers = [Server(opened, redis), Server(opened, redis)]
    try:
        for _ in range(ROUNDS):
            conversation = Conversation()
            sent = []
            for message in range(AT_ONCE):
                server = servers[message % 2]
                sent.append(server.send(conversation.add(server.locks, message, 0.02)))
            for answer in sent:
                answer.result(4)
            assert sorted(conversation.messages) == list(range(AT_ONCE))
            for first in (0, 1):
                assert [m for m in conversation.messages if m % 2 == first] == list(range(first, AT_ONCE, 2))
    finally:
        for server in servers:
            server.stop()


async def test_one_server_needs_no_redis() -> None:
    locks, conversation = ConversationLocks(), Conversation()
    async with asyncio.TaskGroup() as group:
        for message in range(50):
            group.create_task(conversation.add(locks, message))
    assert conversation.messages == list(range(50))


async def test_other_conversations_do_not_wait(redis: Redis) -> None:
    locks = ours(redis)
    async with locks.lock("a"):
        await asyncio.wait_for(holds(locks, "b"), 2)


async def test_a_message_that_was_given_up_leaves_its_place(redis: Redis) -> None:
    locks, other = ours(redis), ours(redis)
    async with locks.lock("a"):
        waiting = asyncio.create_task(holds(other, "a"))
        await asyncio.sleep(0.1)
        waiting.cancel()
    await asyncio.wait_for(holds(other, "a"), 2)


async def test_a_failure_behind_the_lock_gives_it_back(redis: Redis) -> None:
    locks = ours(redis)
    with pytest.raises(RuntimeError):
        async with locks.lock("a"):
            raise RuntimeError
    await asyncio.wait_for(holds(locks, "a"), 2)


async def test_a_server_that_was_killed_holds_up_its_conversation_for_seconds_only(redis: Redis) -> None:
    killed = ours(redis)
    taken = await killed._take("a", 1)  # type: ignore[attr-defined]
    assert taken is not None
    taken[1]._beat.cancel()  # nothing renews what a dead server held
    began = time.monotonic()
    await asyncio.wait_for(holds(ours(redis), "a"), 7)
    assert time.monotonic() - began > 1, "a live server would have kept it"


async def test_what_is_left_in_redis_is_little_and_names_no_conversation(redis: Redis) -> None:
    import redis as client

    locks = ours(redis)
    for number in range(20):
        await holds(locks, f"website-{number}-secret")
    with client.Redis(port=redis.port) as connection:
        keys = [key.decode() for key in connection.scan_iter()]
    assert keys
    assert not [key for key in keys if "secret" in key]


async def test_redis_restarted_between_two_messages(redis: Redis) -> None:
    locks, conversation = ours(redis), Conversation()
    await conversation.add(locks, 1)
    redis.kill()
    redis.start()
    await conversation.add(locks, 2)
    assert conversation.messages == [1, 2]


@pytest.mark.parametrize("fails", [Redis.kill, Redis.freeze])
async def test_without_redis_messages_are_answered_in_order_and_soon(
    redis: Redis, fails: Callable[[Redis], None]
) -> None:
    locks, conversation = ours(redis), Conversation()
    fails(redis)
    began = time.monotonic()
    for batch in range(0, 20, 5):
        async with asyncio.TaskGroup() as group:
            for message in range(batch, batch + 5):
                group.create_task(conversation.add(locks, message))
    assert conversation.messages == list(range(20))
    assert time.monotonic() - began < 5


async def test_redis_killed_while_a_message_is_answered_does_not_fail_it(redis: Redis) -> None:
    locks = ours(redis)
    async with locks.lock("a"):
        redis.kill()
    redis.start()


async def test_redis_is_used_again_when_it_is_back(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_guide.locks._WITHOUT_SECONDS", 0.1)
    locks = ours(redis)
    redis.kill()
    await holds(locks, "a")
    redis.start()
    await asyncio.sleep(0.2)
    other = ours(redis)
    async with locks.lock("a"):
        waiting = asyncio.create_task(holds(other, "a"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
    await waiting


async def holds(locks: LockStore, conversation: str) -> None:
    """Take the lock of a conversation and give it back."""
    async with locks.lock(conversation):
        pass
