"""Logs that hold nothing of what a family wrote."""

import logging
import warnings

from rasa.utils.log_utils import configure_structlog

_TALKATIVE = ("rasa", "sanic.root", "sanic.access", "apscheduler", "matplotlib", "asyncio", "py3langid", "urllib3")


def configure_logs(level: int = logging.WARNING) -> None:
    """Set up logging for a process of ours.

    Rasa logs the text of messages at debug level until its own set-up has run;
    after this nothing below the given level is logged by it.

    Args:
        level: the least level that is logged; never below INFO, because there the
            text of messages would be.
    """
    level = max(level, logging.INFO)
    configure_structlog(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # Notices of old libraries about other old libraries: nothing an operator can act on.
    for category in (DeprecationWarning, FutureWarning, UserWarning):
        warnings.filterwarnings("ignore", category=category, module=r"(rasa|sanic|tensorflow|sqlalchemy|pkg_resources)")
