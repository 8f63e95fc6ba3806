"""Redaction of Rasa's serialised events, string by string, with their structure kept.

What Rasa needs to go on (names of intents, actions, slots and entities, ids, times)
stays; every other string of an event is redacted, however deep it lies.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from typing import Any

from family_guide.privacy.redaction import Redacted, redact
from family_guide.privacy.spans import REMOVED
from family_guide.privacy.words import shared_words

Event = dict[str, Any]

_STRUCTURE = frozenset(
    [
        "event",
        "timestamp",
        "name",
        "intent",
        "policy",
        "confidence",
        "date_time",
        "input_channel",
        "message_id",
        "hide_rule_turn",
        "kill_on_user_msg",
    ]
)
"""Keys of an event that name a part of the assistant, never what somebody said."""

_UNDERSTANDING = frozenset({"intent", "intent_ranking", "response_selector"})
_NAMES_OF_PARTS = frozenset({"name", "intent_response_key", "utter_action"})
_ENTITY_STRUCTURE = frozenset(["entity", "role", "group", "extractor", "processors"])
_IDS_OF_RASA = frozenset({"model_id", "assistant_id"})
_SHORTEST_ECHO = 2
_MOST_HARMLESS = 10_000
_KEY = secrets.token_bytes(16)
_harmless: set[bytes] = set()
"""Keyed hashes of strings in which nothing was to be hidden: most strings of an event are the assistant's own, and the
same each time. The strings themselves are not kept, and the key is gone with the process."""


class _Echoes:
    """What was hidden in a family's own words, to hide it wherever else it is repeated.

    An answer that says "Thank you, Jayden" holds nothing that tells a rule that Jayden
    is a name; the message that it answers does.
    """

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, text: str, redacted: Redacted) -> None:
        """Remember what was hidden in a text, and the single words of a name."""
        for span in redacted.spans:
            hidden = text[span.start : span.end]
            pieces = [hidden, *hidden.split()] if span.kind == "name" else [hidden]
            for piece in pieces:
                if len(piece) >= _SHORTEST_ECHO:
                    self._placeholders[piece.casefold()] = span.placeholder
        if self._placeholders:
            longest_first = sorted(self._placeholders, key=len, reverse=True)
            alternatives = "|".join(re.escape(piece) for piece in longest_first)
            self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)

    def hide(self, text: str) -> str:
        """Return the text with what was hidden before hidden again, and all else redacted."""
        if self._pattern is not None:
            text = self._pattern.sub(self._placeholder, text)
        return _hidden(text)

    def _placeholder(self, found: re.Match[str]) -> str:
        return self._placeholders.get(found[0].casefold(), REMOVED)


def _hidden(text: str) -> str:
    """Return the text redacted, without looking again at one in which nothing was found before."""
    mark = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=16).digest()
    if mark in _harmless:
        return text
    hidden = redact(text).text
    if hidden == text:
        if len(_harmless) >= _MOST_HARMLESS:
            _harmless.clear()
        _harmless.add(mark)
    return hidden


def redact_events(events: Sequence[Event]) -> list[Event]:
    """Return copies of serialised events with nothing in them that identifies a family.

    Args:
        events: what `Event.as_dict()` gives, in their order. What is hidden in the text
            of one is hidden in all of them.

    Returns:
        As many events, in the same order, with the same keys.
    """
    echoes = _Echoes()
    redacted_texts: list[Redacted | None] = []
    for event in events:
        text, redacted = event.get("text"), None
        if event.get("event") == "user" and isinstance(text, str):
            redacted = redact(text)
            echoes.learn(text, redacted)
        redacted_texts.append(redacted)
    return [_redact_event(event, text, echoes) for event, text in zip(events, redacted_texts, strict=True)]


def _redact_event(event: Event, text: Redacted | None, echoes: _Echoes) -> Event:
    kept: Event = {}
    for key, value in event.items():
        if key in _STRUCTURE:
            kept[key] = value
        elif key == "text" and text is not None:
            kept[key] = text.text
        elif key == "parse_data" and isinstance(value, dict):
            kept[key] = _redact_understanding(value, text, echoes)
        elif key == "entities" and isinstance(value, list):
            kept[key] = [_redact_entity(entity, text, echoes) for entity in value]
        elif key == "metadata":
            kept[key] = _redact_metadata(value, echoes, from_outside=event.get("event") == "user")
        else:
            kept[key] = _walk(value, echoes)
    return kept


def _redact_understanding(parsed: dict[str, Any], text: Redacted | None, echoes: _Echoes) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in parsed.items():
        if key == "text" and isinstance(value, str):
            kept[key] = text.text if text is not None else echoes.hide(value)
        elif key == "entities" and isinstance(value, list):
            kept[key] = [_redact_entity(entity, text, echoes) for entity in value]
        elif key == "text_tokens" and text is not None and isinstance(value, list):
            kept[key] = [[text.moved(place) for place in token] for token in value]
        elif key in _UNDERSTANDING:
            kept[key] = _walk(value, echoes, keep=_NAMES_OF_PARTS)
        elif key == "metadata":
            kept[key] = _redact_metadata(value, echoes, from_outside=True)
        elif key == "message_id":
            kept[key] = value
        else:
            kept[key] = _walk(value, echoes)
    return kept


def _redact_entity(entity: Any, text: Redacted | None, echoes: _Echoes) -> Any:
    kept = _walk(entity, echoes, keep=_ENTITY_STRUCTURE)
    if not isinstance(kept, dict) or text is None:
        return kept
    start, end = kept.get("start"), kept.get("end")
    if isinstance(start, int) and isinstance(end, int):
        kept["start"], kept["end"] = text.moved(start), text.moved(end)
        hidden = next((span for span in text.spans if span.start < end and start < span.end), None)
        if hidden is not None and "value" in kept:
            kept["value"] = hidden.placeholder
    return kept


def _redact_metadata(value: Any, echoes: _Echoes, from_outside: bool) -> Any:
    """Redact metadata; what a messenger sends along under a telling key goes as a whole."""
    if not from_outside:
        return _walk(value, echoes, keep=_IDS_OF_RASA | _NAMES_OF_PARTS)
    return _walk(value, echoes, keep=_IDS_OF_RASA, telling=shared_words().telling_keys)


def _walk(
    value: Any,
    echoes: _Echoes,
    keep: frozenset[str] = frozenset(),
    telling: re.Pattern[str] | None = None,
) -> Any:
    """Return a copy of a JSON value with every string in it redacted, keys included.

    Args:
        keep: keys whose strings stay as they are.
        telling: what a key looks like whose value is removed altogether.
    """
    if isinstance(value, str):
        return echoes.hide(value)
    if isinstance(value, (list, tuple)):
        return [_walk(item, echoes, keep, telling) for item in value]
    if isinstance(value, dict):
        kept = {}
        for key, item in value.items():
            if key in keep and isinstance(item, (str, int, float, type(None))):
                kept[key] = item
            elif telling is not None and telling.search(str(key)) and item not in (None, "", [], {}):
                kept[key] = REMOVED
            else:
                kept[echoes.hide(key) if isinstance(key, str) else key] = _walk(item, echoes, keep, telling)
        return kept
    return value
