"""Reading the assistant's store of conversations: SQLite or PostgreSQL, never written to."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg

from conversations.events import StoredEvent

_COLUMNS = "id, sender_id, type_name, timestamp, data"
_REPORTS = "SELECT id, at, channel, conversation, what, reason FROM channel_report ORDER BY id DESC LIMIT"
_CONNECT_SECONDS = 5
_Row = Sequence[Any]


class StoreUnavailable(Exception):
    """The store cannot be read now; the message says why and what to do, in words for staff."""


@dataclass(frozen=True)
class Feedback:
    """A family's thumbs up or down on a reply."""

    id: int
    sender_id: str
    stamp: float
    rating: str
    comment: str


@dataclass(frozen=True)
class Report:
    """What the assistant tells staff: a family on a messaging platform may be without a reply."""

    id: int
    at: float
    channel: str
    sender_id: str
    what: str
    reason: str


class Store(Protocol):
    """What the import asks of the store; every method may raise StoreUnavailable."""

    assigns_ids_in_order: bool
    """Whether an event with a lower id can never appear after one with a higher id."""

    def events_after(self, event_id: int, limit: int) -> list[StoredEvent]:
        """Return the next events above an id, in the order of ids."""

    def events_between(self, first_id: int, last_id: int, limit: int) -> list[StoredEvent]:
        """Return the events from one id to another, both included."""

    def event_keys(self, ids: Iterable[int]) -> dict[int, tuple[str, float]]:
        """Return sender and timestamp of those of the events that are there."""

    def first_ids(self, sender_ids: Sequence[str]) -> dict[str, int]:
        """Return the id of the first event of each of the conversations that are there."""

    def feedback_after(self, feedback_id: int, limit: int) -> list[Feedback]:
        """Return the next rows of feedback; none where the store has no feedback."""

    def latest_reports(self, limit: int) -> list[Report]:
        """Return the latest reports of replies that did not arrive; none where no messaging channel is on."""

    def running_transactions(self) -> tuple[int, int]:
        """Return the oldest transaction that is running, and the next to start."""

    def close(self) -> None:
        """Close the connection."""


def open_store(url: str) -> Store:
    """Return the store at an address.

    Args:
        url: `sqlite:///path` or `postgresql://user:password@host/database`.

    Raises:
        StoreUnavailable: there is none yet, or it cannot be opened.
    """
    parts = urlsplit(url)
    kind = parts.scheme.split("+")[0]
    if kind == "sqlite":
        return SqliteStore(Path(parts.path[1:]))
    if kind in ("postgresql", "postgres"):
        return PostgresStore(urlunsplit(("postgresql", *parts[1:])))
    raise StoreUnavailable(
        "FAMILY_GUIDE_DATABASE_URL is no address of a database: set sqlite:///path/to/conversations.db "
        "or postgresql://user:password@host/database, the same as for the assistant."
    )


def _feedback(row: _Row) -> Feedback:
    return Feedback(int(row[0]), str(row[1]), float(row[2] or 0), str(row[3] or ""), str(row[4] or ""))


def _report(row: _Row) -> Report:
    return Report(int(row[0]), float(row[1] or 0), *(str(value or "") for value in row[2:6]))


def _event(row: _Row) -> StoredEvent:
    return StoredEvent(int(row[0]), str(row[1]), str(row[2]), float(row[3] or 0), row[4] or "")


