"""Logs hold nothing that a family wrote."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import structlog

from family_guide.privacy.logs import RedactingFilter, redact_log_event


def test_texts_of_users_are_dropped_and_the_rest_is_redacted() -> None:
    entry = {
        "event": "message.received",
        "text": "my son limps",
        "user_text": "my son limps",
        "note": "from Jayden's mom",
        "error": ValueError("my son limps"),
        "detail": {"text": "my son limps", "who": ["jayden.mum@example.com"]},
        "seconds": 0.2,
        "request_id": "4f1c",
    }
    assert redact_log_event(None, "info", entry) == {
        "event": "message.received",
        "note": "from [name]'s mom",
        "error": "ValueError",
        "detail": {"who": ["[email]"]},
        "seconds": 0.2,
        "request_id": "4f1c",
    }


def test_structlog_renders_nothing_identifying() -> None:
    output = io.StringIO()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(output), processors=[redact_log_event, structlog.processors.JSONRenderer()]
    )
    logger.info("call 617-555-0142", text="my son limps")
    assert output.getvalue() == '{"event": "call [phone]"}\n'


def test_python_logging_renders_nothing_identifying() -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("family_guide.test_logs")
    logger.addHandler(handler)
    try:
        raise ValueError("my son Jayden")
    except ValueError:
        logger.exception("failed for %s", "jayden.mum@example.com")
    finally:
        logger.removeHandler(handler)
    assert output.getvalue().startswith("failed for [email] (ValueError at test_logs.py:")
    assert "Jayden" not in output.getvalue()


def test_of_other_libraries_only_the_words_of_their_code_are_kept() -> None:
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("some_library")
    logger.addHandler(handler)
    try:
        logger.warning("cannot parse %s", "my leg hurts")
        logger.warning("cannot parse 'my leg hurts'\nmy leg hurts")
    finally:
        logger.removeHandler(handler)
    assert output.getvalue() == "cannot parse %s\ncannot parse …\n"
    entry = {"event": "parsed", "logger": "rasa.core", "what": "my leg hurts", "seconds": 2}
    assert redact_log_event(None, "info", entry) == {"event": "parsed", "logger": "rasa.core", "seconds": 2}


SET_UP = """
import logging, sys, warnings
from pathlib import Path
import structlog
from family_guide.logs import configure_logs
configure_logs(logging.WARNING, Path(sys.argv[1]))
secret = "my leg hurts"
def fail(text):
    raise ValueError(text)
loggers = structlog.get_logger("family_guide.x"), structlog.get_logger("rasa.core"), logging.getLogger("sanic.error")
for log in loggers:
    try:
        fail(secret)
    except ValueError:
        log.exception("failed.badly")
    log.info("too.calm")
structlog.get_logger("rasa.core").warning("w", latest=secret)
warnings.warn(secret)
structlog.get_logger("family_guide.audit").info("conversation.deleted", events=3, conversation="0123456789ab")
"""


def test_a_configured_process_logs_where_it_failed_and_no_values(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", SET_UP, tmp_path], capture_output=True, text=True, check=True)
    assert "my leg hurts" not in ended.stdout + ended.stderr
    assert "too.calm" not in ended.stdout
    assert ended.stdout.count("failed.badly") == 3
    assert ended.stdout.count("ValueError") == 3
    assert ended.stdout.count("<string>:9 fail") == 3
    assert "UserWarning" in ended.stdout
    [line] = (tmp_path / "audit.log").read_text().splitlines()
    entry = json.loads(line)
    assert entry.pop("timestamp").startswith("20")
    assert entry == {
        "event": "conversation.deleted",
        "events": 3,
        "conversation": "0123456789ab",
        "logger": "family_guide.audit",
        "level": "info",
    }
    assert "conversation.deleted" in ended.stdout
