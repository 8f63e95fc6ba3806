"""What is said to be stored is stored, whatever the database does; Rasa's own store fails each of these."""

import asyncio
import os
import resource
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from family_guide.privacy.tracker_store import ConversationMoved, PrivateSQLTrackerStore
from tests.services import Postgres, postgres, postgres_url  # noqa: F401

DOMAIN = Domain.from_yaml('version: "3.1"\nintents: [ask]\n')
Opened = Callable[[str], TrackerStore]


def ours(url: str) -> TrackerStore:
    """The store of this assistant."""
    return PrivateSQLTrackerStore(DOMAIN, host=url)


def stock(url: str) -> TrackerStore:
    """Rasa's store, wrapped as Rasa's agent wraps every store."""
    return FailSafeTrackerStore(SQLTrackerStore(DOMAIN, host=url))


def both(reason: str) -> pytest.MarkDecorator:
    """Run a test on both, where Rasa's must fail."""
    fails = pytest.param(stock, marks=pytest.mark.xfail(strict=True, reason=reason))
    return pytest.mark.parametrize("opened", [ours, fails])


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Address of an empty SQLite database."""
    return f"sqlite:///{tmp_path / 'c.db'}"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    """Address of a database of either kind."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def sender() -> str:
    """Id of a new conversation."""
    return uuid.uuid4().hex


def first(sender: str) -> DialogueStateTracker:
    """A conversation of one message."""
    return DialogueStateTracker.from_events(sender, [SessionStarted(), UserUttered("one")], DOMAIN.slots)


async def goes_on(store: TrackerStore, sender: str, text: str) -> None:
    """Answer one more message, as the processor does: load, think, save."""
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    tracker.update(UserUttered(text))
    await store.save(tracker)


