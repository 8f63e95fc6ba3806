"""Logs that hold nothing of what a family wrote."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import structlog

from family_guide.privacy.logs import (
    EntryFormatter,
    RedactingFilter,
    Rendered,
    bare_exception,
    places,
    redact_log_event,
)

AUDIT = "family_guide.audit"
"""The logger of deletions: always written, also to a file of its own."""
AUDIT_FILE = "audit.log"
_TALKATIVE = ("rasa", "sanic.root", "sanic.access", "apscheduler", "matplotlib", "asyncio", "py3langid", "urllib3")

log = structlog.get_logger(__name__)


def configure_logs(level: int = logging.WARNING, var: Path | None = None) -> None:
    """Set up logging for a process of ours, in place of Rasa's own set-up.

    Whatever is logged goes through the redaction; tracebacks show places and no values.

    Args:
        level: the least level that is logged; never below INFO, because there the
            text of messages would be.
        var: folder where `audit.log` is kept; without it the audit is only shown.

    Raises:
        OSError: the audit cannot be written there.
    """
    level = max(level, logging.INFO)
    screen = logging.StreamHandler(sys.stdout)
    screen.addFilter(RedactingFilter())
    logging.basicConfig(format="%(message)s", level=level, handlers=[screen], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    _set_up_audit(var)
    for name in list(logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(kept, RedactingFilter) for kept in handler.filters):
                handler.addFilter(RedactingFilter())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            bare_exception,
            redact_log_event,
            _render,
        ],
        context_class=dict,
        logger_factory=structlog.stdlib.LoggerFactory(),
        # Each logger's own level decides, so that the audit is written however calm the rest is.
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    threading.excepthook = _thread_failed
    # Notices of old libraries about other old libraries: nothing an operator can act on.
    for category in (DeprecationWarning, FutureWarning, UserWarning):
        warnings.filterwarnings("ignore", category=category, module=r"(rasa|sanic|tensorflow|sqlalchemy|pkg_resources)")
    # Any other warning might quote what it warns about.
    warnings.showwarning = _warned


def _set_up_audit(var: Path | None) -> None:
    audit = logging.getLogger(AUDIT)
    audit.setLevel(logging.INFO)
    for handler in list(audit.handlers):
        audit.removeHandler(handler)
        handler.close()
    if var is not None:
        var.mkdir(parents=True, exist_ok=True)
        file = logging.FileHandler(var / AUDIT_FILE, encoding="utf-8")
        file.addFilter(RedactingFilter())
        file.setFormatter(EntryFormatter())
        audit.addHandler(file)


def _render(_logger: Any, _method: str, event_dict: Mapping[str, Any]) -> Rendered:
    return Rendered.of(json.dumps(event_dict, default=str), event_dict)


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    error = failure.exc_value
    log.error("thread.failed", error=failure.exc_type.__name__, traceback=places(error) if error else [])


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if not issubclass(category, DeprecationWarning | PendingDeprecationWarning | FutureWarning):
        log.warning("warning", kind=category.__name__, file=Path(filename).name, line=lineno)
