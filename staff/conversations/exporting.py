"""Conversations as CSV or JSON."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from import_export import fields, resources

from conversations.models import Conversation, Message

FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
"""Forms of an export, with their media types."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def most_exported() -> int:
    """Return how many conversations one export may hold."""
    limit: int = settings.ENVIRONMENT.export_limit
    return limit


class MessageResource(resources.ModelResource):
    """One row for each message, with its conversation; what was redacted is redacted here too."""

    conversation = fields.Field(attribute="conversation__pk")
    channel = fields.Field(attribute="conversation__channel")
    review = fields.Field(attribute="conversation__state")
    tags = fields.Field()

    class Meta:
        model = Message
        fields = (
            "conversation", "channel", "review", "tags", "event_id", "at", "kind", "text", "intent", "confidence",
            "runner_up", "runner_up_confidence", "safety", "language", "not_understood", "reply_kind", "topic",
            "rating",
        )  # fmt: skip
        export_order = fields

    def __init__(self, for_spreadsheet: bool) -> None:
        super().__init__()
        self._for_spreadsheet = for_spreadsheet

    def dehydrate_tags(self, message: Message) -> str:
        """Return the tags of the conversation, separated by commas."""
        return ", ".join(tag.name for tag in message.conversation.tags.all())

    def dehydrate_text(self, message: Message) -> str:
        """Return the text; for a spreadsheet so that it does not take it for a formula."""
        escaped = self._for_spreadsheet and message.text.startswith(_STARTS_A_FORMULA)
        return f"'{message.text}" if escaped else message.text


def response(conversations: QuerySet[Conversation], form: str) -> HttpResponse:
    """Return the messages of conversations as a file to download.

    Args:
        conversations: not more than `most_exported`.
        form: a key of `FORMS`.
    """
    keys = list(conversations.values_list("pk", flat=True))
    messages = (
        Message.objects.filter(conversation__in=keys)
        .exclude(kind=Message.Kind.CHECK)
        .select_related("conversation")
        .prefetch_related("conversation__tags")
        .order_by("conversation_id", "event_id")
    )
    table = MessageResource(for_spreadsheet=form == "csv").export(messages)
    return HttpResponse(
        table.export(form),
        content_type=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="conversations.{form}"'},
    )
