"""One page of a transcript: messages with what was understood, answered and remarked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from conversations.content import content
from conversations.events import CLARIFY
from conversations.models import Conversation, Message
from review.models import Flag, Suggestion

MESSAGES_ON_PAGE = 100
_SURE, _HALF_SURE = 0.8, 0.6
_REDACTED = re.compile(r"\[[a-z][a-z ]{1,30}\]")
_FACTS_NAMED = ("symptom", "body_part", "duration", "age")


@dataclass
class Line:
    """A message as it is shown."""

    message: Message
    flags: list[Flag]
    suggestion: Suggestion | None

    @property
    def text(self) -> SafeString:
        """The text, safe to show, with what was redacted marked."""
        return mark_safe(_REDACTED.sub(_mark, escape(self.message.text)))

    @property
    def findings(self) -> list[str]:
        """What was found in the message, in words: "pain", "no lump", "thigh (where)"."""
        found = []
        for entity in self.message.entities:
            if entity.get("entity") not in _FACTS_NAMED:
                continue
            words = str(entity.get("value") or "").replace("_", " ")
            how = {"denied": "no {}", "asked": "asks about {}"}.get(entity.get("status", ""), "{}")
            found.append(how.format(words))
        return found

    @property
    def sureness(self) -> str:
        """How sure the assistant was, as a class of style: sure, half or unsure."""
        confidence = self.message.confidence or 0
        return "sure" if confidence >= _SURE else "half" if confidence >= _HALF_SURE else "unsure"

    @property
    def intent_title(self) -> str:
        """What the assistant understood, in words."""
        return content().label_title(self.message.intent) if self.message.intent else "nothing"

    @property
    def runner_up_title(self) -> str:
        """What it took for the next likely, in words."""
        return content().label_title(self.message.runner_up) if self.message.runner_up else ""

    @property
    def topic_title(self) -> str:
        """The topic of an answer, in words."""
        return content().topics.get(self.message.topic, "")

    @property
    def asked_back(self) -> bool:
        """Whether the assistant asked back instead of answering."""
        return self.message.intent == CLARIFY

    @property
    def stands_out(self) -> bool:
        """Whether a reviewer wants to jump here."""
        m = self.message
        return bool(
            self.flags or m.not_understood or m.safety or m.rating == "down" or m.intent == "chat/ask_diagnosis"
        )


def _mark(found: re.Match[str]) -> str:
    return f'<span class="redacted">{found[0]}</span>'


class Transcript:
    """One page of a conversation's messages.

    Args:
        conversation: what is read.
        page: number of the page as it stands in the address; the first when it is no number.
    """

    def __init__(self, conversation: Conversation, page: Any) -> None:
        messages = conversation.messages.exclude(kind=Message.Kind.CHECK).order_by("event_id")
        self.page: Page[Message] = Paginator(messages, MESSAGES_ON_PAGE).get_page(page)

    @cached_property
    def lines(self) -> list[Line]:
        """The messages of the page."""
        messages = list(self.page.object_list)
        flags: dict[int, list[Flag]] = {}
        for flag in Flag.objects.filter(message__in=messages).select_related("author"):
            flags.setdefault(flag.message_id, []).append(flag)
        suggestions = {s.message_id: s for s in Suggestion.objects.filter(message__in=messages)}
        return [Line(m, flags.get(m.pk, []), suggestions.get(m.pk)) for m in messages]

    @property
    def outstanding(self) -> int:
        """How many messages of the page a reviewer wants to jump to."""
        return sum(line.stands_out for line in self.lines)
