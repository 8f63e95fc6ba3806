"""Deletion of conversations when their time is over."""

from __future__ import annotations

import hashlib
import time
from typing import Protocol

import structlog

from family_guide.settings import settings

SECONDS_PER_DAY = 86400

_audit = structlog.get_logger("family_guide.audit")


class KeepsConversations(Protocol):
    """A store that can delete by age, such as `PrivateSQLTrackerStore`."""

    def delete_older_than(self, days: float, now: float | None = None) -> int:
        """Delete what is older than some days and return how many events that was."""


def delete_expired(store: KeepsConversations, days: int | None = None, now: float | None = None) -> int:
    """Delete every event that is older than conversations may be kept, and note it for audit.

    Args:
        store: where conversations are.
        days: how long they are kept; `FAMILY_GUIDE_RETENTION_DAYS` if left out.
            0 switches deletion off.
        now: seconds since 1970, the present if left out.

    Returns:
        How many events were deleted.

    Raises:
        ValueError: days is negative.
        sqlalchemy.exc.SQLAlchemyError: the database failed; what is left is deleted the next time.
    """
    kept_for = settings().retention_days if days is None else days
    if kept_for < 0:
        raise ValueError(f"FAMILY_GUIDE_RETENTION_DAYS must be 0 (keep) or more, not {kept_for}")
    if kept_for == 0:
        _audit.info("retention.off")
        return 0
    deleted = store.delete_older_than(kept_for, time.time() if now is None else now)
    _audit.info("retention.deleted", events=deleted, days=kept_for, store=type(store).__name__)
    return deleted


def note_deletion(conversation: str, events: int) -> None:
    """Note for audit that a conversation was deleted on request.

    Args:
        conversation: its id, of which only a short hash is written: enough to answer
            "was mine deleted?", too little to find anything by it.
        events: how many events were deleted.
    """
    _audit.info(
        "conversation.deleted", conversation=hashlib.sha256(conversation.encode()).hexdigest()[:12], events=events
    )
