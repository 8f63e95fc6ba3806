"""The store of conversations: redacts before it writes, and never pretends to have written."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from sqlalchemy.orm import Query, Session, sessionmaker

from family_guide.privacy.database import (
    STATE_TYPES,
    create_engine,
    default_url,
    empty_write_ahead_log,
    patiently,
    prepare,
)
from family_guide.privacy.events import redact_events
from family_guide.privacy.feedback import Feedback
from family_guide.privacy.retention import SECONDS_PER_DAY

Result = TypeVar("Result")

_STORED = "events_in_private_store"
"""Attribute of a tracker: a `_Stored`."""

EVENTS_READ = 60
"""Events of a conversation, about its last ten turns, that are read for a message.

Rules look at the turn they are in, learned policies at their `max_history` (5 to 8
turns by default); slots are read from wherever they were set.
"""

_WHOLE_SESSION = frozenset({"undo", "rewind", "active_loop"})
"""Types of events that change what others before them mean: with one of these before
the last turns, the whole session is read."""

_DELETED_AT_ONCE = 5000
"""Rows deleted in one transaction, so that a message never waits long for the lock."""

_THREADS = 8

# The types stand in the statements themselves, in the words of the index: only then is it used.
_OF_STATE = f"sender_id = :sender_id AND {STATE_TYPES}"
# Most of these rows are slots. That they are not wanted is said so that an index can pass over them, and the latest is
# asked for by order: a database that has not counted its rows yet would read them all otherwise.
_LATEST_OF_EACH_TYPE = sa.text(
    " UNION ALL ".join(
        f"SELECT type_name, max(id) AS id FROM events WHERE {_OF_STATE} AND type_name {side} 'slot' GROUP BY type_name"
        for side in "<>"
    )
)
_LATEST_OF_SLOT = (
    f"SELECT * FROM (SELECT id FROM events WHERE {_OF_STATE} AND type_name = 'slot' AND action_name = :slot_{{number}}"
    " AND id > :since AND id < :tail ORDER BY id DESC LIMIT 1) AS latest"
)


class ConversationMoved(Exception):
    """The conversation got other events while a message was answered; the message was not stored."""


@dataclass(frozen=True)
class _Stored:
    """What of a tracker is in the database.

    Attributes:
        events: how many of its events, from the first.
        last: id of the newest row of the conversation when it was read; 0 where there was none.
    """

    events: int
    last: int


class PrivateSQLTrackerStore(SQLTrackerStore):
    """Rasa's SQL store with redaction, in SQLite or PostgreSQL.

    Beyond Rasa's own store:

    - what identifies a family is redacted before it is written or sent to an event broker;
    - a save that fails raises, and a message keeps its place for the next try;
    - a lost connection to PostgreSQL is found and replaced before it is used;
    - the database is waited for in a thread, so other families are answered meanwhile;
    - for a message only the last turns and the slots are read, so a long conversation is
      answered as fast as a short one; the full tracker stays whole;
    - of two servers that answer one conversation at the same time, whatever became of
      the lock, one fails to save;
    - the latest session is found by the order of writing, which a clock that jumps leaves alone;
    - what is deleted while a message is on its way is not written again with it.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        host: str | None = None,
    ) -> None:
        """Open the database, with its folder, table and indexes made where missing.

        Args:
            domain: the assistant's domain.
            event_broker: gets each redacted event once it is stored.
            host: address of the database (`sqlite:///...` or `postgresql://...`), the
                `url` of `endpoints.yml`; without it `FAMILY_GUIDE_DATABASE_URL`, and
                without that `conversations.db` in the var folder.

        Raises:
            ConnectionException: the database cannot be opened or made, or the address
                is of another kind; says which and why.
        """
        TrackerStore.__init__(self, domain, event_broker)
        url = host or default_url()
        try:
            self.engine = create_engine(url)
            prepare(self.engine, self.Base.metadata, self.SQLEvent.__table__)
        except (sa.exc.SQLAlchemyError, OSError, ImportError, AttributeError) as error:
            # Rasa takes an ImportError or AttributeError for a misspelt class and
            # then keeps conversations in memory only.
            raise ConnectionException(
                f"The database of conversations cannot be used: {error}. "
                "Check FAMILY_GUIDE_DATABASE_URL, or the var folder for SQLite."
            ) from error
        self.sessionmaker = sessionmaker(bind=self.engine)
        self.feedback = Feedback(self.engine)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tracker-store")

    @contextlib.contextmanager
    def session_scope(self) -> Iterator[Session]:
        """Give a session that is rolled back unless it was committed.

        Rasa's own ends the whole process on any ValueError inside.
        """
        with contextlib.closing(self.sessionmaker()) as session:
            yield session

    async def keys(self) -> Iterable[str]:
        """Return the ids of all conversations."""
        return await self._in_thread(self._sender_ids)

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """Return the tracker of a conversation of which nothing was found.

        Args:
            sender_id: id of the conversation.
            append_action_listen: whether it begins with the assistant listening.

        Raises:
            ConversationMoved: another server has begun the conversation since.
        """
        tracker = self.init_tracker(sender_id)
        # Not counted again: what another server has written since belongs to no event of this one.
        setattr(tracker, _STORED, _Stored(0, 0))
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        await self.save(tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the tracker's new events, redacted, in one transaction.

        What is being written when the message is given up is still waited for: the family
        is told that it failed only if it did.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: they could not be written; none of them was.
            ConversationMoved: another server wrote to the conversation meanwhile; none was written.
        """
        events = list(tracker.events)
        stored: _Stored | None = getattr(tracker, _STORED, None)
        if stored is None:
            stored = await self._in_thread(lambda: self._count_stored(tracker.sender_id))
            setattr(tracker, _STORED, stored)
        new, before = events[stored.events :], stored.last
        if not new:
            return
        kept = redact_events([event.as_dict() for event in new])
        rows = [self._row(tracker.sender_id, event) for event in kept]
        writing = asyncio.ensure_future(self._in_thread(lambda: self._insert(tracker.sender_id, rows, before)))
        try:
            last = await asyncio.shield(writing)
        except asyncio.CancelledError:
            last = await writing
        setattr(tracker, _STORED, _Stored(len(events), last))
        if self.event_broker is not None:
            for event in kept:
                self.event_broker.publish({"sender_id": tracker.sender_id, **event})

    def delete_conversation(self, sender_id: str) -> int:
        """Delete everything of one conversation; waits for the database.

        Returns:
            How many events were deleted.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: not (or not wholly) deleted; try again.
        """
        self.feedback.delete(sender_id)
        return self._delete(self.SQLEvent.sender_id == sender_id)

    def delete_older_than(self, days: float, now: float | None = None) -> int:
        """Delete every event older than some days, also of conversations that go on.

        Args:
            days: age in days, above 0.
            now: seconds since 1970, the present if left out.

        Returns:
            How many events were deleted.

        Raises:
            ValueError: days is not above 0, which would delete everything.
            sqlalchemy.exc.SQLAlchemyError: not (or not wholly) deleted; try again.
        """
        if not days > 0:
            raise ValueError(f"days must be above 0, not {days}")
        present = time.time() if now is None else now
        with patiently():
            self.feedback.delete_older_than(days, present)
            return self._delete(self.SQLEvent.timestamp < present - days * SECONDS_PER_DAY)

    def close(self) -> None:
        """Close the connections; the store cannot be used afterwards."""
        self._threads.shutdown()
        self.engine.dispose()

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        load = self._load_all if fetch_events_from_all_sessions else self._load_latest
        return await self._in_thread(lambda: load(sender_id))

    def _load_all(self, sender_id: str) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, True).all()
        return self._tracker(sender_id, rows)

    def _load_latest(self, sender_id: str) -> DialogueStateTracker | None:
        """Read the end of the latest session, and before it only what the state is made of."""
        event = self.SQLEvent.__table__.c
        with self.session_scope() as session:
            rows = session.execute(
                sa.select(*_columns(event))
                .where(event.sender_id == sender_id)
                .order_by(event.id.desc())
                .limit(EVENTS_READ)
            ).all()[::-1]
            starts = [place for place, row in enumerate(rows) if row.type_name == SessionStarted.type_name]
            if starts:
                rows = rows[starts[-1] :]
            elif len(rows) == EVENTS_READ:
                rows = self._state_before(session, sender_id, _from_a_turn(rows))
        return self._tracker(sender_id, rows)

    def _state_before(self, session: Session, sender_id: str, rows: list[Any]) -> list[Any]:
        """Return the rows with what the state of the session was when they began before them."""
        event = self.SQLEvent.__table__.c
        tail = rows[0].id
        latest = dict(session.execute(_LATEST_OF_EACH_TYPE, {"sender_id": sender_id}).all())
        start = max(latest.get(SessionStarted.type_name, 0), latest.get("restart", 0))
        unusual = any(latest.get(kind, 0) > start for kind in _WHOLE_SESSION)
        if unusual or not any(row.type_name == UserUttered.type_name for row in rows):
            return list(self._event_query(session, sender_id, False).all())
        before = [start, latest.get("pause", 0), latest.get("resume", 0)]
        since = max(start, latest.get("reset_slots", 0))
        if self.domain.slots:
            numbered = {f"slot_{number}": slot.name for number, slot in enumerate(self.domain.slots)}
            each = " UNION ALL ".join(_LATEST_OF_SLOT.format(number=number) for number in range(len(numbered)))
            values = {"sender_id": sender_id, "since": since, "tail": tail, **numbered}
            before += [row.id for row in session.execute(sa.text(each), values)]
        state = (
            session.query(*_columns(event))
            .filter(event.id.in_([row for row in before if start <= row < tail]))
            .order_by(event.id)
        )
        return [*state.all(), *rows]

    def _tracker(self, sender_id: str, rows: list[Any]) -> DialogueStateTracker | None:
        if not rows:
            return None
        events = [event for row in rows if (event := _event(json.loads(row.data))) is not None]
        tracker = DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        setattr(tracker, _STORED, _Stored(len(tracker.events), rows[-1].id))
        return tracker

    def _event_query(self, session: Session, sender_id: str, fetch_events_from_all_sessions: bool) -> Query:
        """Return the query for a conversation's events, of its latest session or of all."""
        event = self.SQLEvent
        query = session.query(event).filter(event.sender_id == sender_id)
        if not fetch_events_from_all_sessions:
            latest_start = (
                session.query(sa.func.max(event.id))
                .filter(event.sender_id == sender_id, event.type_name == SessionStarted.type_name)
                .scalar_subquery()
            )
            query = query.filter(event.id >= sa.func.coalesce(latest_start, 0))
        return query.order_by(event.id)

    def _count_stored(self, sender_id: str) -> _Stored:
        with self.session_scope() as session:
            ids = [row.id for row in self._event_query(session, sender_id, False).all()]
        return _Stored(len(ids), ids[-1] if ids else 0)

    def _sender_ids(self) -> list[str]:
        with self.session_scope() as session:
            return [sender_id for (sender_id,) in session.query(self.SQLEvent.sender_id).distinct()]

    def _insert(self, sender_id: str, rows: list[dict[str, Any]], before: int) -> int:
        """Write rows after those that the conversation had, and return the id of the last.

        SQLite has one writer at a time, and PostgreSQL here one for each conversation: what
        is seen after writing is all there is.
        """
        event = self.SQLEvent.__table__.c
        with self.session_scope() as session:
            if self.engine.dialect.name == "postgresql":
                session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sender_id, 0))))
            session.execute(self.SQLEvent.__table__.insert(), rows)
            count, last = session.execute(
                sa.select(sa.func.count(), sa.func.max(event.id)).where(event.sender_id == sender_id, event.id > before)
            ).one()
            if count > len(rows):
                raise ConversationMoved(f"{count - len(rows)} events of another message came first")
            session.commit()
        # Nothing is above where SQLite gave ids of deleted rows again.
        return int(last or before)

    def _delete(self, which: Any) -> int:
        events = self.SQLEvent.__table__
        oldest = sa.select(events.c.id).where(which).order_by(events.c.id).limit(_DELETED_AT_ONCE)
        deleted = 0
        while True:
            with self.session_scope() as session:
                result = session.execute(sa.delete(events).where(events.c.id.in_(oldest.scalar_subquery())))
                gone = int(result.rowcount)
                session.commit()
            deleted += gone
            if gone < _DELETED_AT_ONCE:
                break
        empty_write_ahead_log(self.engine)
        return deleted

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @staticmethod
    def _row(sender_id: str, event: dict[str, Any]) -> dict[str, Any]:
        intent = (event.get("parse_data") or {}).get("intent") or {}
        return {
            "sender_id": sender_id,
            "type_name": event["event"],
            "timestamp": event.get("timestamp"),
            "intent_name": intent.get("name"),
            "action_name": event.get("name"),
            "data": json.dumps(event),
        }


def _columns(event: Any) -> tuple[Any, ...]:
    return event.id, event.type_name, event.action_name, event.data


def _from_a_turn(rows: list[Any]) -> list[Any]:
    """Return the rows from the first at which the assistant began to listen."""
    for place, row in enumerate(rows):
        if row.action_name == ACTION_LISTEN_NAME:
            return rows[place:]
    return rows


@cache
def _kind_of_event(type_name: str) -> type[Event] | None:
    """Return the class of Rasa's events of a type; Rasa looks through all its classes for each event it reads."""
    kind: type[Event] | None = Event.resolve_by_type(type_name)
    return kind


def _event(stored: dict[str, Any]) -> Event | None:
    """Return an event as it was before it was stored, or None for a type that Rasa has given up."""
    kind = _kind_of_event(stored["event"])
    return None if kind is None else kind._from_parameters(stored)
