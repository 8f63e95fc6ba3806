"""The store of conversations, on SQLite and on a real PostgreSQL."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import create_tracker_store
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from rasa.utils.endpoints import EndpointConfig

from family_guide.privacy.retention import delete_expired
from family_guide.privacy.tracker_store import PrivateSQLTrackerStore, _event
from family_guide.settings import settings
from tests.services import Postgres, postgres, postgres_url  # noqa: F401

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [check_symptoms]
entities: [symptom]
slots:
  symptom_check: {type: any, mappings: [{type: custom}]}
  note: {type: text, mappings: [{type: custom}]}
"""
)
SECRETS = ["Jayden", "Okonkwo", "555-0142", "jayden.mum@example.com", "Birch Hollow", "8834120", "2014"]
MESSAGE = (
    "My son Jayden Okonkwo, born 4 May 2014, has a lump. Call 617-555-0142 or write to jayden.mum@example.com,"
    " we live at 63 Birch Hollow Road, MRN 8834120"
)
DAY = 86400


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'folder' / 'conversations.db'}"
    url = str(request.getfixturevalue("postgres_url"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS events"))
    engine.dispose()
    return url


@pytest.fixture
def open_store(address: str) -> Iterator[Callable[[], PrivateSQLTrackerStore]]:
    """Opens stores on one database, each like a server of its own."""
    stores = []

    def open_one() -> PrivateSQLTrackerStore:
        stores.append(PrivateSQLTrackerStore(DOMAIN, host=address))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Callable[[], PrivateSQLTrackerStore]) -> PrivateSQLTrackerStore:
    """One store."""
    return open_store()


def said(text: str, timestamp: float | None = None) -> UserUttered:
    """What a family said, understood as a symptom."""
    start = text.find("lump")
    entity = {"entity": "symptom", "value": "lump", "start": start, "end": start + 4}
    parsed = {
        "text": text,
        "intent": {"name": "check_symptoms", "confidence": 0.9},
        "entities": [entity],
        "text_tokens": [[start, start + 4]],
        "metadata": {"first_name": "Okonkwo", "model_id": "8e1f"},
    }
    return UserUttered(text, parsed["intent"], [entity], parsed, timestamp, "website", "m1", {"first_name": "Okonkwo"})


def talk() -> list[Event]:
    """One turn in which the assistant repeats and keeps what it was told."""
    return [
        SessionStarted(),
        ActionExecuted("action_listen"),
        said(MESSAGE),
        SlotSet("symptom_check", {"answers": {"who": "child", "lump": "yes"}, "said": [f"for Jayden, {MESSAGE}"]}),
        SlotSet("note", "Jayden"),
        BotUttered("Thank you, Jayden. I am sorry.", {"buttons": [{"title": "Jayden", "payload": "/check_symptoms"}]}),
    ]


def tracker_of(sender_id: str, events: list[Event]) -> DialogueStateTracker:
    """A conversation that no store has seen yet."""
    return DialogueStateTracker.from_events(sender_id, events, DOMAIN.slots)


async def retrieved(store: PrivateSQLTrackerStore, sender_id: str) -> DialogueStateTracker:
    """The stored conversation, which must be there."""
    tracker = await store.retrieve(sender_id)
    assert tracker is not None
    return tracker


async def test_nothing_identifying_is_in_any_column(store: PrivateSQLTrackerStore) -> None:
    await store.save(tracker_of("a", talk()))
    with store.engine.connect() as connection:
        rows = str(connection.execute(sa.text("SELECT * FROM events")).fetchall())
    for secret in SECRETS:
        assert secret not in rows


async def test_nothing_identifying_is_in_the_bytes_of_the_sqlite_files(tmp_path: Path) -> None:
    store = PrivateSQLTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'c.db'}")
    await store.save(tracker_of("a", talk()))
    files = [path for path in tmp_path.iterdir() if path.name.startswith("c.db")]
    assert len(files) > 1, "the log is there beside the database"
    stored = b"".join(path.read_bytes() for path in files)
    assert b"has a lump" in stored
    for secret in SECRETS:
        assert secret.encode() not in stored
    store.close()


async def test_the_conversation_keeps_its_structure(store: PrivateSQLTrackerStore) -> None:
    events = talk()
    await store.save(tracker_of("a", events))
    tracker = await retrieved(store, "a")
    assert [type(event) for event in tracker.events] == [type(event) for event in events]
    message = tracker.latest_message
    assert message is not None
    assert message.text is not None
    assert message.text.startswith("My son [name], born [birth date], has a lump. Call [phone]")
    assert message.intent["name"] == "check_symptoms"
    [entity] = message.entities
    assert entity["value"] == message.text[entity["start"] : entity["end"]] == "lump"
    assert message.parse_data["text_tokens"] == [[entity["start"], entity["end"]]]
    assert message.parse_data["metadata"] == {"first_name": "[removed]", "model_id": "8e1f"}
    assert tracker.get_slot("symptom_check")["answers"] == {"who": "child", "lump": "yes"}
    assert tracker.get_slot("note") == "[name]"
    assert tracker.events[-1].text == "Thank you, [name]. I am sorry."