def texts(url: str, sender: str) -> list[str]:
    """What a family said, as a fresh look into the database finds it."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT data FROM events WHERE sender_id = :s AND type_name = 'user' ORDER BY id"), {"s": sender}
        )
        said = [row[0].split('"text": "')[1].split('"')[0] for row in rows]
    engine.dispose()
    return said


@both("the conversation is dropped, and the save reports success")
async def test_postgresql_restarted_between_two_messages(postgres: Postgres, sender: str, opened: Opened):  # noqa: F811
    store = opened(postgres.url)
    await store.save(first(sender))
    postgres.stop("immediate")
    postgres.start()
    await goes_on(store, sender, "two")
    assert texts(postgres.url, sender) == ["one", "two"]


@both("the save reports success from a store in memory")
async def test_a_message_is_not_stored_while_postgresql_is_gone_and_says_so(
    postgres: Postgres,  # noqa: F811
    sender: str,
    opened: Opened,
):
    store = opened(postgres.url)
    await store.save(first(sender))
    postgres.stop("immediate")
    failed = False
    try:
        await goes_on(store, sender, "two")
    except Exception:
        failed = True
    postgres.start()
    await goes_on(store, sender, "three")
    assert failed
    assert texts(postgres.url, sender) == ["one", "three"]


async def test_a_frozen_postgresql_fails_a_message_soon_and_only_that(postgres: Postgres, sender: str):  # noqa: F811
    store = ours(postgres.url)
    await store.save(first(sender))
    postgres.freeze()
    try:
        began = time.monotonic()
        results = await asyncio.gather(*(goes_on(store, sender, "lost") for _ in range(10)), return_exceptions=True)
        took = time.monotonic() - began
    finally:
        postgres.thaw()
    assert all(isinstance(result, sa.exc.SQLAlchemyError) for result in results)
    assert took < 10
    await goes_on(store, sender, "two")
    assert texts(postgres.url, sender) == ["one", "two"]


@pytest.fixture
def other_writer(sqlite_url: str, sender: str) -> Iterator[sqlite3.Connection]:
    """Another program that writes to the same file."""
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


@both("after 5 s in which every family waits, the save reports success from a store in memory")
async def test_a_held_lock_of_sqlite_is_told(
    sqlite_url: str, sender: str, opened: Opened, other_writer: sqlite3.Connection
):
    store = opened(sqlite_url)
    await store.save(first(sender))
    other_writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError):
        await asyncio.wait_for(goes_on(store, sender, "two"), 10)
    other_writer.execute("ROLLBACK")
    await goes_on(store, sender, "two again")
    assert texts(sqlite_url, sender) == ["one", "two again"]


@both("the save reports success from a store in memory")
async def test_a_full_disk_is_told_and_nothing_earlier_is_lost(sqlite_url: str, sender: str, opened: Opened):
    store = opened(sqlite_url)
    await store.save(first(sender))
    engine = getattr(store, "_tracker_store", store).engine

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        # As if the disk ended here: the file cannot grow by one page.
        connection.execute("PRAGMA max_page_count = 1")

    sa.event.listen(engine, "connect", limit)
    engine.dispose()
    with pytest.raises(sa.exc.OperationalError, match="full"):
        await goes_on(store, sender, "two " + "long " * 5000)
    sa.event.remove(engine, "connect", limit)
    engine.dispose()
    await goes_on(store, sender, "two again")
    assert texts(sqlite_url, sender) == ["one", "two again"]


async def test_what_is_being_written_when_time_is_up_is_waited_for(
    sqlite_url: str, sender: str, other_writer: sqlite3.Connection
):
    store = ours(sqlite_url)
    await store.save(first(sender))
    other_writer.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(0.8, other_writer.execute, "ROLLBACK")
    await asyncio.wait_for(goes_on(store, sender, "two"), 0.3)
    assert texts(sqlite_url, sender) == ["one", "two"]


async def test_what_could_not_be_written_in_time_is_never_written(
    sqlite_url: str, sender: str, other_writer: sqlite3.Connection
):
    store = ours(sqlite_url)
    await store.save(first(sender))
    other_writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError):
        await asyncio.wait_for(goes_on(store, sender, "two"), 0.3)
    other_writer.execute("ROLLBACK")
    store.close()  # type: ignore[attr-defined]
    assert texts(sqlite_url, sender) == ["one"]


@both("both are written, each as if the other were not there")
async def test_of_two_servers_that_answer_at_the_same_time_one_fails(url: str, sender: str, opened: Opened):
    servers = [opened(url), opened(url)]
    await servers[0].save(first(sender))
    trackers = [await server.retrieve(sender) for server in servers]
    results = []
    for number, (server, tracker) in enumerate(zip(servers, trackers, strict=True)):
        assert tracker is not None
        tracker.update(UserUttered(f"two from {number}"))
        tracker.update(BotUttered("answer"))
        results.append(await asyncio.gather(server.save(tracker), return_exceptions=True))
    assert results[0] == [None]
    assert isinstance(results[1][0], ConversationMoved)
    assert texts(url, sender) == ["one", "two from 0"]


async def test_two_servers_that_race_never_both_write(url: str):
    servers = [ours(url), ours(url)]
    for _ in range(10):
        sender = uuid.uuid4().hex
        results = await asyncio.gather(*(goes_on(server, sender, "one") for server in servers), return_exceptions=True)
        won = [result for result in results if result is None]
        assert len(texts(url, sender)) == len(won) >= 1
        assert all(isinstance(result, ConversationMoved) for result in results if result is not None)


async def test_a_tracker_is_saved_again_after_more_was_said(url: str, sender: str):
    store, events = ours(url), list[Event]()
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for number in range(3):
        events.append(UserUttered(str(number)))
        tracker.update(events[-1])
        await store.save(tracker)
    assert texts(url, sender) == ["0", "1", "2"]


@pytest.fixture
def many_open_files() -> Iterator[None]:
    """Take every file number below 1,100, as a server with many families does."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(4096, before[1])), before[1]))
    files = [os.open(os.devnull, os.O_RDONLY)]
    while files[-1] < 1100:
        files.append(os.dup(files[0]))
    yield
    for file in files:
        os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_open_files")
def test_a_server_with_many_open_files_reaches_postgresql(postgres_url: str) -> None:  # noqa: F811
    store = PrivateSQLTrackerStore(DOMAIN, host=postgres_url)
    with store.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    store.close()
