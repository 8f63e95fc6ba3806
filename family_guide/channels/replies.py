"""What the assistant said, in the form that every channel shows."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg.interpolator import interpolate

from family_guide.answers import AnswerLibrary
from family_guide.channels.payload import payload

WELCOME = "utter_chat/greet"
MOST_RELATED = 3


@dataclass(frozen=True)
class Button:
    """A reply that is offered: its words, and the payload that stands for it."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """One message of the assistant.

    Attributes:
        kind: answer, question, outcome, emergency, crisis, clarify, fallback or info.
        text: plain text; paragraphs are separated by an empty line.
        buttons: replies that are offered.
        source: page, publisher, heading and facts it rests on, or None.
        data: what a channel may show besides, such as the progress of the symptom check.
        id: names the message in its conversation, or None where it is not stored.
    """

    kind: str
    text: str
    buttons: tuple[Button, ...] = ()
    source: dict[str, Any] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    id: str | None = None


def reply_from(message: dict[str, Any], answers: AnswerLibrary) -> Reply:
    """Return a message of Rasa's as a reply.

    Args:
        message: text, buttons and metadata, as Rasa hands them to an output channel
            or keeps them in a bot event.
        answers: the curated answers, for sources and related topics.
    """
    metadata = message.get("metadata") or {}
    # A stored bot event nests the response's own metadata once more.
    metadata = metadata.get("metadata", metadata)
    buttons = [Button(str(b["title"]), str(b["payload"])) for b in message.get("buttons") or []]
    for topic in (metadata.get("related") or [])[:MOST_RELATED]:
        title = answers.title(f"faq/{topic}")
        if title:
            buttons.append(Button(title, payload("ask_topic", topic=topic)))
    source = None
    if metadata.get("heading"):
        source = {
            "page": answers.page.title,
            "publisher": answers.page.publisher,
            "heading": metadata["heading"],
            "facts": list(metadata.get("facts") or []),
        }
    return Reply(
        kind=metadata.get("kind", "info"),
        text=message.get("text") or "",
        buttons=tuple(buttons),
        source=source,
        data=metadata.get("data") or {},
        id=f"{message['timestamp']:.6f}" if message.get("timestamp") else None,
    )


def welcome(responses: Mapping[str, list[dict[str, Any]]], answers: AnswerLibrary) -> Reply:
    """Return the first message of a chat.

    Args:
        responses: the responses of Rasa's domain.
        answers: see `reply_from`.
    """
    # As Rasa's generator would say it: doubled braces in a payload stand for single ones.
    said = interpolate(deepcopy(responses[WELCOME][0]), {})
    return reply_from(said, answers)


class CollectedReplies(OutputChannel):
    """Collects what the assistant says during one message, whole."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:
        """Return the name of the channel that the family is on."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep a message of the assistant with its metadata."""
        if message.get("text"):
            self.messages.append(message)
