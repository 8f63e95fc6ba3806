"""What was said so far, read back from the stored events of a conversation."""

from collections.abc import Iterable
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

from family_guide.answers import AnswerLibrary
from family_guide.channels.replies import Reply, reply_from


def exchanges(events: Iterable[Event], answers: AnswerLibrary) -> list[tuple[float, str | Reply]]:
    """Return what was said, oldest first.

    Args:
        events: the events of one conversation.
        answers: the curated answers, for sources and related topics.

    Returns:
        Pairs of a time (seconds since 1970) and either the family's text, as stored,
        or the assistant's reply.
    """
    said: list[tuple[float, str | Reply]] = []
    for event in events:
        if isinstance(event, UserUttered) and event.text:
            said.append((event.timestamp, event.text))
        elif isinstance(event, BotUttered) and event.text:
            said.append((event.timestamp, _reply(event, answers)))
    return said


def replies_to(events: Iterable[Event], message_id: str, answers: AnswerLibrary) -> list[Reply]:
    """Return what was answered to a message that is already stored; empty if it is not."""
    return [reply_from(message, answers) for message in said_in_reply(events, message_id)]


def said_in_reply(events: Iterable[Event], message_id: str | None) -> list[dict[str, Any]]:
    """Return what was said to a message that is already stored, as an output channel gets it.

    Args:
        events: the events of the conversation.
        message_id: the client's own id of the message; nothing is found for None.
    """
    said: list[dict[str, Any]] = []
    found = False
    for event in events:
        if isinstance(event, UserUttered):
            found = message_id is not None and event.message_id == message_id
        elif found and isinstance(event, BotUttered) and event.text:
            said.append(_message(event))
    return said


def _reply(event: BotUttered, answers: AnswerLibrary) -> Reply:
    return reply_from(_message(event), answers)


def _message(event: BotUttered) -> dict[str, Any]:
    return {
        "text": event.text,
        "buttons": event.data.get("buttons"),
        "metadata": event.metadata,
        "timestamp": event.timestamp,
    }
