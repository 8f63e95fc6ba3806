"""Logs hold nothing that a family wrote."""

import io
import logging

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
    assert output.getvalue() == "failed for [email] (ValueError)\n"
