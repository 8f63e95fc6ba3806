"""What goes into the audit log besides changes of the models: reading, exports, signing in and out."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from axes.signals import user_locked_out
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import Model
from django.dispatch import receiver
from django.http import HttpRequest

from conversations.models import Conversation, Tag, Undelivered
from review.models import Batch, Flag, Note, Suggestion

READ, EXPORTED = "read the transcript", "exported"
SIGNED_IN, SIGNED_OUT, LOCKED_OUT = "signed in", "signed out", "locked out after failed sign-ins"


def record(what: str, subject: Model, actor: User | None = None, **details: Any) -> None:
    """Note that something was done that is no change, such as reading.

    Args:
        what: the deed.
        subject: what it was done to.
        actor: who did it; whoever sent the request if left out.
        details: more about it, never what a family wrote.
    """
    LogEntry.objects.log_create(
        subject, force_log=True, action=LogEntry.Action.ACCESS, actor=actor, additional_data={"did": what, **details}
    )


def hidden(value: str) -> str:
    """Return what stands in the audit log for a password: that it changed is noted, nothing of it."""
    return "hidden"


def connect() -> None:
    """Choose what of each model is noted: never what a family or a member of staff wrote."""
    auditlog.register(Conversation, include_fields=["state", "assignee"], m2m_fields={"tags"}, serialize_data=False)
    auditlog.register(Tag)
    auditlog.register(Undelivered, include_fields=["seen_by"])
    auditlog.register(Note, include_fields=["conversation", "author"])
    auditlog.register(Flag, include_fields=["message", "reason", "author"])
    auditlog.register(Suggestion, include_fields=["message", "topic", "state", "decided_by", "batch"])
    auditlog.register(Batch)
    auditlog.register(
        User,
        include_fields=["username", "is_active", "password"],
        mask_fields=["password"],
        mask_callable="accounts.audit.hidden",
        m2m_fields={"groups"},
    )


@receiver(user_logged_in)
def _signed_in(sender: type[User], request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    record(SIGNED_IN, user, actor=user)


@receiver(user_logged_out)
def _signed_out(sender: type[User], request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        record(SIGNED_OUT, user, actor=user)


@receiver(user_locked_out)
def _locked_out(sender: Any, request: HttpRequest | None, username: str, **kwargs: Any) -> None:
    user = User.objects.filter(username=username).first()
    if user is not None:
        record(LOCKED_OUT, user)
