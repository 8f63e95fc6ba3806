"""Thumbs up and down of families, put on the replies that they are about."""

from __future__ import annotations

from conversations.models import ImportPosition, Message
from conversations.store import Feedback, Store

_READ_AGAIN = 200
"""Rows below the position that are read again: they may have been committed late, or their message was."""

_BATCH = 500
_SAME_MOMENT_SECONDS = 0.001


def import_feedback(store: Store, position: ImportPosition) -> set[int]:
    """Put new feedback on its messages.

    Returns:
        The keys of the conversations whose feedback changed.

    Raises:
        StoreUnavailable: the store cannot be read now.
    """
    rows = store.feedback_after(max(0, position.feedback_id - _READ_AGAIN), _READ_AGAIN + _BATCH)
    position.feedback_id = rows[-1].id if rows else 0
    changed = set()
    for row in rows:
        message = _rated_message(row)
        if message is None or (message.rating, message.rating_comment) == (row.rating[:4], row.comment):
            continue
        message.rating, message.rating_comment = row.rating[:4], row.comment
        message.save(update_fields=["rating", "rating_comment"])
        changed.add(message.conversation_id)
    return changed


def _rated_message(row: Feedback) -> Message | None:
    if row.rating not in ("up", "down"):
        return None
    return (
        Message.objects.filter(
            conversation__sender_id=row.sender_id,
            kind=Message.Kind.GUIDE,
            stamp__lte=row.stamp + _SAME_MOMENT_SECONDS,
        )
        .order_by("-event_id")
        .first()
    )
