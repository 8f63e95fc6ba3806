"""What the messages of a conversation say in sum: computed from them alone, so that it can be done again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from conversations.events import CLARIFY, DIAGNOSIS
from conversations.models import Conversation, Message, SymptomCheck, TopicAsked

_LONGEST_SEARCH_TEXT = 100_000
_OVER = ("done", "stopped")
_COUNTED_AS_ANSWER_SECONDS = 60
_FAQ = "faq/"
_READ = (
    "id", "conversation_id", "event_id", "kind", "at", "text", "intent", "confidence", "button", "safety",
    "language", "not_understood", "answered_after", "reply_kind", "topic", "check_status", "check_outcome",
    "check_question", "rating",
)  # fmt: skip
_WRITTEN = (
    "language", "started_at", "last_activity", "first_event_id", "message_count", "lowest_confidence", "typed",
    "asked_back", "not_understood", "answers_timed", "answer_seconds", "emergency", "crisis",
    "diagnosis_asked", "thumbs_up", "thumbs_down", "check_status", "check_outcome", "check_question",
    "needs_a_look", "search_text", "state",
)  # fmt: skip


@dataclass
class _Run:
    """One run through the symptom check, while its steps are read."""

    first_event_id: int
    started_at: dt.datetime
    status: str = ""
    outcome: str = ""
    question: str = ""


def summarise(conversation_ids: Iterable[int]) -> None:
    """Bring conversations up to date with their messages; one without messages is left as it is.

    Args:
        conversation_ids: primary keys. Must be called in the transaction that changed their messages.
    """
    conversations = Conversation.objects.in_bulk(list(conversation_ids))
    rows = Message.objects.filter(conversation__in=conversations).order_by("conversation_id", "event_id").only(*_READ)
    runs: dict[int, list[_Run]] = {}
    topics: dict[int, set[str]] = {}
    timed: list[Message] = []
    for key, group in groupby(rows.iterator(), key=lambda message: message.conversation_id):
        messages = list(group)
        timed += _time_answers(messages)
        topics[key] = {m.topic for m in messages if m.topic.startswith(_FAQ)}
        runs[key] = list(_runs(messages))
        _sum_up(conversations[key], messages, runs[key])
    summarised = [conversations[key] for key in topics]
    Conversation.objects.bulk_update(summarised, _WRITTEN, batch_size=200)
    Message.objects.bulk_update(timed, ["answered_after"], batch_size=500)
    _keep_topics(topics)
    _keep_runs(runs)


def _sum_up(conversation: Conversation, messages: list[Message], runs: list[_Run]) -> None:
    family = [m for m in messages if m.kind == Message.Kind.FAMILY]
    typed = [m for m in family if not m.button]
    answered = [m.answered_after for m in family if m.answered_after is not None]
    latest = max(m.at for m in messages)
    if conversation.state == Conversation.State.DONE and latest > conversation.last_activity:
        # A family that writes again is heard again.
        conversation.state = Conversation.State.NEW
    conversation.started_at = min(m.at for m in messages)
    conversation.last_activity = latest
    conversation.first_event_id = messages[0].event_id
    conversation.message_count = len(family)
    conversation.typed = len(typed)
    conversation.lowest_confidence = min((m.confidence for m in typed if m.confidence is not None), default=1.0)
    conversation.language = _language(typed)
    conversation.asked_back = sum(m.intent == CLARIFY for m in typed)
    conversation.not_understood = sum(m.not_understood for m in family)
    conversation.answers_timed = len(answered)
    conversation.answer_seconds = sum(answered)
    conversation.emergency = _is_any(messages, "emergency")
    conversation.crisis = _is_any(messages, "crisis")
    conversation.diagnosis_asked = any(m.intent == DIAGNOSIS for m in family)
    conversation.thumbs_up = sum(m.rating == "up" for m in messages)
    conversation.thumbs_down = sum(m.rating == "down" for m in messages)
    last = runs[-1] if runs else _Run(0, latest)
    conversation.check_status = last.status
    conversation.check_outcome = last.outcome
    conversation.check_question = last.question
    conversation.needs_a_look = bool(
        conversation.crisis
        or conversation.emergency
        or conversation.thumbs_down
        or conversation.not_understood
        or conversation.diagnosis_asked
    )
    conversation.search_text = "\n".join(m.text for m in family)[-_LONGEST_SEARCH_TEXT:]


def _is_any(messages: list[Message], kind: str) -> bool:
    return any(m.safety == kind or m.reply_kind == kind for m in messages)


def _language(typed: list[Message]) -> str:
    """Return the language that is not English, if one was written: that is what staff look for."""
    codes = [m.language for m in typed if m.language]
    return next((code for code in reversed(codes) if code != "en"), codes[-1] if codes else "")


def _time_answers(messages: list[Message]) -> list[Message]:
    """Set on each message of the family how many seconds later the first reply came; return the changed."""
    changed: list[Message] = []
    waiting: Message | None = None
    for message in messages:
        if message.kind == Message.Kind.FAMILY:
            waiting = message
        elif message.kind == Message.Kind.GUIDE and waiting is not None:
            seconds = (message.at - waiting.at).total_seconds()
            if waiting.answered_after is None and 0 <= seconds <= _COUNTED_AS_ANSWER_SECONDS:
                waiting.answered_after = seconds
                changed.append(waiting)
            waiting = None
    return changed


def _runs(messages: list[Message]) -> Iterator[_Run]:
    run: _Run | None = None
    for message in messages:
        if message.kind == Message.Kind.CHECK:
            if run is None or (run.status in _OVER and message.check_status not in _OVER):
                if run is not None:
                    yield run
                run = _Run(message.event_id, message.at)
            run.status = message.check_status
            run.question = message.check_question or run.question
            run.outcome = message.check_outcome or run.outcome
        elif message.check_outcome and run is not None:
            # The outcome is said in the same turn in which the check is marked as done, before or after.
            run.outcome = message.check_outcome
    if run is not None:
        yield run


def _keep_topics(topics: dict[int, set[str]]) -> None:
    kept = set(TopicAsked.objects.filter(conversation__in=topics).values_list("conversation_id", "topic"))
    wanted = {(key, topic) for key, names in topics.items() for topic in names}
    TopicAsked.objects.bulk_create(
        [TopicAsked(conversation_id=key, topic=topic) for key, topic in wanted - kept], ignore_conflicts=True
    )
    for key, topic in kept - wanted:
        TopicAsked.objects.filter(conversation_id=key, topic=topic).delete()


def _keep_runs(runs: dict[int, list[_Run]]) -> None:
    found = [
        SymptomCheck(
            conversation_id=key,
            first_event_id=run.first_event_id,
            started_at=run.started_at,
            status=run.status,
            outcome=run.outcome,
            question=run.question,
        )
        for key, group in runs.items()
        for run in group
    ]
    stale = SymptomCheck.objects.filter(conversation__in=runs)
    stale.exclude(first_event_id__in=[check.first_event_id for check in found]).delete()
    SymptomCheck.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["first_event_id"],
        update_fields=["conversation", "started_at", "status", "outcome", "question"],
    )
