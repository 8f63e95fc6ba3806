"""What is deleted in the assistant's store, on request or by age, is deleted here too.

The audit log notes that a conversation was deleted and why, never what was in it.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from conversations.models import Conversation, ImportPosition, Message, Undelivered
from conversations.store import Store
from conversations.summary import summarise

GONE_FROM_STORE = "deleted in the assistant's store, on request or by age"
ON_REQUEST = "deleted on request"
TOO_OLD = "deleted because of its age"
_SWEPT_AT_ONCE = 2000
_LATEST_SWEPT = 300
"""Families ask for deletion while they chat: the latest conversations are looked at in every turn."""


def forget_conversation(conversation: Conversation, reason: str) -> None:
    """Delete a conversation with everything that staff added to it; the audit log keeps the reason."""
    # Read by the audit log while it notes the deletion.
    conversation.deletion_reason = reason  # type: ignore[attr-defined]
    conversation.delete()
    transaction.on_commit(_empty_write_ahead_log)


def forget_sender(sender_id: str) -> bool:
    """Delete the conversation of a sender on request; return whether there was one."""
    with transaction.atomic():
        Undelivered.objects.filter(sender_id=sender_id).delete()
        conversation = Conversation.objects.filter(sender_id=sender_id).first()
        if conversation is not None:
            forget_conversation(conversation, ON_REQUEST)
    return conversation is not None


def forget_events(messages: QuerySet[Message]) -> None:
    """Delete messages whose events are gone, and conversations of which nothing is left."""
    keys = set(messages.order_by().values_list("conversation_id", flat=True).distinct())
    if not keys:
        return
    messages.delete()
    transaction.on_commit(_empty_write_ahead_log)
    left = Message.objects.filter(conversation=OuterRef("pk"))
    for conversation in Conversation.objects.filter(~Exists(left), pk__in=keys):
        keys.discard(conversation.pk)
        forget_conversation(conversation, GONE_FROM_STORE)
    summarise(keys)


def _empty_write_ahead_log() -> None:
    """Have SQLite empty the file beside the database, where deleted words would stand until it is used again."""
    if connection.vendor == "sqlite":
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def expire(days: int) -> int:
    """Delete the conversations whose latest message is older than some days, also while the store is out of reach.

    Args:
        days: how long conversations are kept; 0 keeps them.

    Returns:
        How many were deleted.
    """
    if not days:
        return 0
    oldest = timezone.now() - dt.timedelta(days=days)
    with transaction.atomic():
        Undelivered.objects.filter(at__lt=oldest).delete()
        expired = list(Conversation.objects.filter(last_activity__lt=oldest)[:_SWEPT_AT_ONCE])
        for conversation in expired:
            forget_conversation(conversation, TOO_OLD)
    return len(expired)


def sweep(store: Store, position: ImportPosition) -> None:
    """Compare some conversations with the store, the latest ones and the next in turn.

    Raises:
        StoreUnavailable: the store cannot be read now.
    """
    columns = ("pk", "sender_id", "first_event_id")
    latest = list(Conversation.objects.order_by("-last_activity", "-pk").values_list(*columns)[:_LATEST_SWEPT])
    turn = list(
        Conversation.objects.filter(pk__gt=position.sweep_id).order_by("pk").values_list(*columns)[:_SWEPT_AT_ONCE]
    )
    position.sweep_id = turn[-1][0] if len(turn) == _SWEPT_AT_ONCE else 0
    rows = {row[0]: row for row in (*latest, *turn)}.values()
    first_ids = store.first_ids([sender_id for _, sender_id, _ in rows])
    for key, sender_id, first_event_id in rows:
        first = first_ids.get(sender_id)
        if first is None:
            gone = Conversation.objects.filter(pk=key).first()
            if gone is not None:
                forget_conversation(gone, GONE_FROM_STORE)
        elif first > first_event_id:
            forget_events(Message.objects.filter(conversation=key, event_id__lt=first))
