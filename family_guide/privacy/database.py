"""Opening the database of conversations: SQLite for one machine, PostgreSQL for more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

from family_guide.settings import settings

_LOCK_SECONDS = 20
"""How long a writer waits for another to finish."""

_START_SECONDS = {"postgresql": 60, "sqlite": 5}
"""How long the start waits for a database that cannot be used yet."""

_CONNECT_SECONDS = 10
_CONNECTIONS = 8
_MORE_CONNECTIONS = 4
_PREPARING = 0x46616D47
"""Number of the PostgreSQL lock under which one server at a time makes the table."""


def default_url() -> str:
    """Return the address of the database that the settings name."""
    return settings().database_url or f"sqlite:///{settings().var / 'conversations.db'}"


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
        pool_size=_CONNECTIONS,
        max_overflow=_MORE_CONNECTIONS,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _CONNECT_SECONDS * 1000,
            "application_name": "family-guide",
        },
    )


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
        connect_args={"timeout": _LOCK_SECONDS, "check_same_thread": False},
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

    Waits for a database that is not up yet, and for other servers that do the same.

    Raises:
        sqlalchemy.exc.DBAPIError: it cannot be used after that time either.
    """
    deadline = time.monotonic() + _START_SECONDS[engine.dialect.name]
    while True:
        try:
            with engine.begin() as connection:
                _make_tables(connection, metadata, events)
            return
        except sa.exc.DBAPIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _make_tables(connection: Connection, metadata: sa.MetaData, events: sa.Table) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PREPARING)))
    metadata.create_all(connection)
    # A conversation is read in the order of writing: without this, every message of every
    # other session of the family is fetched and sorted first.
    connection.execute(
        sa.text(f"CREATE INDEX IF NOT EXISTS ix_{events.name}_sender_id_id ON {events.name} (sender_id, id)")
    )
    # Deletion by age finds its rows without reading the table.
    connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS ix_{events.name}_timestamp ON {events.name} (timestamp)"))


def empty_write_ahead_log(engine: Engine) -> None:
    """Write SQLite's log into the file and empty it, so that it keeps nothing that was deleted."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
