"""Conversations and their messages, as imported from the assistant's store, and how far the import is."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse


class Tag(models.Model):
    """A word that staff put on conversations to find them again."""

    name = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[\w][\w \-]*$", "Use letters, digits, spaces and hyphens.")],
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """One family's conversation: what its messages say in sum, and where its review stands.

    What can be computed from the messages is kept here too, so that lists, filters and counts never
    read messages. `conversations.summary` is the only place that writes it.
    """

    class State(models.TextChoices):
        """Where the review of a conversation stands."""

        NEW = "new", "New"
        IN_REVIEW = "in_review", "In review"
        DONE = "done", "Done"

    sender_id = models.CharField(max_length=255, unique=True)
    channel = models.CharField(max_length=50, blank=True)
    language = models.CharField(max_length=8, blank=True)
    started_at = models.DateTimeField()
    last_activity = models.DateTimeField()
    first_event_id = models.BigIntegerField()
    message_count = models.PositiveIntegerField(default=0)
    lowest_confidence = models.FloatField(default=1.0)
    typed = models.PositiveIntegerField(default=0)
    asked_back = models.PositiveIntegerField(default=0)
    not_understood = models.PositiveIntegerField(default=0)
    answers_timed = models.PositiveIntegerField(default=0)
    answer_seconds = models.FloatField(default=0)
    emergency = models.BooleanField(default=False)
    crisis = models.BooleanField(default=False)
    diagnosis_asked = models.BooleanField(default=False)
    thumbs_up = models.PositiveIntegerField(default=0)
    thumbs_down = models.PositiveIntegerField(default=0)
    check_status = models.CharField(max_length=10, blank=True)
    check_outcome = models.CharField(max_length=40, blank=True)
    check_question = models.CharField(max_length=40, blank=True)
    needs_a_look = models.BooleanField(default=False)
    search_text = models.TextField(blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="conversations")

    class Meta:
        permissions = (
            ("review_conversation", "Can review conversations"),
            ("export_conversation", "Can export conversations"),
        )
        indexes = (
            models.Index(fields=["-last_activity", "-id"], name="conversation_latest"),
            models.Index(fields=["lowest_confidence", "-id"], name="conversation_unsure"),
            models.Index(fields=["-message_count", "-id"], name="conversation_longest"),
            models.Index(fields=["language", "-last_activity"], name="conversation_language"),
            models.Index(fields=["channel", "-last_activity"], name="conversation_channel"),
            models.Index(fields=["state", "-last_activity"], name="conversation_state"),
            models.Index(fields=["check_outcome", "-last_activity"], name="conversation_outcome"),
            models.Index(
                fields=["-last_activity", "-id"],
                name="conversation_open_look",
                condition=models.Q(needs_a_look=True) & ~models.Q(state="done"),
            ),
            *(
                models.Index(
                    fields=["-last_activity", "-id"],
                    name=f"conversation_{name}",
                    condition=models.Q(**{field: value}),
                )
                for name, field, value in (
                    ("crisis", "crisis", True),
                    ("emergency", "emergency", True),
                    ("diagnosis", "diagnosis_asked", True),
                    ("doubt", "not_understood__gt", 0),
                    ("down", "thumbs_down__gt", 0),
                )
            ),
        )

    def __str__(self) -> str:
        return f"Conversation {self.reference}"

    @property
    def reference(self) -> str:
        """A short name that says nothing about the family."""
        return f"#{self.pk}"

    def get_additional_data(self) -> dict[str, str] | None:
        """Return what the audit log notes besides a change: why a conversation was deleted."""
        reason = getattr(self, "deletion_reason", "")
        return {"reason": reason} if reason else None

    def get_absolute_url(self) -> str:
        """Return the address of the transcript."""
        return reverse("admin:transcript", args=[self.pk])


class Message(models.Model):
    """One thing said, or one step of a symptom check, from one event of the store."""

    class Kind(models.TextChoices):
        """Who said it."""

        FAMILY = "family", "Family"
        GUIDE = "guide", "Guide"
        CHECK = "check", "Symptom check"

    event_id = models.BigIntegerField(unique=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    stamp = models.FloatField()
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    # What was understood (family).
    intent = models.CharField(max_length=100, blank=True)
    confidence = models.FloatField(null=True)
    runner_up = models.CharField(max_length=100, blank=True)
    runner_up_confidence = models.FloatField(null=True)
    button = models.BooleanField(default=False)
    entities = models.JSONField(default=list)
    safety = models.CharField(max_length=10, blank=True)
    language = models.CharField(max_length=8, blank=True)
    not_understood = models.BooleanField(default=False)
    answered_after = models.FloatField(null=True)
    # What was answered (guide).
    reply_kind = models.CharField(max_length=20, blank=True)
    topic = models.CharField(max_length=100, blank=True)
    facts = models.JSONField(default=list)
    heading = models.CharField(max_length=200, blank=True)
    # Where the symptom check stands (check).
    check_status = models.CharField(max_length=10, blank=True)
    check_outcome = models.CharField(max_length=40, blank=True)
    check_question = models.CharField(max_length=40, blank=True)
    # Feedback of the family on the reply.
    rating = models.CharField(max_length=4, blank=True)
    rating_comment = models.TextField(blank=True)

    class Meta:
        ordering = ("event_id",)
        indexes = (
            models.Index(fields=["conversation", "event_id"], name="message_in_order"),
            models.Index(fields=["-at"], name="message_not_understood", condition=models.Q(not_understood=True)),
        )

    def __str__(self) -> str:
        return f"Message {self.event_id}"

    def get_absolute_url(self) -> str:
        """Return the address that opens the transcript at this message."""
        return reverse("admin:message", args=[self.conversation_id, self.pk])


class TopicAsked(models.Model):
    """A topic that was answered in a conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="topics")
    topic = models.CharField(max_length=100)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["topic", "conversation"], name="topic_once_in_conversation"),)

    def __str__(self) -> str:
        return self.topic


