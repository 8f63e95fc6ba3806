"""Where messages are answered and replies delivered: each once, in order, whatever fails.

A message is kept (sealed) before it is acknowledged. One server at a time works on a
conversation, under a lease: it has the message answered, keeps the answer's parts in
the same transaction that deletes the message, and delivers the parts one by one.
Whatever a killed server leaves is taken up by the next sweep of another, or of itself.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass

import structlog

from family_guide.channels.conversation import DELETE_CONVERSATION
from family_guide.channels.messaging.answering import Answers
from family_guide.channels.messaging.courier import Courier, Platform
from family_guide.channels.messaging.form import Offer, Said
from family_guide.channels.messaging.outbox import Outbox
from family_guide.channels.messaging.seal import Seal, Unreadable
from family_guide.channels.messaging.staff import tell_staff
from family_guide.channels.messaging.tables import Inbound
from family_guide.channels.replies import Reply

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 2.0
LEASE_SECONDS, RENEW_SECONDS = 15.0, 4.0
_TIDY_SECONDS = 3600.0
_STOP_SECONDS = 10.0


class Stopping(Exception):
    """The server stops; what is left is taken up after the next start."""


@dataclass(frozen=True)
class Incoming:
    """A message of a family, as a platform delivered it.

    Attributes:
        id: the platform's id of it.
        user: the platform's id of who sent it.
        text: what was typed; empty for a picture, a place and the like.
        offer: id of the button that was pressed instead.
        command: `welcome`, `help`, `stop` or `start` instead.
        too_old: whether it is older than can be answered.
    """

    id: str
    user: str
    text: str = ""
    offer: str | None = None
    command: str | None = None
    too_old: bool = False


class Desk:
    """Answers and delivers for one channel.

    Args:
        channel: name of the channel.
        platform: how it sends.
        outbox: what survives a restart.
        seal: makes ids and encrypts.
        answers: finds the replies.
    """

    def __init__(self, channel: str, platform: Platform, outbox: Outbox, seal: Seal, answers: Answers) -> None:
        self._channel, self._platform = channel, platform
        self._outbox, self._seal, self._answers = outbox, seal, answers
        self._courier = Courier(channel, platform, outbox, seal, answers.limits.give_up_seconds, self._sleep)
        self._owner = secrets.token_hex(16)
        self._working: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopping = asyncio.Event()
        self._sweeper: asyncio.Task[None] | None = None

    async def receive(self, incoming: Incoming) -> bool:
        """Keep a message, to be answered in the background.

        Returns:
            False where it was received before.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it could not be kept; the platform should send it again.
        """
        conversation = self._seal.conversation(self._channel, incoming.user)
        content = {
            "user": incoming.user,
            "text": incoming.text,
            "offer": incoming.offer,
            "command": incoming.command,
            "too_old": incoming.too_old,
        }
        sealed, message = self._seal.close(content), self._seal.message(self._channel, incoming.id)
        if not await asyncio.to_thread(self._outbox.receive, self._channel, conversation, message, sealed):
            return False
        self._wake(conversation)
        return True

    def start(self) -> None:
        """Take up what was left, and go on doing so."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Finish what is under way, as far as some seconds allow."""
        self._stopping.set()
        tasks = [*self._working.values()] + ([self._sweeper] if self._sweeper else [])
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
            for task in late:
                task.cancel()

    async def _sweep(self) -> None:
        tidied = -_TIDY_SECONDS
        while not self._stopping.is_set():
            try:
                for conversation in await asyncio.to_thread(self._outbox.with_work, self._channel):
                    self._wake(conversation)
                if time.monotonic() - tidied >= _TIDY_SECONDS:
                    await asyncio.to_thread(self._outbox.tidy, self._answers.limits.retention_days)
                    tidied = time.monotonic()
                await self._sleep(SWEEP_SECONDS)
            except Stopping:
                return
            except Exception as error:  # the database is away: it is asked again
                log.error("channel.sweep_failed", channel=self._channel, error=type(error).__name__)
                await asyncio.sleep(SWEEP_SECONDS)

    def _wake(self, conversation: str) -> None:
        if self._stopping.is_set():
            return
        if conversation in self._working:
            self._again.add(conversation)
        else:
            self._working[conversation] = asyncio.create_task(self._work(conversation))

    async def _work(self, conversation: str) -> None:
        try:
            while True:
                self._again.discard(conversation)
                await self._work_under_lease(conversation)
                if conversation not in self._again or self._stopping.is_set():
                    return
        except Stopping:
            return
        except Exception as error:  # taken up by the next sweep
            log.error("channel.work_failed", channel=self._channel, error=type(error).__name__)
        finally:
            del self._working[conversation]

    async def _work_under_lease(self, conversation: str) -> None:
        if not await asyncio.to_thread(self._outbox.lease, conversation, self._owner, LEASE_SECONDS):
            return
        renewing = asyncio.create_task(self._renew(conversation))
        try:
            while not self._stopping.is_set():
                outbound = await asyncio.to_thread(self._outbox.next_outbound, conversation)
                if outbound is not None:
                    await self._courier.deliver(outbound)
                    continue
                inbound = await asyncio.to_thread(self._outbox.next_inbound, conversation)
                if inbound is None:
                    return
                await self._answer(inbound)
        finally:
            renewing.cancel()
            await asyncio.to_thread(self._outbox.release, conversation, self._owner)

    async def _renew(self, conversation: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await asyncio.to_thread(self._outbox.lease, conversation, self._owner, LEASE_SECONDS)
            except Exception as error:  # tried again before the lease is over
                log.warning("channel.lease_not_renewed", channel=self._channel, error=type(error).__name__)

    async def _answer(self, inbound: Inbound) -> None:
        conversation = inbound.conversation
        try:
            content = self._seal.open(inbound.sealed)
        except Unreadable:
            await tell_staff(self._outbox, self._channel, conversation, "not_answered", "key changed")
            await asyncio.to_thread(self._outbox.answered, inbound, self._channel, ())
            return
        if content["too_old"]:
            await tell_staff(self._outbox, self._channel, conversation, "not_answered", "too old")
            await asyncio.to_thread(self._outbox.answered, inbound, self._channel, ())
            return
        replies = await self._answers.replies(inbound, content)
        forget = any(reply.data.get(DELETE_CONVERSATION) for reply in replies)
        if forget:
            await self._answers.forget(conversation)
        said = self._with_offers(conversation, replies)
        parts = [
            self._seal.close({"user": content["user"], "message": part.message, "call": part.call})
            for part in self._platform.rendered(said)
        ]
        offers = {
            offer.key: (offer.key, offer.number, self._seal.close({"payload": offer.payload, "title": offer.title}))
            for one in said
            for offer in one.offers
        }
        await asyncio.to_thread(self._outbox.answered, inbound, self._channel, parts, offers.values(), forget)

    def _with_offers(self, conversation: str, replies: list[Reply]) -> list[Said]:
        said, number = [], 0
        for reply in replies:
            offers = []
            for button in reply.buttons:
                number += 1
                key = self._seal.offer(conversation, button.payload, button.title)
                offers.append(Offer(number, key, button.title, button.payload))
            said.append(Said(reply, tuple(offers)))
        return said

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopping
