"""From an event in Rasa's serialised form to a row of ours. Knows nothing of databases."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.models import Message

UTTER = "utter_"
UNKNOWN, CLARIFY = "unknown", "clarify"
SAFETY = ("emergency", "crisis")
DIAGNOSIS = "chat/ask_diagnosis"
_RETRIEVAL = ("faq", "chat")
_CHECK_SLOT = "symptom_check"
_CHECK_OVER = "done"
_LONGEST_TEXT = 20_000
_SAID_IN_WORDS = ("duration", "age")


@dataclass(frozen=True)
class StoredEvent:
    """One row of the store's table of events."""

    id: int
    sender_id: str
    type_name: str
    stamp: float
    data: str


@dataclass(frozen=True)
class Extra:
    """What an event tells about its conversation besides the message: the channel it came by."""

    channel: str = ""


def read_event(event: StoredEvent) -> tuple[Message, Extra] | None:
    """Return the message that an event holds, not saved and without its conversation.

    Returns:
        None for an event that is nothing for staff to read. An event whose data cannot be read
        gives a message that says so, so that no gap goes unseen.
    """
    if event.type_name not in ("user", "bot", "slot"):
        return None
    try:
        data = json.loads(event.data or "")
        if not isinstance(data, dict):
            raise TypeError
        return _READERS[event.type_name](event, data)
    except (ValueError, TypeError, AttributeError, KeyError):
        if event.type_name == "slot":
            return None
        kind = Message.Kind.FAMILY if event.type_name == "user" else Message.Kind.GUIDE
        return _message(event, kind, text="(This message could not be read.)"), Extra()


def _message(event: StoredEvent, kind: Message.Kind, **values: Any) -> Message:
    stamp = event.stamp or 0.0
    at = dt.datetime.fromtimestamp(stamp, tz=dt.UTC)
    text = str(values.pop("text", "") or "").replace("\x00", "")[:_LONGEST_TEXT]
    return Message(event_id=event.id, kind=kind, stamp=stamp, at=at, text=text, **values)


def _family(event: StoredEvent, data: Mapping[str, Any]) -> tuple[Message, Extra] | None:
    text = data.get("text")
    if not text:
        return None
    parsed = data.get("parse_data") or {}
    intent = parsed.get("intent") or {}
    name = str(intent.get("name") or "")
    label = _leaf(name, parsed)
    confidence = _number(intent.get("confidence"))
    other, other_confidence = _runner_up(label, parsed.get("intent_ranking") or [])
    entities = [e for e in parsed.get("entities") or [] if isinstance(e, dict)]
    button = any(e.get("extractor") in ("button", "RegexMessageHandler") for e in entities) or (
        confidence == 1.0 and len(parsed.get("intent_ranking") or []) == 1
    )
    safety = (parsed.get("safety") or {}).get("kind") or (name if name in SAFETY else "")
    message = _message(
        event,
        Message.Kind.FAMILY,
        text=text,
        intent=label[:100],
        confidence=confidence,
        runner_up=other[:100],
        runner_up_confidence=other_confidence,
        button=button,
        entities=[_entity(e) for e in entities],
        safety=str(safety)[:10],
        language=str(parsed.get("language") or "")[:8],
        not_understood=name == UNKNOWN,
    )
    return message, Extra(channel=str(data.get("input_channel") or "")[:50])


def _guide(event: StoredEvent, data: Mapping[str, Any]) -> tuple[Message, Extra] | None:
    text = data.get("text")
    if not text:
        return None
    metadata = data.get("metadata") or {}
    response = str(metadata.get("utter_action") or "")
    # A stored bot event nests the response's own metadata once more.
    own = metadata.get("metadata") or metadata
    message = _message(
        event,
        Message.Kind.GUIDE,
        text=text,
        reply_kind=str(own.get("kind") or "info")[:20],
        topic=response.removeprefix(UTTER)[:100],
        facts=[str(fact) for fact in own.get("facts") or []],
        heading=str(own.get("heading") or "")[:200],
        check_outcome=str((own.get("data") or {}).get("outcome") or "")[:40]
        if isinstance(own.get("data"), dict)
        else "",
    )
    return message, Extra()


def _slot(event: StoredEvent, data: Mapping[str, Any]) -> tuple[Message, Extra] | None:
    state = data.get("value")
    if data.get("name") != _CHECK_SLOT or not isinstance(state, dict):
        return None
    message = _message(
        event,
        Message.Kind.CHECK,
        check_status=str(state.get("status") or "")[:10],
        check_outcome=str(state.get("outcome") or "")[:40],
        check_question=str(state.get("open") or (state.get("asked") or [""])[-1] or "")[:40],
    )
    return message, Extra()


_READERS = {"user": _family, "bot": _guide, "slot": _slot}


def _leaf(name: str, parsed: Mapping[str, Any]) -> str:
    """Return the label as fine as it was told apart: `faq/can_it_spread` rather than `faq`."""
    if name in _RETRIEVAL:
        selected = ((parsed.get("response_selector") or {}).get(name) or {}).get("response") or {}
        return str(selected.get("intent_response_key") or name)
    return name


def _runner_up(label: str, ranking: list[Any]) -> tuple[str, float | None]:
    """Return the likeliest label that was not chosen."""
    for entry in ranking:
        if isinstance(entry, dict) and entry.get("name") != label:
            return str(entry.get("name") or ""), _number(entry.get("confidence"))
    return "", None


def _entity(entity: Mapping[str, Any]) -> dict[str, Any]:
    kind, finding = str(entity.get("entity") or ""), entity.get("finding") or {}
    return {
        "entity": kind,
        # The value of a duration is its unit only; its words say how long.
        "value": finding.get("words") if kind in _SAID_IN_WORDS else entity.get("value"),
        "status": str(finding.get("status") or ""),
    }


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
