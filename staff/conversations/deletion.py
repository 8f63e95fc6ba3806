"""What is deleted in the assistant's store, on request or by age, is deleted here too.

The audit log notes that a conversation was deleted and why, never what was in it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from conversations.models import Conversation, ImportPosition, Message
from conversations.store import Store
from conversations.summary import summarise

GONE_FROM_STORE = "deleted in the assistant's store, on request or by age"
ON_REQUEST = "deleted on request"
_SWEPT_AT_ONCE = 2000
_LATEST_SWEPT = 300
"""Families ask for deletion while they chat: the latest conversations are looked at in every turn."""


def forget_conversation(conversation: Conversation, reason: str) -> None:
    """Delete a conversation with everything that staff added to it; the audit log keeps the reason."""
    # Read by the audit log while it notes the deletion.
    conversation.deletion_reason = reason  # type: ignore[attr-defined]
    conversation.delete()


def forget_sender(sender_id: str) -> bool:
    """Delete the conversation of a sender on request; return whether there was one."""
    with transaction.atomic():
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
    left = Message.objects.filter(conversation=OuterRef("pk"))
    for conversation in Conversation.objects.filter(~Exists(left), pk__in=keys):
        keys.discard(conversation.pk)
        forget_conversation(conversation, GONE_FROM_STORE)
    summarise(keys)


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
