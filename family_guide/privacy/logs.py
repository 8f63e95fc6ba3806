"""Logs without a word of what families wrote."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

from family_guide.privacy.redaction import REMOVED, redact

_TEXT_KEYS = frozenset(
    [
        "text",
        "message",
        "message_text",
        "user_text",
        "user_message",
        "user_input",
        "original_text",
        "query",
        "body",
        "payload",
        "utterance",
        "events",
        "event_dict",
        "tracker",
        "slots",
        "entities",
        "parse_data",
        "latest_message",
        "responses",
        "bot_messages",
        "rasa_json",
        "json_body",
    ]
)
"""Keys under which Rasa, the connectors or we might log what a family wrote or was told."""

_OWN_WORDS = frozenset({"event", "level", "logger", "timestamp", "request_id"})


def redact_log_event(
    _logger: Any, _method: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop texts of users from a log entry and redact every other string (a structlog processor).

    Goes before the renderer. Values that are neither numbers nor strings are turned
    into text and redacted, since an exception or a message object may quote a family.
    """
    kept: dict[str, Any] = {}
    for key, value in event_dict.items():
        if str(key).lower() in _TEXT_KEYS:
            continue
        kept[key] = value if key in _OWN_WORDS - {"event"} else _redacted(value)
    return kept


class RedactingFilter(logging.Filter):
    """Does the same for entries of Python's logging; belongs on every handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the entry's message, arguments and traceback in place; keeps every entry."""
        record.msg = redact(record.getMessage()).text
        record.args = None
        if record.exc_info:
            # Only the kind of an exception is safe: its message may quote what was sent.
            kind = record.exc_info[0]
            record.msg += f" ({kind.__name__ if kind else 'exception'})"
            record.exc_info = None
        record.exc_text = None
        for key in _TEXT_KEYS & set(record.__dict__):
            setattr(record, key, REMOVED)
        return True


def _redacted(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redact(value).text
    if isinstance(value, Mapping):
        return {key: _redacted(item) for key, item in value.items() if str(key).lower() not in _TEXT_KEYS}
    if isinstance(value, (list, tuple, set)):
        return [_redacted(item) for item in value]
    if isinstance(value, BaseException):
        return type(value).__name__
    return redact(str(value)).text
