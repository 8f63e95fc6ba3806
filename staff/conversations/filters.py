"""The filters of the list of conversations, read from the address and applied to it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from conversations.content import content
from conversations.models import Conversation, Tag, TopicAsked
from conversations.queues import QUEUES
from conversations.search import matching

ORDERS = {
    "latest": ("Latest first", "last_activity", True, True),
    "oldest": ("Oldest first", "last_activity", False, False),
    "unsure": ("Least sure first", "lowest_confidence", False, True),
    "longest": ("Longest first", "message_count", True, True),
}
"""Sort orders: title, field, whether it descends, and whether ids descend within it."""

CONFIDENCES = (("0.3", "below 30%"), ("0.5", "below 50%"), ("0.6", "below 60%"), ("0.8", "below 80%"))
_CHOICES_KEPT_SECONDS = 60
_MOST_CHOICES = 40
_ANY = ("", "Any")
_NOBODY, _ABANDONED, _AT = "nobody", "abandoned", "at:"


def _distinct(field: str) -> list[tuple[str, str]]:
    """Return the values of a field as choices, looked up one after the other in its index: no table is read."""
    key = f"filter-{field}"
    values = cache.get(key)
    if values is None:
        values, last = [], ""
        while len(values) < _MOST_CHOICES:
            later = Conversation.objects.filter(**{f"{field}__gt": last}).order_by(field)
            last = later.values_list(field, flat=True).first() or ""
            if not last:
                break
            values.append((last, last))
        cache.set(key, values, _CHOICES_KEPT_SECONDS)
    return [_ANY, *values]


class ConversationFilter(forms.Form):
    """The filters; every one of them may be left out."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    since = forms.DateField(label="Active from", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="Active until", required=False, widget=forms.DateInput({"type": "date"}))
    topic = forms.ChoiceField(label="Topic answered", required=False)
    confidence = forms.ChoiceField(label="Lowest confidence", required=False, choices=(_ANY, *CONFIDENCES))
    understood = forms.ChoiceField(
        label="Understood", required=False, choices=(_ANY, ("no", "Something was not"), ("yes", "Everything was"))
    )
    safety = forms.ChoiceField(
        label="Safety",
        required=False,
        choices=(_ANY, ("either", "Emergency or crisis"), ("emergency", "Emergency"), ("crisis", "Crisis")),
    )
    check = forms.ChoiceField(label="Symptom check", required=False)
    feedback = forms.ChoiceField(
        label="Feedback", required=False, choices=(_ANY, ("down", "Thumbs down"), ("up", "Thumbs up"), ("none", "None"))
    )
    language = forms.ChoiceField(label="Language", required=False)
    channel = forms.ChoiceField(label="Channel", required=False)
    state = forms.ChoiceField(label="Review", required=False, choices=(_ANY, *Conversation.State.choices))
    tag = forms.ModelChoiceField(Tag.objects.all(), label="Tag", required=False, empty_label="Any")
    assignee = forms.ChoiceField(label="Assigned to", required=False)
    queue = forms.ChoiceField(
        required=False, choices=[(q.id, q.title) for q in QUEUES.values()], widget=forms.HiddenInput
    )
    sort = forms.ChoiceField(label="Order", required=False, choices=[(key, order[0]) for key, order in ORDERS.items()])

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data)
        self.user = user
        names = content()
        self._choices("topic", [_ANY, *((theme, options) for theme, options in names.by_file().items())])
        self._choices(
            "check",
            [
                _ANY,
                ("any", "Started"),
                ("Outcome", list(names.outcomes.items())),
                (
                    "Abandoned",
                    [
                        (_ABANDONED, "Anywhere"),
                        *((_AT + key, f"At: {label}") for key, label in names.questions.items()),
                    ],
                ),
            ],
        )
        self._choices("language", _distinct("language"))
        self._choices("channel", _distinct("channel"))
        people = User.objects.filter(is_active=True).order_by("username").values_list("pk", "username")
        self._choices("assignee", [_ANY, (_NOBODY, "Nobody"), *((str(pk), name) for pk, name in people)])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first day. Choose the same day or a later one.")
        return cleaned

    @property
    def order(self) -> tuple[str, bool, bool]:
        """The field to sort by, whether it descends, and whether ids descend within it."""
        return ORDERS[self._value("sort") or "latest"][1:]

    def _value(self, name: str) -> Any:
        return getattr(self, "cleaned_data", {}).get(name)

    @property
    def in_use(self) -> int:
        """How many filters narrow the list, the queue and the order not counted."""
        return sum(bool(self._value(name)) for name in self.fields if name not in ("queue", "sort"))

    def named_values(self) -> dict[str, str]:
        """Return the filters in use for the audit log; that words were looked for, but not which."""
        used = {name: str(self._value(name)) for name in self.fields if self._value(name)}
        return {**used, "q": "(words)"} if "q" in used else used

    def conversations(self) -> QuerySet[Conversation]:
        """Return what the filters select, in their order; filters with an error are left out."""
        self.is_valid()
        found = QUEUES[self._value("queue") or "all"].select(self.user)
        for name in self.fields:
            value = self._value(name)
            apply = getattr(self, f"_by_{name}", None)
            if value and apply:
                found = apply(found, value)
        field, descends, ids_descend = self.order
        return found.order_by(("-" if descends else "") + field, "-id" if ids_descend else "id")

    def _by_q(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return matching(found, value)

    def _by_since(self, found: QuerySet[Conversation], value: dt.date) -> QuerySet[Conversation]:
        return found.filter(last_activity__gte=_start_of(value))

    def _by_until(self, found: QuerySet[Conversation], value: dt.date) -> QuerySet[Conversation]:
        return found.filter(last_activity__lt=_start_of(value + dt.timedelta(days=1)))

    def _by_topic(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(Exists(TopicAsked.objects.filter(conversation=OuterRef("pk"), topic=value)))

    def _by_confidence(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(lowest_confidence__lt=float(value))

    def _by_understood(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(not_understood__gt=0) if value == "no" else found.filter(not_understood=0)

    def _by_safety(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(Q(emergency=True) | Q(crisis=True) if value == "either" else Q(**{value: True}))

    def _by_check(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        if value == "any":
            return found.exclude(check_status="")
        if value == _ABANDONED or value.startswith(_AT):
            found = found.filter(check_status__in=("active", "paused", "stopped"))
            return found if value == _ABANDONED else found.filter(check_question=value.removeprefix(_AT))
        return found.filter(check_outcome=value)

    def _by_feedback(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        if value == "none":
            return found.filter(thumbs_up=0, thumbs_down=0)
        return found.filter(**{f"thumbs_{value}__gt": 0})

    def _by_language(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(language=value)

    def _by_channel(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(channel=value)

    def _by_state(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(state=value)

    def _by_tag(self, found: QuerySet[Conversation], value: Tag) -> QuerySet[Conversation]:
        return found.filter(tags=value)

    def _by_assignee(self, found: QuerySet[Conversation], value: str) -> QuerySet[Conversation]:
        return found.filter(assignee=None) if value == _NOBODY else found.filter(assignee=int(value))


def neighbours(
    found: QuerySet[Conversation], order: tuple[str, bool, bool], current: Conversation
) -> tuple[int | None, int | None]:
    """Return the keys of the conversations before and after one, in a selection and its order.

    The current one need not be in the selection any more: reviewed, it has left its queue.
    """
    field, descends, ids_descend = order
    value = getattr(current, field)

    def nearest(forward: bool) -> int | None:
        smaller, smaller_id = descends == forward, ids_descend == forward
        compare, compare_id = ("lt" if smaller else "gt"), ("lt" if smaller_id else "gt")
        side = found.filter(
            Q(**{f"{field}__{compare}": value}) | Q(**{field: value, f"id__{compare_id}": current.pk}),
            # Says the same once more in a form that an index can serve.
            **{f"{field}__{compare}e": value},
        )
        ordered = side.order_by(("-" if smaller else "") + field, "-id" if smaller_id else "id")
        return ordered.values_list("pk", flat=True).first()

    return nearest(False), nearest(True)


def _start_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