class SqliteStore:
    """The store in a file on this machine, opened for reading only."""

    assigns_ids_in_order = True

    def __init__(self, file: Path) -> None:
        if not file.exists():
            raise StoreUnavailable(
                f"There is no assistant database yet at {file}. It is made when the assistant starts: "
                "run it, or set FAMILY_GUIDE_DATABASE_URL to where it is."
            )
        try:
            self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=_CONNECT_SECONDS)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"The assistant database {file} cannot be opened: {error}.") from error

    def _rows(self, statement: str, values: Sequence[Any]) -> list[_Row]:
        try:
            with closing(self._connection.execute(statement, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise StoreUnavailable(_unreadable(error)) from error

    def events_after(self, event_id: int, limit: int) -> list[StoredEvent]:
        """See Store."""
        return [
            _event(r)
            for r in self._rows(f"SELECT {_COLUMNS} FROM events WHERE id > ? ORDER BY id LIMIT ?", (event_id, limit))
        ]

    def events_between(self, first_id: int, last_id: int, limit: int) -> list[StoredEvent]:
        """See Store."""
        statement = f"SELECT {_COLUMNS} FROM events WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        return [_event(r) for r in self._rows(statement, (first_id, last_id, limit))]

    def event_keys(self, ids: Iterable[int]) -> dict[int, tuple[str, float]]:
        """See Store."""
        statement = "SELECT id, sender_id, timestamp FROM events WHERE id IN (SELECT value FROM json_each(?))"
        return {r[0]: (r[1], float(r[2] or 0)) for r in self._rows(statement, (json.dumps(list(ids)),))}

    def first_ids(self, sender_ids: Sequence[str]) -> dict[str, int]:
        """See Store."""
        statement = (
            "SELECT value, (SELECT min(id) FROM events WHERE sender_id = value) AS first_id"
            " FROM json_each(?) WHERE first_id IS NOT NULL"
        )
        return {r[0]: r[1] for r in self._rows(statement, (json.dumps(list(sender_ids)),))}

    def feedback_after(self, feedback_id: int, limit: int) -> list[Feedback]:
        """See Store."""
        if not self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'feedback'", ()):
            return []
        statement = (
            "SELECT id, sender_id, message_timestamp, rating, comment FROM feedback WHERE id > ? ORDER BY id LIMIT ?"
        )
        return [_feedback(r) for r in self._rows(statement, (feedback_id, limit))]

    def latest_reports(self, limit: int) -> list[Report]:
        """See Store."""
        if not self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'channel_report'", ()):
            return []
        return [_report(r) for r in self._rows(_REPORTS + " ?", (limit,))]

    def running_transactions(self) -> tuple[int, int]:
        """See Store; SQLite has one writer at a time, so none can still be running."""
        return 0, 0

    def close(self) -> None:
        """See Store."""
        self._connection.close()


class PostgresStore:
    """The store on a PostgreSQL server; every read is a transaction of its own."""

    assigns_ids_in_order = False

    def __init__(self, url: str) -> None:
        try:
            self._connection = psycopg.connect(
                url,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name="family-guide-staff",
                options="-c default_transaction_read_only=on -c statement_timeout=60000",
            )
        except psycopg.Error as error:
            raise StoreUnavailable(
                f"The assistant database cannot be reached: {str(error).splitlines()[0]} "
                "Check FAMILY_GUIDE_DATABASE_URL and that the server is up."
            ) from error

    def _rows(self, statement: str, values: Sequence[Any]) -> list[_Row]:
        try:
            return list(self._connection.execute(statement, values).fetchall())
        except psycopg.Error as error:
            raise StoreUnavailable(_unreadable(error)) from error

    def events_after(self, event_id: int, limit: int) -> list[StoredEvent]:
        """See Store."""
        statement = f"SELECT {_COLUMNS} FROM events WHERE id > %s ORDER BY id LIMIT %s"
        return [_event(r) for r in self._rows(statement, (event_id, limit))]

    def events_between(self, first_id: int, last_id: int, limit: int) -> list[StoredEvent]:
        """See Store."""
        statement = f"SELECT {_COLUMNS} FROM events WHERE id BETWEEN %s AND %s ORDER BY id LIMIT %s"
        return [_event(r) for r in self._rows(statement, (first_id, last_id, limit))]

    def event_keys(self, ids: Iterable[int]) -> dict[int, tuple[str, float]]:
        """See Store."""
        statement = "SELECT id, sender_id, timestamp FROM events WHERE id = ANY(%s)"
        return {r[0]: (r[1], float(r[2] or 0)) for r in self._rows(statement, (list(ids),))}

    def first_ids(self, sender_ids: Sequence[str]) -> dict[str, int]:
        """See Store."""
        statement = "SELECT s, (SELECT min(id) FROM events WHERE sender_id = s) FROM unnest(%s::text[]) AS s"
        return {r[0]: r[1] for r in self._rows(statement, (list(sender_ids),)) if r[1] is not None}

    def feedback_after(self, feedback_id: int, limit: int) -> list[Feedback]:
        """See Store."""
        if self._rows("SELECT to_regclass('feedback')", ())[0][0] is None:
            return []
        statement = (
            "SELECT id, sender_id, message_timestamp, rating, comment FROM feedback WHERE id > %s ORDER BY id LIMIT %s"
        )
        return [_feedback(r) for r in self._rows(statement, (feedback_id, limit))]

    def latest_reports(self, limit: int) -> list[Report]:
        """See Store."""
        if self._rows("SELECT to_regclass('channel_report')", ())[0][0] is None:
            return []
        return [_report(r) for r in self._rows(_REPORTS + " %s", (limit,))]

    def running_transactions(self) -> tuple[int, int]:
        """See Store."""
        statement = (
            "SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint"
            " FROM pg_current_snapshot() AS s"
        )
        oldest, following = self._rows(statement, ())[0]
        return int(oldest), int(following)

    def close(self) -> None:
        """See Store."""
        self._connection.close()


def _unreadable(error: Exception) -> str:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    if "no such table" in reason or "does not exist" in reason:
        return "The assistant database has no conversations yet: start the assistant once, it makes its table."
    return f"The assistant database cannot be read: {reason}. The import goes on by itself when it can."