async def test_the_conversation_in_memory_keeps_its_words(store: PrivateSQLTrackerStore) -> None:
    tracker = tracker_of("a", talk())
    await store.save(tracker)
    assert tracker.latest_message is not None
    assert tracker.latest_message.text == MESSAGE


async def test_each_event_is_stored_once_over_many_turns(
    open_store: Callable[[], PrivateSQLTrackerStore],
) -> None:
    servers = [open_store(), open_store()]
    await servers[0].save(tracker_of("a", [SessionStarted()]))
    for turn in range(6):
        store = servers[turn % 2]
        tracker = await retrieved(store, "a")
        tracker.update(said(f"lump {turn}"))
        await store.save(tracker)
        tracker.update(BotUttered(f"answer {turn}"))
        await store.save(tracker)
        await store.save(tracker)
    texts = [event.text for event in (await retrieved(servers[0], "a")).events if not isinstance(event, SessionStarted)]
    assert texts == [text for turn in range(6) for text in (f"lump {turn}", f"answer {turn}")]


async def test_a_tracker_from_elsewhere_adds_only_what_is_new(store: PrivateSQLTrackerStore) -> None:
    await store.save(tracker_of("a", [SessionStarted(), said("lump one")]))
    await store.save(tracker_of("a", [SessionStarted(), said("lump one"), BotUttered("answer")]))
    assert len((await retrieved(store, "a")).events) == 3


async def test_the_latest_session_is_found_after_the_clock_was_set_back(
    store: PrivateSQLTrackerStore,
) -> None:
    now = time.time()
    await store.save(tracker_of("a", [SessionStarted(timestamp=now), said("old lump", now)]))
    tracker = await retrieved(store, "a")
    for event in (SessionStarted(timestamp=now - DAY), said("new lump", now - DAY)):
        tracker.update(event)
    await store.save(tracker)
    assert [getattr(event, "text", None) for event in (await retrieved(store, "a")).events] == [
        None,
        "new lump",
    ]
    full = await store.retrieve_full_tracker("a")
    assert full is not None
    assert len(full.events) == 4


async def test_a_failed_save_raises_and_the_next_one_stores_everything(store: PrivateSQLTrackerStore) -> None:
    tracker = tracker_of("a", [SessionStarted()])
    await store.save(tracker)
    for event in talk():
        tracker.update(event)
    rename(store, "events", "gone")
    with pytest.raises(sa.exc.SQLAlchemyError) as raised:
        await store.save(tracker)
    rename(store, "gone", "events")
    assert "lump" not in str(raised.value), "the error quotes no event"
    await store.save(tracker)
    full = await store.retrieve_full_tracker("a")
    assert full is not None
    assert len(full.events) == 1 + len(talk())


def rename(store: PrivateSQLTrackerStore, old: str, new: str) -> None:
    """Rename a table."""
    with store.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_deletion_on_request_leaves_the_others(store: PrivateSQLTrackerStore) -> None:
    await store.save(tracker_of("a", talk()))
    await store.save(tracker_of("b", talk()))
    assert store.delete_conversation("a") == len(talk())
    assert list(await store.keys()) == ["b"]
    assert await store.retrieve("a") is None
    assert store.delete_conversation("a") == 0


async def test_deletion_during_a_message_does_not_bring_the_rest_back(store: PrivateSQLTrackerStore) -> None:
    await store.save(tracker_of("a", talk()))
    tracker = await retrieved(store, "a")
    store.delete_conversation("a")
    tracker.update(said("one more lump"))
    await store.save(tracker)
    assert [event.text for event in (await retrieved(store, "a")).events] == ["one more lump"]


async def test_deletion_leaves_nothing_in_the_bytes_of_the_sqlite_files(tmp_path: Path) -> None:
    store = PrivateSQLTrackerStore(DOMAIN, host=f"sqlite:///{tmp_path / 'c.db'}")
    await store.save(tracker_of("conversation-to-delete", talk()))
    store.delete_conversation("conversation-to-delete")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"conversation-to-delete" not in stored
    assert b"has a lump" not in stored
    store.close()