class SymptomCheck(models.Model):
    """One run through the symptom check: where it started and how far it came."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="checks")
    first_event_id = models.BigIntegerField(unique=True)
    started_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10)
    outcome = models.CharField(max_length=40, blank=True)
    question = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"Symptom check {self.first_event_id}"


class Undelivered(models.Model):
    """A reply that a messaging platform did not take, or that was never made: a family may wait for it.

    Told by the assistant. There may be no conversation to it: a message that could not be answered was never
    stored.
    """

    class What(models.TextChoices):
        """What is known about the reply."""

        NOT_DELIVERED = "not_delivered", "The reply was not delivered"
        MAYBE_DELIVERED = "maybe_delivered", "The reply may not have been delivered"
        NOT_ANSWERED = "not_answered", "The message was not answered"

    report_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    channel = models.CharField(max_length=50)
    sender_id = models.CharField(max_length=255, db_index=True)
    what = models.CharField(max_length=32, choices=What.choices)
    reason = models.CharField(max_length=80, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "undelivered"

    def __str__(self) -> str:
        return f"Undelivered {self.pk}"


class ImportPosition(models.Model):
    """How far the store has been read: one row.

    Attributes:
        event_id, sender_id, stamp: the last event read, to see whether the store still is the same.
        feedback_id: the last row of feedback read.
        sweep_id: the conversation up to which the search for deletions has come.
        read_at: when the store was last read.
        problem: why it could not be read, in words for staff; empty when it could.
    """

    event_id = models.BigIntegerField(default=0)
    sender_id = models.CharField(max_length=255, blank=True)
    stamp = models.FloatField(default=0)
    feedback_id = models.BigIntegerField(default=0)
    sweep_id = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"up to event {self.event_id}"


class MissingEvents(models.Model):
    """Event ids below the position that were not there yet: their transaction may still commit."""

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    seen_at = models.DateTimeField()
    transactions_below = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"events {self.first_id} to {self.last_id}"
