"""Telling staff that a family may be without a reply."""

import asyncio

import structlog

from family_guide.channels.messaging.outbox import Outbox

log = structlog.get_logger(__name__)


async def tell_staff(outbox: Outbox, channel: str, conversation: str, what: str, reason: str) -> None:
    """Keep a report for staff, and log it.

    Args:
        outbox: where it is kept.
        channel: name of the channel.
        conversation: id of the conversation.
        what: see `tables.Report`.
        reason: see `tables.Report`.
    """
    log.error(f"channel.{what}", channel=channel, conversation=conversation, reason=reason)
    await asyncio.to_thread(outbox.report, channel, conversation, what, reason)
