"""A message reads the end of its conversation and its state, however long the conversation is."""

import asyncio
import re
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from family_guide.privacy import tracker_store
from family_guide.privacy.tracker_store import EVENTS_READ, PrivateSQLTrackerStore
from tests.services import Postgres, postgres, postgres_url  # noqa: F401

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
intents: [ask, tell]
slots:
  check: {type: any, mappings: [{type: custom}]}
  active: {type: bool, initial_value: false, mappings: [{type: custom}]}
  note: {type: text, mappings: [{type: custom}]}
"""
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSQLTrackerStore]:
    """A store on either kind of database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('long') / 'c.db'}"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    opened = PrivateSQLTrackerStore(DOMAIN, host=url)
    yield opened
    opened.close()


def turn(number: int) -> list[Event]:
    """What one message leaves behind."""
    return [
        UserUttered(f"question {number}", {"name": "ask", "confidence": 1.0}, message_id=f"m{number}"),
        ActionExecuted("action_answer"),
        BotUttered(f"answer {number}"),
        ActionExecuted("action_listen"),
    ]


def conversation(turns: int) -> list[Event]:
    """A session with slots that were set early on."""
    events: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    events += [SlotSet("check", {"answers": {"lump": "no"}}), SlotSet("check", {"answers": {"lump": "yes"}})]
    for number in range(turns):
        events += turn(number)
    return events


async def saved(store: SQLTrackerStore, events: list[Event]) -> str:
    """Store a conversation and return its id."""
    sender = uuid.uuid4().hex
    await store.save(DialogueStateTracker.from_events(sender, events, DOMAIN.slots))
    return sender


def stock(store: PrivateSQLTrackerStore) -> SQLTrackerStore:
    """Rasa's own store on the same database."""
    opened = SQLTrackerStore(DOMAIN, host=str(store.engine.url))
    opened.engine.dispose()
    opened.engine = store.engine
    return opened


@pytest.mark.parametrize(
    "opened",
    [
        lambda store: store,
        pytest.param(stock, marks=pytest.mark.xfail(strict=True, reason="reads every event of the session")),
    ],
    ids=["ours", "stock"],
)
async def test_a_long_conversation_is_read_in_part_with_its_state(store, opened):
    sender = await saved(store, conversation(300))
    tracker = await opened(store).retrieve(sender)
    assert tracker.get_slot("check") == {"answers": {"lump": "yes"}}
    assert tracker.get_slot("active") is False
    assert tracker.latest_message.text == "question 299"
    assert tracker.latest_action == {"action_name": "action_listen"}
    assert len(tracker.events) <= EVENTS_READ + len(DOMAIN.slots) + 3


async def test_the_part_begins_where_the_assistant_listens(store):
    tracker = await store.retrieve(await saved(store, conversation(300)))
    kinds = [event.type_name for event in tracker.events]
    after_state = kinds.index("action")
    assert set(kinds[:after_state]) == {"session_started", "slot"}
    assert tracker.events[after_state].action_name == "action_listen"
    assert len([kind for kind in kinds if kind == "user"]) > EVENTS_READ // 4 - 2


async def test_the_whole_conversation_stays_for_staff_and_history(store):
    sender = await saved(store, conversation(100))
    for number in range(100, 110):
        tracker = await store.retrieve(sender)
        for event in turn(number):
            tracker.update(event)
        await store.save(tracker)
    full = await store.retrieve_full_tracker(sender)
    assert [event.text for event in full.events if isinstance(event, UserUttered)] == [
        f"question {number}" for number in range(110)
    ]
    assert len(full.events) == len(conversation(110))


EVENTS = st.one_of(
    st.builds(lambda n: turn(n), st.integers(0, 99)),
    st.builds(lambda v: [SlotSet("note", v)], st.sampled_from(["a", "b", None])),
    st.builds(lambda v: [SlotSet("active", v)], st.booleans()),
    st.builds(lambda v: [SlotSet("check", v)], st.sampled_from([{"x": 1}, {"x": 2}])),
    st.sampled_from(
        [
            [AllSlotsReset()],
            [Restarted(), ActionExecuted("action_listen")],
            [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")],
            [ConversationPaused()],
            [ConversationResumed()],
            [UserUtteranceReverted()],
            [ActiveLoop("some_form")],
            [ActiveLoop(None)],
        ]
    ),
)


@pytest.mark.parametrize("read", [4, 15])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(EVENTS, min_size=1, max_size=25))
def test_the_state_is_that_of_the_whole_session(store, monkeypatch, read, parts):
    monkeypatch.setattr(tracker_store, "EVENTS_READ", read)
    events = [SessionStarted(), *[event for part in parts for event in part]]

    async def compare() -> None:
        sender = await saved(store, events)
        ours = await store.retrieve(sender)
        with store.session_scope() as session:
            rows = store._event_query(session, sender, False).all()
        whole = store._tracker(sender, rows)
        assert ours.current_slot_values() == whole.current_slot_values()
        assert ours.is_paused() == whole.is_paused()
        assert ours.active_loop == whole.active_loop
        assert ours.latest_message.text == whole.latest_message.text

    asyncio.run(compare())


async def test_the_indexes_are_those_that_the_reading_needs(store):
    sender = await saved(store, conversation(300))
    statements = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        statements.append((statement, parameters))

    sa.event.listen(store.engine, "before_cursor_execute", note)
    try:
        await store.retrieve(sender)
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", note)
    assert 3 <= len(statements) <= 4 + len(DOMAIN.slots)
    with store.engine.connect() as connection:
        on_postgresql = store.engine.dialect.name == "postgresql"
        if on_postgresql:
            # A table of a test is so small that it is read whole otherwise.
            connection.execute(sa.text("SET enable_seqscan = off"))
            connection.execute(sa.text("SET enable_bitmapscan = off"))
        for statement, parameters in statements:
            explain = "EXPLAIN " if on_postgresql else "EXPLAIN QUERY PLAN "
            plan = str(connection.exec_driver_sql(explain + statement, parameters).fetchall())
            assert "ix_events_s" in plan or "pkey" in plan or "PRIMARY KEY" in plan, plan
            assert "TEMP B-TREE FOR ORDER" not in plan
            if "type_name" in statement.split("WHERE")[1]:
                assert "ix_events_state" in plan, plan
            if on_postgresql:
                # Nor is more read than is wanted: a condition may be looked at row by row, index or not.
                read = str(connection.exec_driver_sql("EXPLAIN ANALYZE " + statement, parameters).fetchall())
                assert max(map(int, re.findall(r"actual time=\S+ rows=(\d+)", read))) <= EVENTS_READ, read
                assert "Removed by Filter" not in read, read


async def test_an_index_that_was_never_finished_is_made_again(postgres_url):  # noqa: F811
    PrivateSQLTrackerStore(DOMAIN, host=postgres_url).close()
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_events_state'::regclass")
        )
    PrivateSQLTrackerStore(DOMAIN, host=postgres_url).close()
    with engine.connect() as connection:
        valid = connection.execute(
            sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_events_state'::regclass")
        ).scalar()
    engine.dispose()
    assert valid
