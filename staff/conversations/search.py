"""Finding conversations by words."""

from __future__ import annotations

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from conversations.models import Conversation


def matching(conversations: QuerySet[Conversation], words: str) -> QuerySet[Conversation]:
    """Return those conversations in which the family used all of the words.

    Args:
        words: as typed: every word counts, "quoted words" stand together, -word must not stand
            there. On SQLite, where there is no index of words, each part is looked for as it is.
    """
    if connection.vendor == "postgresql":
        found = RawSQL(
            "conversations_conversation.search_words @@ websearch_to_tsquery('english', %s)",
            [words],
            output_field=BooleanField(),
        )
        return conversations.filter(found)
    for part in _parts(words):
        if part.startswith("-") and len(part) > 1:
            conversations = conversations.exclude(search_text__icontains=part[1:])
        else:
            conversations = conversations.filter(search_text__icontains=part.strip('"'))
    return conversations


def _parts(words: str) -> list[str]:
    parts: list[str] = []
    for number, piece in enumerate(words.split('"')):
        parts += [piece] if number % 2 and piece.strip() else piece.split()
    return parts
