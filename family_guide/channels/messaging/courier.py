"""Delivering replies: in order, tried again while it helps, and never twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog

from family_guide.channels.messaging.delivery import OptedOut, Refused, TryLater, Unsure, retrying
from family_guide.channels.messaging.form import Part, Said
from family_guide.channels.messaging.outbox import Outbox
from family_guide.channels.messaging.seal import Seal, Unreadable
from family_guide.channels.messaging.staff import tell_staff
from family_guide.channels.messaging.tables import Outbound
from family_guide.channels.messaging.words import perhaps_lost
from family_guide.channels.replies import Reply

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 2.0
"""A message that the platform took just before the connection broke is listed by then."""


class Platform(Protocol):
    """What the desk needs of a platform."""

    def rendered(self, said: list[Said]) -> list[Part]:
        """Return the messages in which a turn's replies are sent."""

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message.

        Raises:
            TryLater: not now.
            Refused: never.
            Unsure: it may have been sent or not.
        """

    async def was_sent(self, user: str, message: dict[str, Any], since: float) -> bool | None:
        """Return whether a message was sent since then, None where the platform cannot tell."""


class Courier:
    """Delivers the parts of replies of one channel.

    Args:
        channel: name of the channel.
        platform: how it sends.
        outbox: what survives a restart.
        seal: makes ids and encrypts.
        give_up_seconds: after which a part that cannot be delivered is given up.
        sleep: how to wait; raises where the server stops.
    """

    def __init__(
        self,
        channel: str,
        platform: Platform,
        outbox: Outbox,
        seal: Seal,
        give_up_seconds: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._channel, self._platform, self._outbox, self._seal = channel, platform, outbox, seal
        self._give_up_seconds, self._sleep = give_up_seconds, sleep

    async def deliver(self, outbound: Outbound) -> None:
        """Deliver a part, or give it up and tell staff; afterwards it is deleted."""
        try:
            content = self._seal.open(outbound.sealed)
        except Unreadable:
            await self._give_up(outbound, "not_delivered", "key changed")
            return
        left = max(0.0, outbound.made + self._give_up_seconds - time.time())
        try:
            if outbound.sending_since is not None:
                # A server was killed while it sent this: only the platform knows how that ended.
                await self._settle(outbound, content, outbound.sending_since, "killed while sending", left)
            else:
                await retrying(left, self._sleep)(self._try, outbound, content)
        except TryLater as error:
            await self._give_up(outbound, "not_delivered", error.reason)
        except OptedOut:
            await asyncio.to_thread(self._outbox.opt_out, outbound.conversation)
        except Refused as error:
            await self._give_up(outbound, "not_delivered", error.reason)
        except Unsure as error:
            await self._settle(outbound, content, time.time(), error.reason, left)

    async def _try(self, outbound: Outbound, content: dict[str, Any]) -> None:
        if not await asyncio.to_thread(self._outbox.begin_sending, outbound.id):
            return
        try:
            await self._platform.send(content["user"], content["message"])
        except TryLater as error:
            await asyncio.to_thread(self._outbox.not_sent, outbound.id)
            log.warning("channel.try_later", channel=self._channel, reason=error.reason)
            raise
        await asyncio.to_thread(self._outbox.delivered, outbound.id)

    async def _settle(
        self, outbound: Outbound, content: dict[str, Any], since: float, reason: str, seconds: float
    ) -> None:
        """Find out whether a message was sent; if nobody can tell, say so rather than send it twice."""
        await self._sleep(SETTLE_SECONDS)

        async def ask() -> bool | None:
            try:
                return await self._platform.was_sent(content["user"], content["message"], since)
            except Unsure as error:
                raise TryLater(error.reason) from error

        sent: bool | None
        try:
            sent = await retrying(seconds, self._sleep)(ask)
        except (TryLater, Refused):
            sent = None
        if sent:
            await asyncio.to_thread(self._outbox.delivered, outbound.id)
        elif sent is False:
            await asyncio.to_thread(self._outbox.not_sent, outbound.id)
        elif content.get("notice"):
            await self._give_up(outbound, "maybe_delivered", reason)
        else:
            await tell_staff(self._outbox, self._channel, outbound.conversation, "maybe_delivered", reason)
            (notice,) = self._platform.rendered([Said(Reply("info", perhaps_lost(content["call"])))])
            sealed = self._seal.close({"user": content["user"], "message": notice.message, "call": [], "notice": True})
            await asyncio.to_thread(self._outbox.instead, outbound.id, sealed)

    async def _give_up(self, outbound: Outbound, what: str, reason: str) -> None:
        await tell_staff(self._outbox, self._channel, outbound.conversation, what, reason)
        await asyncio.to_thread(self._outbox.delivered, outbound.id)
