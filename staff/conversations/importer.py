"""Follows the assistant's store with a cursor: at least once, and without duplicates.

How nothing is lost and nothing doubled:

- The position and everything read up to it are written in one transaction, so a killed import goes on
  from where it was. The id of an event is unique here: what is read twice is stored once.
- PostgreSQL gives an id before its transaction commits, so a lower id may appear after a higher one. Ids
  that were skipped are remembered, and looked for until every transaction that ran when they were
  missed is over.
- SQLite gives the id of a deleted last row again. The last event read is compared at each turn: when it
  is another, or gone, the position goes back to the last event that is still the same.
- What vanishes from the store vanishes here: see `conversations.deletion`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from itertools import pairwise

from django.db import transaction
from django.utils import timezone

from conversations.deletion import forget_events, sweep
from conversations.events import Extra, StoredEvent, read_event
from conversations.feedback import import_feedback
from conversations.models import Conversation, ImportPosition, Message, MissingEvents
from conversations.store import Store
from conversations.summary import summarise
from conversations.undelivered import import_reports

log = logging.getLogger("staff.import")

BATCH = 1000
"""Most events read in one transaction."""

_GAPS_BEFORE = dt.timedelta(minutes=15)
"""Ids that are missing before an event of this age belong to no transaction that still runs."""

_LEAST_WAIT = dt.timedelta(seconds=60)
_COMPARED_AT_ONCE = 500


def import_once(store: Store) -> int:
    """Read what is new, up to `BATCH` events, and delete what is gone.

    Returns:
        How many events were new; when it is `BATCH` there may be more.

    Raises:
        StoreUnavailable: the store cannot be read now; nothing was changed by this turn.
    """
    with transaction.atomic():
        position = ImportPosition.objects.select_for_update().get_or_create(pk=1)[0]
        _go_back_if_replaced(store, position)
        # Before looking: what was over by now, and is not found below, never comes.
        oldest, _ = store.running_transactions()
        late = _late_events(store)
        new = store.events_after(position.event_id, BATCH)
        if not store.assigns_ids_in_order:
            _, following = store.running_transactions()
            _remember_missing(position.event_id, new, following)
        touched = save_events([*late, *new])
        if new:
            last = new[-1]
            position.event_id, position.sender_id, position.stamp = last.id, last.sender_id, last.stamp
        touched |= import_feedback(store, position)
        import_reports(store)
        summarise(touched)
        sweep(store, position)
        position.read_at, position.problem = timezone.now(), ""
        position.save()
        _give_up_missing(oldest)
    return len(new) + len(late)


def save_events(events: Iterable[StoredEvent]) -> set[int]:
    """Store the messages that events hold; an event that is stored already is left alone.

    Returns:
        The keys of the conversations that got a message.
    """
    read = [(event, found) for event in events if (found := read_event(event)) is not None]
    if not read:
        return set()
    known = _conversations(read)
    stored = {
        (m.event_id): (m.stamp, m.conversation_id)
        for m in Message.objects.filter(event_id__in=[event.id for event, _ in read]).only(
            "event_id", "stamp", "conversation_id"
        )
    }
    fresh: list[Message] = []
    replaced: list[int] = []
    for event, (message, _extra) in read:
        message.conversation = known[event.sender_id]
        before = stored.get(event.id)
        if before == (message.stamp, message.conversation.pk):
            continue
        if before is not None:
            replaced.append(event.id)
        fresh.append(message)
    if replaced:
        # The id was given again to another event: the one that had it before is gone from the store.
        forget_events(Message.objects.filter(event_id__in=replaced))
        # A conversation of which nothing was left was forgotten with it; it may be among the new ones too.
        known = _conversations(read)
        for message in fresh:
            message.conversation = known[message.conversation.sender_id]
    Message.objects.bulk_create(fresh, batch_size=500)
    return {message.conversation_id for message in fresh}


def _conversations(read: list[tuple[StoredEvent, tuple[Message, Extra]]]) -> dict[str, Conversation]:
    """Return the conversations of events by sender, made where they are new."""
    first: dict[str, Message] = {}
    channels: dict[str, str] = {}
    for event, (message, extra) in read:
        first.setdefault(event.sender_id, message)
        if extra.channel:
            channels[event.sender_id] = extra.channel
    Conversation.objects.bulk_create(
        [
            Conversation(
                sender_id=sender_id,
                started_at=message.at,
                last_activity=message.at,
                first_event_id=message.event_id,
                channel=channels.get(sender_id, ""),
            )
            for sender_id, message in first.items()
        ],
        ignore_conflicts=True,
    )
    known = {c.sender_id: c for c in Conversation.objects.filter(sender_id__in=first)}
    late = [known[s] for s, channel in channels.items() if not known[s].channel]
    for conversation in late:
        conversation.channel = channels[conversation.sender_id]
    Conversation.objects.bulk_update(late, ["channel"])
    return known


def _go_back_if_replaced(store: Store, position: ImportPosition) -> None:
    """Set the position back when the last event read is not the one in the store.

    Everything of ours above the new position was compared and is gone from the store.
    """
    if not position.event_id:
        return
    found = store.event_keys([position.event_id]).get(position.event_id)
    if found == (position.sender_id, position.stamp):
        return
    position.event_id, position.sender_id, position.stamp = _last_shared_event(store, position.event_id)
    forget_events(Message.objects.filter(event_id__gt=position.event_id))


def _last_shared_event(store: Store, below: int) -> tuple[int, str, float]:
    while True:
        ours = list(
            Message.objects.filter(event_id__lte=below)
            .order_by("-event_id")
            .values_list("event_id", "conversation__sender_id", "stamp")[:_COMPARED_AT_ONCE]
        )
        if not ours:
            return 0, "", 0.0
        theirs = store.event_keys([row[0] for row in ours])
        for event_id, sender_id, stamp in ours:
            if theirs.get(event_id) == (sender_id, stamp):
                return event_id, sender_id, stamp
        below = ours[-1][0] - 1


def _late_events(store: Store) -> list[StoredEvent]:
    """Return the events that have appeared among those that were missing, and forget these as missing."""
    late: list[StoredEvent] = []
    for missing in MissingEvents.objects.order_by("first_id"):
        found = store.events_between(missing.first_id, missing.last_id, BATCH)
        if not found:
            continue
        late += found
        edges = [missing.first_id - 1, *(event.id for event in found), missing.last_id + 1]
        rest = [(a + 1, b - 1) for a, b in pairwise(edges) if b - a > 1]
        MissingEvents.objects.bulk_create(
            [
                MissingEvents(
                    first_id=first,
                    last_id=last,
                    seen_at=missing.seen_at,
                    transactions_below=missing.transactions_below,
                )
                for first, last in rest
            ]
        )
        missing.delete()
    return late


def _remember_missing(after: int, new: list[StoredEvent], following: int) -> None:
    """Note the ids that were skipped, and the first transaction that cannot hold them any more."""
    now = timezone.now()
    recent = (now - _GAPS_BEFORE).timestamp()
    missing = []
    for event in new:
        if event.id - after > 1 and event.stamp >= recent:
            missing.append(
                MissingEvents(first_id=after + 1, last_id=event.id - 1, seen_at=now, transactions_below=following)
            )
        after = event.id
    MissingEvents.objects.bulk_create(missing)


def _give_up_missing(oldest_running: int) -> None:
    """Forget ids whose transactions were all over before this turn looked for them."""
    MissingEvents.objects.filter(
        transactions_below__lte=oldest_running, seen_at__lt=timezone.now() - _LEAST_WAIT
    ).delete()
