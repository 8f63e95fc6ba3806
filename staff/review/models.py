"""What staff add to conversations: notes, flags, and suggestions for the training data."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from conversations.models import Conversation, Message


class Note(models.Model):
    """What a member of staff wrote about a conversation; deleted with it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(max_length=4000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return f"Note {self.pk} on {self.conversation}"


class Flag(models.Model):
    """A message that deserves attention, and why."""

    class Reason(models.TextChoices):
        """Why a message is flagged."""

        WRONG = "wrong", "Wrong answer"
        UNCLEAR = "unclear", "Answer is unclear"
        SAFETY = "safety", "Safety concern"
        MISSED = "missed", "Should have been understood"
        IDENTIFIES = "identifies", "Identifies someone"
        OTHER = "other", "Something else"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="flags")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    comment = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["message", "reason"], name="flag_once_a_reason"),)

    def __str__(self) -> str:
        return f"Flag {self.pk} on message {self.message_id}"


class Batch(models.Model):
    """Accepted suggestions that were exported together."""

    created_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"Batch {self.pk}"


class Suggestion(models.Model):
    """ "This should have been answered by ...": a phrasing for the training data of a topic.

    The text is copied from the message as it is stored, redacted, and cannot be edited.
    """

    class State(models.TextChoices):
        """Where a suggestion stands."""

        PROPOSED = "proposed", "To be decided"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        EXPORTED = "exported", "Exported"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="suggestion")
    text = models.TextField()
    topic = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.SET_NULL, related_name="suggestions")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("topic", "id")
        permissions = (
            ("decide_suggestion", "Can decide on suggestions"),
            ("export_suggestion", "Can export suggestions"),
        )

    def __str__(self) -> str:
        return f"Suggestion {self.pk}"
