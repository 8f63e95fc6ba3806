"""Opening the database of conversations: SQLite for one machine, PostgreSQL for more."""

from __future__ import annotations

import contextlib
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy as sa
from psycopg2 import extensions
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

from family_guide.settings import Settings, settings

_ANSWER_SECONDS = 3
"""How long SQLite waits for another writer, and PostgreSQL for one statement.

A message that is being written when its time is up is waited for, so that what the
family is told is what happened; this bounds that wait.
"""

_START_SECONDS = {"postgresql": 60, "sqlite": 5}
"""How long the start waits for a database that cannot be used yet."""

_CONNECT_SECONDS = 2
_RECYCLE_SECONDS = 1800
"""Age at which a connection is replaced, below the idle limits that firewalls have."""

_CONNECTIONS = 8
_MORE_CONNECTIONS = 4
_PREPARING = 0x46616D47
"""Number of the PostgreSQL lock under which one server at a time makes the table."""

STATE_TYPES = (
    "type_name IN ('slot', 'active_loop', 'session_started', 'restart', 'reset_slots', "
    "'pause', 'resume', 'undo', 'rewind')"
)
"""Which events say more than the moment they happened in, in SQL: what the state of a
conversation is made of when only its last turns are read. A small part of all events."""

_patience = threading.local()


def default_url(configured: Settings | None = None) -> str:
    """Return the address of the database that the settings name.

    Args:
        configured: the settings; those of this process by default.
    """
    named = configured or settings()
    return named.database_url or f"sqlite:///{named.var / 'conversations.db'}"


def create_engine(address: str) -> Engine:
    """Return an engine for a database; makes the folder of an SQLite file.

    Args:
        address: `sqlite:///path` or `postgresql://user:password@host/database`.

    Raises:
        sqlalchemy.exc.ArgumentError: the address is not of these kinds.
        OSError: the folder cannot be made.
    """
    url = make_url(address)
    kind = url.get_backend_name()
    if kind == "postgresql":
        return _postgresql(url)
    if kind == "sqlite":
        return _sqlite(url)
    raise sa.exc.ArgumentError(f"{kind} is not supported, only sqlite and postgresql are")


def _postgresql(url: URL) -> Engine:
    return sa.create_engine(
        url,
        hide_parameters=True,
        # A server that was restarted closed its connections: found before use, not by losing a message.
        pool_pre_ping=True,
        pool_recycle=_RECYCLE_SECONDS,
        pool_timeout=_ANSWER_SECONDS,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _ANSWER_SECONDS * 1000,
            "application_name": "family-guide",
        },
    )


def _wait(connection: Any) -> None:
    """Wait for PostgreSQL's answer, and no longer than a family can.

    The driver itself waits for ever for a server that is frozen or out of reach; each
    of its threads would be lost to one message. It closes a connection whose wait fails.
    """
    patient = getattr(_patience, "on", False)
    deadline = time.monotonic() + _ANSWER_SECONDS
    while (state := connection.poll()) != extensions.POLL_OK:
        left = deadline - time.monotonic()
        if left <= 0 and not patient:
            raise psycopg2.OperationalError(f"PostgreSQL did not answer within {_ANSWER_SECONDS} seconds")
        # Not select(): it knows no file above number 1023, and a busy server opens more.
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        waiting.poll(None if patient else 1000 * left)


extensions.set_wait_callback(_wait)


@contextlib.contextmanager
def patiently() -> Iterator[None]:
    """Let PostgreSQL take its time in this thread: for work that no family waits for."""
    _patience.on = True
    try:
        yield
    finally:
        _patience.on = False


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        # Closing the last connection empties the log, which takes a slow write to the disk.
        poolclass=QueuePool,
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        connect_args={"timeout": _ANSWER_SECONDS, "check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Readers and the one writer do not wait for each other.
    connection.execute("PRAGMA journal_mode = WAL")
    # What is deleted is overwritten, not only unlinked.
    connection.execute("PRAGMA secure_delete = ON")


def prepare(engine: Engine, metadata: sa.MetaData, events: sa.Table) -> None:
    """Make the table of events and its indexes where they are missing.

    Waits for a database that is not up yet, and for other servers that do the same. An
    index on a table that is in use is made beside it: messages go on being written.

    Raises:
        sqlalchemy.exc.DBAPIError: it cannot be used after that time either.
    """
    deadline = time.monotonic() + _START_SECONDS[engine.dialect.name]
    while True:
        try:
            with patiently():
                _make_tables(engine, metadata, events)
            return
        except sa.exc.DBAPIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _indexes(table: str) -> dict[str, str]:
    """Return what Rasa's table lacks: names of indexes, and what each is on."""
    return {
        # The last turns of a conversation are read from its end: without this, all of it is fetched and sorted.
        f"ix_{table}_sender_id_id": "(sender_id, id)",
        # The latest value of each slot is one step in an index, however long the conversation is.
        f"ix_{table}_state": f"(sender_id, type_name, action_name, id) WHERE {STATE_TYPES}",
        # Deletion by age finds its rows without reading the table.
        f"ix_{table}_timestamp": "(timestamp)",
    }


def _make_tables(engine: Engine, metadata: sa.MetaData, events: sa.Table) -> None:
    on_postgresql = engine.dialect.name == "postgresql"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if on_postgresql:
            _wait_for_turn(connection)
        try:
            metadata.create_all(connection)
            if on_postgresql:
                _drop_unfinished(connection, events.name)
            beside = "CONCURRENTLY " if on_postgresql else ""
            for name, on in _indexes(events.name).items():
                connection.execute(sa.text(f"CREATE INDEX {beside}IF NOT EXISTS {name} ON {events.name} {on}"))
        finally:
            if on_postgresql and not connection.invalidated:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_PREPARING)))


def _wait_for_turn(connection: Connection) -> None:
    """Take the lock of preparing. Asks again and again: a statement that waits would hold up the
    making of an index, which waits for every statement that is older."""
    while not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_PREPARING))).scalar():
        time.sleep(0.1)


def _drop_unfinished(connection: Connection, table: str) -> None:
    """Drop an index that a server was killed at: PostgreSQL keeps it up to date and never uses it."""
    unfinished = connection.execute(
        sa.text(
            "SELECT pg_class.relname FROM pg_index JOIN pg_class ON pg_class.oid = pg_index.indexrelid"
            " WHERE indrelid = to_regclass(:table) AND NOT indisvalid"
        ),
        {"table": table},
    )
    for (name,) in unfinished.fetchall():
        connection.execute(sa.text(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"'))


def empty_write_ahead_log(engine: Engine) -> None:
    """Write SQLite's log into the file and empty it, so that it keeps nothing that was deleted."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
