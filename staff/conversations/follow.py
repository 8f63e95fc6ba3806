"""The loop that keeps the staff database up to date, one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from conversations.deletion import expire
from conversations.importer import BATCH, import_once
from conversations.models import ImportPosition
from conversations.store import Store, StoreUnavailable, open_store

log = logging.getLogger("staff.import")

SECONDS_BETWEEN_TURNS = 1.0
_SECONDS_AFTER_A_PROBLEM = 3.0
_SECONDS_BETWEEN_EXPIRIES = 600.0
_LOCK = 0x46475374
"""Number of the PostgreSQL lock that the one importer holds."""


def follow(stop: threading.Event, store_url: str | None = None) -> None:
    """Import until told to stop; a store or a database that cannot be used is tried again.

    Args:
        stop: set by whoever wants the loop to end; the turn under way is finished first.
        store_url: the store's address; that of the settings if left out.
    """
    url = store_url or settings.ENVIRONMENT.store_url
    store: Store | None = None
    said = ""
    expire_at = 0.0
    while not stop.is_set():
        wait = SECONDS_BETWEEN_TURNS
        try:
            with only_importer() as alone:
                if alone:
                    if time.monotonic() >= expire_at and expire(settings.ENVIRONMENT.retention_days) == 0:
                        expire_at = time.monotonic() + _SECONDS_BETWEEN_EXPIRIES
                    store = store or open_store(url)
                    wait = 0.0 if import_once(store) >= BATCH else SECONDS_BETWEEN_TURNS
                    said = ""
        except (StoreUnavailable, DatabaseError, InterfaceError) as error:
            wait = _SECONDS_AFTER_A_PROBLEM
            if store is not None:
                store.close()
                store = None
            if str(error) != said:
                said = str(error)
                log.warning("%s", said)
            _note_problem(said)
        stop.wait(wait)
    if store is not None:
        store.close()


@contextlib.contextmanager
def only_importer() -> Iterator[bool]:
    """Give whether this process may import now: nobody else does until the end of the block."""
    close_old_connections()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                # A connection that is lost has given the lock back already.
                with contextlib.suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    lock = settings.ENVIRONMENT.var / "staff-import.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _note_problem(problem: str) -> None:
    """Keep the problem where the pages can show it; the database itself may be the problem."""
    with contextlib.suppress(DatabaseError, InterfaceError):
        ImportPosition.objects.update_or_create(pk=1, defaults={"problem": problem[:1000], "read_at": timezone.now()})
