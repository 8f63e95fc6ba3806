"""Logs without a word of what families wrote."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from family_guide.privacy.redaction import redact
from family_guide.privacy.spans import REMOVED

OURS = "family_guide"
"""Loggers of this name know what they may say; of others only what cannot quote a family is kept."""

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

_OWN_WORDS = frozenset(
    [
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "route",
        "release",
        "conversation",
        "store",
        "exception",
        "traceback",
    ]
)
_OF_OTHERS = frozenset(["event", "level", "logger", "timestamp", "exception", "traceback"])
_QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*"|`[^`\n]*`|<[^>\n]*>|\{[^}\n]*\}|\[[^\]\n]*\]""")
_LONGEST_OF_OTHERS = 200
_MOST_FRAMES = 8


class Rendered(str):
    """A log line made of an entry that has been through `redact_log_event`.

    Attributes:
        entry: what the line shows.
    """

    entry: Mapping[str, Any]

    @classmethod
    def of(cls, line: str, entry: Mapping[str, Any]) -> Rendered:
        """Return a line that remembers its entry."""
        made = cls(line)
        made.entry = entry
        return made


def places(error: BaseException) -> list[str]:
    """Return where an exception came through, innermost last: file, line and function, and no values."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), lookup_lines=False)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-_MOST_FRAMES:]]


def bare_exception(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put the kind of an exception and its places instead of it (a structlog processor).

    Its message and the local variables of its frames may quote a family.
    """
    given = event_dict.pop("exc_info", None)
    event_dict.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event_dict["exception"] = type(error).__name__
        event_dict["traceback"] = places(error)
    return event_dict


def redact_log_event(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop texts of users from a log entry and redact every other string (a structlog processor).

    Of a logger that is not ours only the event and numbers are kept. Goes before the
    renderer. Values that are neither numbers nor strings are turned into text and
    redacted, since an exception or a message object may quote a family.
    """
    kept: dict[str, Any] = {}
    ours = _is_ours(event_dict.get("logger"))
    for key, value in event_dict.items():
        number = isinstance(value, (bool, int, float))
        if not number and (str(key).lower() in _TEXT_KEYS or not (ours or key in _OF_OTHERS)):
            continue
        kept[key] = value if key in _OWN_WORDS - {"event"} else _redacted(value)
    return kept


class RedactingFilter(logging.Filter):
    """Does the same for entries of Python's logging; belongs on every handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the entry's message, arguments and traceback in place; keeps every entry."""
        if not isinstance(record.msg, Rendered):
            record.msg = redact(record.getMessage()).text if _is_ours(record.name) else _template(record)
            record.args = None
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg = f"{record.msg} ({type(error).__name__} at {' < '.join(reversed(places(error)))})"
        record.exc_info = record.exc_text = record.stack_info = None
        for key in _TEXT_KEYS & set(record.__dict__):
            setattr(record, key, REMOVED)
        return True


class EntryFormatter(logging.Formatter):
    """Writes each entry as a line of JSON, whatever the screen shows."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry = record.msg.entry if isinstance(record.msg, Rendered) else {"event": record.getMessage()}
        return json.dumps(entry, default=str)


def _is_ours(name: Any) -> bool:
    return name is None or str(name).split(".")[0] == OURS


def _template(record: logging.LogRecord) -> str:
    """Return what another library says without what it says it about: the first line, nothing quoted."""
    words = str(record.msg).split("\n", 1)[0]
    if not record.args:
        words = _QUOTED.sub("…", words)
    return redact(words[:_LONGEST_OF_OTHERS]).text


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
