"""The store of conversations: redacts before it writes, and never pretends to have written."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException
from sqlalchemy.orm import Query, Session, sessionmaker

from family_guide.privacy.database import create_engine, default_url, empty_write_ahead_log, prepare
from family_guide.privacy.events import redact_events
from family_guide.privacy.feedback import Feedback

Result = TypeVar("Result")

_STORED = "events_in_private_store"
"""Attribute of a tracker: how many of its events are in the database already."""

_DELETED_AT_ONCE = 5000
"""Rows deleted in one transaction, so that a message never waits long for the lock."""

_THREADS = 8
_SECONDS_PER_DAY = 86400


class PrivateSQLTrackerStore(SQLTrackerStore):
    """Rasa's SQL store with redaction, in SQLite or PostgreSQL.

    Beyond Rasa's own store:

    - what identifies a family is redacted before it is written or sent to an event broker;
    - a save that fails raises, and a message keeps its place for the next try;
    - a lost connection to PostgreSQL is found and replaced before it is used;
    - the database is waited for in a thread, so other families are answered meanwhile;
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

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the tracker's new events, redacted, in one transaction.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: they could not be written; none of them was.
        """
        events = list(tracker.events)
        stored = getattr(tracker, _STORED, None)
        if stored is None:
            stored = await self._in_thread(lambda: self._count_stored(tracker.sender_id))
        new = events[stored:]
        if not new:
            return
        kept = redact_events([event.as_dict() for event in new])
        rows = [self._row(tracker.sender_id, event) for event in kept]
        await self._in_thread(lambda: self._insert(rows))
        setattr(tracker, _STORED, len(events))
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
        self.feedback.delete_older_than(days, present)
        return self._delete(self.SQLEvent.timestamp < present - days * _SECONDS_PER_DAY)

    def close(self) -> None:
        """Close the connections; the store cannot be used afterwards."""
        self._threads.shutdown()
        self.engine.dispose()

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        return await self._in_thread(lambda: self._load(sender_id, fetch_events_from_all_sessions))

    def _load(self, sender_id: str, all_sessions: bool) -> DialogueStateTracker | None:
        with self.session_scope() as session:
            rows = self._event_query(session, sender_id, all_sessions).all()
        if not rows:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row.data) for row in rows], self.domain.slots)
        setattr(tracker, _STORED, len(tracker.events))
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

    def _count_stored(self, sender_id: str) -> int:
        with self.session_scope() as session:
            return int(self._event_query(session, sender_id, False).count())

    def _sender_ids(self) -> list[str]:
        with self.session_scope() as session:
            return [sender_id for (sender_id,) in session.query(self.SQLEvent.sender_id).distinct()]

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self.session_scope() as session:
            session.execute(self.SQLEvent.__table__.insert(), rows)
            session.commit()

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
