"""Saved queues: conversations that wait for somebody, with their counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.models import Conversation
from review.models import Flag

MOST_COUNTED = 999
"""A count stops here: what matters is that there are many."""

_COUNTS_KEPT_SECONDS = 5
_OPEN = ~Q(state=Conversation.State.DONE)


@dataclass(frozen=True)
class Queue:
    """A saved selection of conversations.

    Attributes:
        id: its name in addresses.
        title: its name for people.
        condition: what it selects, for a member of staff.
        urgent: whether its count is shown as a warning.
    """

    id: str
    title: str
    condition: Callable[[User], Q]
    urgent: bool = False

    def select(self, user: User) -> QuerySet[Conversation]:
        """Return the conversations of the queue, in no order."""
        return Conversation.objects.filter(self.condition(user))


def _flagged(_user: User) -> Q:
    return _OPEN & Q(Exists(Flag.objects.filter(message__conversation=OuterRef("pk"))))


QUEUES = {
    queue.id: queue
    for queue in (
        Queue("look", "Needs a look", lambda user: _OPEN & Q(needs_a_look=True)),
        Queue("crisis", "Crisis", lambda user: _OPEN & Q(crisis=True), urgent=True),
        Queue("emergency", "Emergency", lambda user: _OPEN & Q(emergency=True), urgent=True),
        Queue("down", "Thumbs down", lambda user: _OPEN & Q(thumbs_down__gt=0)),
        Queue("doubt", "Not understood", lambda user: _OPEN & Q(not_understood__gt=0)),
        Queue("diagnosis", "Diagnosis asked", lambda user: _OPEN & Q(diagnosis_asked=True)),
        Queue("flagged", "Flagged", _flagged),
        Queue("mine", "Assigned to me", lambda user: _OPEN & Q(assignee=user)),
        Queue("all", "All conversations", lambda user: Q()),
    )
}


def count_up_to(conversations: QuerySet[Conversation], most: int) -> int:
    """Return how many there are, or `most` + 1 when there are more: never counts a whole table."""
    return conversations.order_by()[: most + 1].count()


def queue_counts(user: User) -> dict[str, str]:
    """Return the count of each queue by its id, as shown: "12", or "999+"."""
    key = f"queue-counts-{user.pk}"
    counts: dict[str, str] | None = cache.get(key)
    if counts is None:
        counts = {}
        for queue in QUEUES.values():
            count = count_up_to(queue.select(user), MOST_COUNTED)
            counts[queue.id] = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
        cache.set(key, counts, _COUNTS_KEPT_SECONDS)
    return counts