async def test_what_is_older_than_its_time_is_deleted(
    store: PrivateSQLTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("family_guide.privacy.tracker_store._DELETED_AT_ONCE", 2)
    now = time.time()
    old = [said(f"lump {age}", now - age * DAY) for age in (200, 150, 120, 100, 91)]
    young = [said(f"lump {age}", now - age * DAY) for age in (89, 1)]
    await store.save(tracker_of("a", [*old, *young]))
    assert delete_expired(store, 90, now) == len(old)
    assert [event.text for event in (await retrieved(store, "a")).events] == ["lump 89", "lump 1"]
    assert delete_expired(store, 90, now) == 0


@pytest.mark.parametrize("days", [0, -1, float("nan")])
def test_no_number_of_days_deletes_everything(store: PrivateSQLTrackerStore, days: float) -> None:
    with pytest.raises(ValueError, match="days"):
        store.delete_older_than(days)


async def test_an_index_is_added_to_a_database_that_rasa_made(tmp_path: Path) -> None:
    path = tmp_path / "rasa.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255) NOT NULL,"
            " type_name VARCHAR(255) NOT NULL, timestamp FLOAT, intent_name VARCHAR(255),"
            " action_name VARCHAR(255), data TEXT)"
        )
    store = PrivateSQLTrackerStore(DOMAIN, host=f"sqlite:///{path}")
    plan = (
        sqlite3.connect(path)
        .execute("EXPLAIN QUERY PLAN SELECT * FROM events WHERE sender_id = 'a' AND id > 5 ORDER BY id")
        .fetchall()
    )
    assert "ix_events_sender_id_id" in str(plan)
    assert "TEMP B-TREE" not in str(plan)
    store.close()


async def test_sqlite_waits_for_another_writer_while_others_are_served(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    store = PrivateSQLTrackerStore(DOMAIN, host=f"sqlite:///{path}")
    await store.save(tracker_of("b", talk()))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    saving = asyncio.create_task(store.save(tracker_of("a", talk())))
    await asyncio.sleep(0.3)
    assert (await retrieved(store, "b")).sender_id == "b"
    assert not saving.done()
    other.execute("ROLLBACK")
    await saving
    assert (await retrieved(store, "a")).sender_id == "a"
    store.close()


async def test_a_restart_of_postgresql_between_two_messages_loses_nothing(postgres: Postgres) -> None:  # noqa: F811
    store = PrivateSQLTrackerStore(DOMAIN, host=postgres.url)
    store.delete_conversation("restart")
    await store.save(tracker_of("restart", talk()))
    postgres.stop("immediate")
    tracker = tracker_of("restart", [*talk(), said("lump again")])
    with pytest.raises(sa.exc.SQLAlchemyError):
        await store.save(tracker)
    postgres.start()
    tracker = await retrieved(store, "restart")
    tracker.update(said("lump again"))
    await store.save(tracker)
    assert len((await retrieved(store, "restart")).events) == len(talk()) + 1
    store.close()


async def test_servers_that_start_at_once_make_the_table_once(address: str) -> None:
    stores = await asyncio.gather(*(asyncio.to_thread(PrivateSQLTrackerStore, DOMAIN, None, address) for _ in range(6)))
    await stores[0].save(tracker_of("a", talk()))
    assert list(await stores[-1].keys()) == ["a"]
    for store in stores:
        store.close()


async def test_the_event_broker_gets_redacted_events(tmp_path: Path) -> None:
    published: list[dict[str, object]] = []

    class Broker:
        def publish(self, event: dict[str, object]) -> None:
            published.append(event)

    store = PrivateSQLTrackerStore(DOMAIN, Broker(), f"sqlite:///{tmp_path / 'c.db'}")  # type: ignore[arg-type]
    await store.save(tracker_of("a", talk()))
    assert len(published) == len(talk())
    assert published[0]["sender_id"] == "a"
    assert not [secret for secret in SECRETS if secret in json.dumps(published)]
    store.close()


def test_endpoints_name_only_the_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILY_GUIDE_VAR", str(tmp_path))
    settings.cache_clear()
    try:
        kind = "family_guide.privacy.tracker_store.PrivateSQLTrackerStore"
        store = create_tracker_store(EndpointConfig(type=kind), DOMAIN)
        assert isinstance(store, PrivateSQLTrackerStore)
        assert (tmp_path / "conversations.db").exists()
        store.close()
    finally:
        settings.cache_clear()


@pytest.mark.parametrize("host", ["mysql://localhost/db", "sqlite:////proc/no/such/folder/c.db", "nonsense"])
def test_a_database_that_cannot_be_used_is_an_error_with_a_way_out(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("family_guide.privacy.database._START_SECONDS", {"sqlite": 0, "postgresql": 0})
    with pytest.raises(ConnectionException, match="FAMILY_GUIDE_DATABASE_URL"):
        PrivateSQLTrackerStore(DOMAIN, host=host)


@pytest.mark.parametrize(
    "event",
    [
        UserUttered("hello", {"name": "greet"}),
        BotUttered("hello", {"buttons": []}),
        SlotSet("a", [1]),
        ActionExecuted("action_listen"),
        SessionStarted(),
    ],
)
def test_a_stored_event_is_read_as_rasa_reads_it(event) -> None:
    stored = json.loads(json.dumps(event.as_dict()))
    assert [_event(stored)] == deserialise_events([stored])
    assert _event(stored) == event


def test_an_event_that_rasa_has_given_up_is_left_out() -> None:
    assert _event({"event": "topic"}) is None
