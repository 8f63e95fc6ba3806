"""The figures of the dashboard, each one query over sums that are kept with the conversations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from conversations.content import content
from conversations.models import Conversation, SymptomCheck, TopicAsked
from review.models import Flag, Suggestion

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}
TOPICS_SHOWN = 12
_STEPS_OF_CHECK_OVER = ("active", "paused", "stopped")


@dataclass(frozen=True)
class Period:
    """The days that figures are about.

    Attributes:
        days: how many, today included.
    """

    days: int

    @property
    def first(self) -> dt.date:
        """The first day."""
        return timezone.localdate() - dt.timedelta(days=self.days - 1)

    @property
    def start(self) -> dt.datetime:
        """The first moment."""
        return timezone.make_aware(dt.datetime.combine(self.first, dt.time.min))

    @property
    def dates(self) -> list[dt.date]:
        """The days, oldest first."""
        return [self.first + dt.timedelta(days=n) for n in range(self.days)]

    def conversations(self) -> QuerySet[Conversation]:
        """The conversations whose latest message is from these days."""
        return Conversation.objects.filter(last_activity__gte=self.start).order_by()


@dataclass(frozen=True)
class Quality:
    """How well the assistant did; shares are of typed messages, 0 to 1.

    Attributes:
        typed: messages that families typed.
        understood: share that was answered or led on.
        asked_back: share for which the assistant asked which question was meant.
        fallback: share that got the honest fallback.
        wrong: share with thumbs down, a flag as wrong or a suggestion of another topic.
        wrong_by: (how it is known, how many).
        answer_seconds: average seconds from understanding a message to the reply, None without any.
    """

    typed: int
    understood: float
    asked_back: float
    fallback: float
    wrong: float
    wrong_by: list[tuple[str, int]]
    answer_seconds: float | None


def per_day_and_channel(period: Period) -> tuple[list[str], list[tuple[dt.date, list[int]]]]:
    """Return the channels, the busiest first, and for each day how many conversations each had."""
    rows = (
        period.conversations()
        .annotate(day=TruncDate("last_activity"))
        .values_list("day", "channel")
        .annotate(Count("id"))
    )
    counts = {(day, channel or "other"): count for day, channel, count in rows}
    busy: Counter[str] = Counter()
    for (_, channel), count in counts.items():
        busy[channel] += count
    channels = [channel for channel, _ in sorted(busy.items(), key=lambda pair: (-pair[1], pair[0]))] or ["website"]
    return channels, [(day, [counts.get((day, channel), 0) for channel in channels]) for day in period.dates]


def topics(period: Period) -> list[tuple[str, str, int]]:
    """Return (topic, title, conversations) of the topics that were answered most."""
    found = (
        TopicAsked.objects.filter(conversation__last_activity__gte=period.start)
        .values_list("topic")
        .annotate(count=Count("id"))
        .order_by("-count", "topic")[:TOPICS_SHOWN]
    )
    return [(topic, content().label_title(topic), count) for topic, count in found]


def quality(period: Period) -> Quality:
    """Return how well the assistant did."""
    sums = period.conversations().aggregate(
        typed=Sum("typed"),
        asked_back=Sum("asked_back"),
        fallback=Sum("not_understood"),
        down=Sum("thumbs_down"),
        timed=Sum("answers_timed"),
        seconds=Sum("answer_seconds"),
    )
    typed = sums["typed"] or 0
    asked_back, fallback = sums["asked_back"] or 0, min(sums["fallback"] or 0, typed)
    flagged = Flag.objects.filter(created_at__gte=period.start, reason=Flag.Reason.WRONG).count()
    corrected = Suggestion.objects.filter(created_at__gte=period.start).exclude(state=Suggestion.State.REJECTED).count()
    whole = max(typed, 1)
    return Quality(
        typed=typed,
        understood=max(0, typed - asked_back - fallback) / whole,
        asked_back=asked_back / whole,
        fallback=fallback / whole,
        # One message may be wrong by more than one sign; more than all of them cannot be.
        wrong=min(1.0, ((sums["down"] or 0) + flagged + corrected) / whole),
        wrong_by=[
            ("Thumbs down of a family", sums["down"] or 0),
            ("Flagged as wrong by a reviewer", flagged),
            ("Should have been another topic", corrected),
        ],
        answer_seconds=sums["seconds"] / sums["timed"] if sums["timed"] else None,
    )


def understanding_per_day(period: Period) -> list[tuple[dt.date, int, int, int]]:
    """Return for each day how many typed messages were understood, asked back about, and not understood."""
    rows = (
        period.conversations()
        .annotate(day=TruncDate("last_activity"))
        .values_list("day")
        .annotate(Sum("typed"), Sum("asked_back"), Sum("not_understood"))
    )
    sums = {day: (typed or 0, back or 0, fallback or 0) for day, typed, back, fallback in rows}
    found = []
    for day in period.dates:
        typed, back, fallback = sums.get(day, (0, 0, 0))
        found.append((day, max(0, typed - back - fallback), back, fallback))
    return found


def safety_per_day(period: Period) -> list[tuple[dt.date, int, int, int]]:
    """Return for each day how many conversations had a crisis, an emergency, and a question for a diagnosis."""
    rows = (
        period.conversations()
        .filter(Q(crisis=True) | Q(emergency=True) | Q(diagnosis_asked=True))
        .annotate(day=TruncDate("last_activity"))
        .values_list("day")
        .annotate(
            crises=Count("id", filter=Q(crisis=True)),
            emergencies=Count("id", filter=Q(emergency=True)),
            diagnoses=Count("id", filter=Q(diagnosis_asked=True)),
        )
    )
    counts = {day: (crisis, emergency, diagnosis) for day, crisis, emergency, diagnosis in rows}
    return [(day, *counts.get(day, (0, 0, 0))) for day in period.dates]


def answer_time_per_day(period: Period) -> list[tuple[dt.date, int | None]]:
    """Return for each day the average milliseconds to the reply, None where nothing was answered."""
    rows = (
        period.conversations()
        .annotate(day=TruncDate("last_activity"))
        .values_list("day")
        .annotate(Sum("answers_timed"), Sum("answer_seconds"))
    )
    times = {day: round(seconds / timed * 1000) for day, timed, seconds in rows if timed}
    return [(day, times.get(day)) for day in period.dates]


def safety(period: Period) -> dict[str, int]:
    """Return how many conversations had an emergency, a crisis, and a question for a diagnosis."""
    return period.conversations().aggregate(
        emergency=Count("id", filter=Q(emergency=True)),
        crisis=Count("id", filter=Q(crisis=True)),
        diagnosis=Count("id", filter=Q(diagnosis_asked=True)),
        all=Count("id"),
    )


@dataclass(frozen=True)
class Checks:
    """What became of the symptom checks that were started.

    Attributes:
        started: how many.
        completed: how many ended in an outcome.
        outcomes: (title, how many), as often as they came.
        left_at: (question, how many stopped there).
    """

    started: int
    completed: int
    outcomes: list[tuple[str, int]]
    left_at: list[tuple[str, int]]


def checks(period: Period) -> Checks:
    """Return what became of the symptom checks of these days."""
    rows = (
        SymptomCheck.objects.filter(started_at__gte=period.start)
        .values_list("status", "outcome", "question")
        .annotate(Count("id"))
    )
    outcomes: Counter[str] = Counter()
    left: Counter[str] = Counter()
    started = completed = 0
    for status, outcome, question, count in rows:
        started += count
        if status in _STEPS_OF_CHECK_OVER:
            left[question] += count
        else:
            completed += count
            outcomes[outcome] += count
    names = content()
    return Checks(
        started=started,
        completed=completed,
        outcomes=[(names.outcomes.get(key, key or "not recorded"), n) for key, n in outcomes.most_common()],
        left_at=[
            *((label, left.pop(key, 0)) for key, label in names.questions.items()),
            *((key or "before the first question", n) for key, n in left.items()),
        ],
    )
