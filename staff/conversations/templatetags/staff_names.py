"""Words for ids, in templates."""

from __future__ import annotations

import datetime as dt

from django import template

from conversations.content import content

register = template.Library()


@register.filter
def outcome_title(outcome: str) -> str:
    """Return the title of an outcome of the symptom check."""
    return content().outcomes.get(outcome, outcome)


@register.filter
def question_title(question: str) -> str:
    """Return the label of a question of the symptom check."""
    return content().questions.get(question, question or "the start")


@register.filter
def label_title(label: str) -> str:
    """Return words for an intent or a topic."""
    return content().label_title(label)


@register.filter
def percent(share: float | None) -> str:
    """Return a share from 0 to 1 as a percentage, such as 87%."""
    return "–" if share is None else f"{share * 100:.0f}%"


@register.filter
def clock(moment: dt.datetime) -> str:
    """Return the time of day, to the second."""
    return f"{moment:%H:%M:%S}"
