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
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog

from family_guide.channels.conversation import DELETE_CONVERSATION, Conversations
from family_guide.channels.history import replies_to
from family_guide.channels.limits import Rates
from family_guide.channels.messaging.delivery import OptedOut, Refused, TryLater, Unsure, retrying
from family_guide.channels.messaging.form import Offer, Part, Said, same_words, typed_number
from family_guide.channels.messaging.outbox import Inbound, Outbound, Outbox
from family_guide.channels.messaging.seal import Seal, Unreadable
from family_guide.channels.messaging.words import OLD_BUTTON, SMS_HELP, TOO_LONG, TOO_MANY, perhaps_lost
from family_guide.channels.replies import Reply
from family_guide.content import shared_answers

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

SWEEP_SECONDS = 2.0
LEASE_SECONDS, RENEW_SECONDS = 15.0, 4.0
_TIDY_SECONDS = 3600.0
_MOST_TRIES = 3
_STOP_SECONDS = 10.0
_SETTLE_SECONDS = 2.0
"""A message that the platform took just before the connection broke is listed by then."""


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


@dataclass(frozen=True)
class Limits:
    """What the desk keeps to; 0 for no limit.

    Attributes:
        max_chars: longest message of a family.
        give_up_seconds: after which a reply that cannot be delivered is given up.
        retention_days: how long conversations are kept.
    """

    max_chars: int
    give_up_seconds: float
    retention_days: float


class Desk:
    """Answers and delivers for one channel.

    Args:
        channel: name of the channel.
        platform: how it sends.
        outbox: what survives a restart.
        seal: makes ids and encrypts.
        conversations: hands messages to the assistant.
        rates: messages a minute of a conversation (`session`), and notices about that (`address`).
        limits: see there.
        store: gives the store of conversations, or None where there is none.
        welcome: gives the first words of a conversation.
    """

    def __init__(
        self,
        channel: str,
        platform: Platform,
        outbox: Outbox,
        seal: Seal,
        conversations: Conversations,
        rates: Rates,
        limits: Limits,
        store: Callable[[], Any | None],
        welcome: Callable[[], Reply],
    ) -> None:
        self._channel, self._platform = channel, platform
        self._outbox, self._seal, self._conversations = outbox, seal, conversations
        self._rates, self._limits, self._store, self._welcome = rates, limits, store, welcome
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

    def safe_text(self, text: str) -> str:
        """Return what is said when nothing works; in an emergency, whom to call."""
        return self._conversations.safe_reply(text).text

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
                    await asyncio.to_thread(self._outbox.tidy, self._limits.retention_days)
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
                    await self._deliver(outbound)
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

    # Answering.

    async def _answer(self, inbound: Inbound) -> None:
        conversation = inbound.conversation
        try:
            content = self._seal.open(inbound.sealed)
        except Unreadable:
            await self._report(conversation, "not_answered", "key changed")
            await asyncio.to_thread(self._outbox.answered, inbound, self._channel, ())
            return
        if content["too_old"]:
            await self._report(conversation, "not_answered", "too old")
            await asyncio.to_thread(self._outbox.answered, inbound, self._channel, ())
            return
        replies = await self._replies(inbound, content)
        forget = any(reply.data.get(DELETE_CONVERSATION) for reply in replies)
        store = self._store()
        if forget and store is not None:
            await asyncio.to_thread(store.delete_conversation, conversation)
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

    async def _replies(self, inbound: Inbound, content: dict[str, Any]) -> list[Reply]:
        conversation, text, command = inbound.conversation, content["text"], content["command"]
        if command == "stop":
            await asyncio.to_thread(self._outbox.opt_out, conversation)
            return []
        if command == "start":
            await asyncio.to_thread(self._outbox.opt_in, conversation)
            return [self._welcome()]
        if command == "silent":
            return []
        if await asyncio.to_thread(self._outbox.opted_out, conversation):
            # Nothing is sent to who wrote STOP, but help in an emergency.
            return self._only_emergency(text)
        if command == "help":
            return [Reply("info", SMS_HELP)]
        if not self._rates.allows("session", conversation):
            notice = self._rates.allows("address", f"{conversation} notice")
            return self._only_emergency(text) or ([Reply("info", TOO_MANY)] if notice else [])
        if command == "welcome":
            return [self._welcome()]
        if inbound.tries >= _MOST_TRIES:
            await self._report(conversation, "not_answered", "failed each time")
            return [self._conversations.safe_reply(text)]
        if inbound.tries and (before := await self._answered_before(inbound)):
            return before
        return await self._asked(conversation, content, inbound.message)

    async def _asked(self, conversation: str, content: dict[str, Any], message: str) -> list[Reply]:
        text = content["text"]
        if self._limits.max_chars and len(text) > self._limits.max_chars:
            return self._only_emergency(text) or [Reply("info", TOO_LONG)]
        offer = await self._offer(conversation, content["offer"], text)
        if offer is not None:
            return await self._conversations.chosen(conversation, offer["payload"], offer["title"], message)
        if content["offer"]:
            return [Reply("info", OLD_BUTTON)]
        return await self._conversations.typed(conversation, text, message)

    async def _offer(self, conversation: str, pressed: str | None, text: str) -> dict[str, Any] | None:
        """Return the button that was pressed, or whose number or words were typed."""
        if pressed:
            sealed = await asyncio.to_thread(self._outbox.offer, conversation, pressed)
            return self._opened(sealed) if sealed else None
        last = await asyncio.to_thread(self._outbox.last_offers, conversation)
        number = typed_number(text)
        if number in last:
            return self._opened(last[number])
        for sealed in last.values():
            offer = self._opened(sealed)
            if offer and same_words(offer["title"], text):
                return offer
        return None

    def _opened(self, sealed: str) -> dict[str, Any] | None:
        try:
            return self._seal.open(sealed)
        except Unreadable:
            return None

    def _only_emergency(self, text: str) -> list[Reply]:
        reply = self._conversations.safe_reply(text)
        return [reply] if reply.kind in ("emergency", "crisis") else []

    async def _answered_before(self, inbound: Inbound) -> list[Reply]:
        """Return what the assistant said to a message before the server was killed, if it did."""
        store = self._store()
        tracker = await store.retrieve(inbound.conversation) if store is not None else None
        return replies_to(tracker.events, inbound.message, shared_answers()) if tracker else []

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

    # Delivering.

    async def _deliver(self, outbound: Outbound) -> None:
        try:
            content = self._seal.open(outbound.sealed)
        except Unreadable:
            await self._give_up(outbound, "not_delivered", "key changed")
            return
        left = max(0.0, outbound.made + self._limits.give_up_seconds - time.time())
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
        await self._sleep(_SETTLE_SECONDS)

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
            await self._report(outbound.conversation, "maybe_delivered", reason)
            (notice,) = self._platform.rendered([Said(Reply("info", perhaps_lost(content["call"])))])
            sealed = self._seal.close({"user": content["user"], "message": notice.message, "call": [], "notice": True})
            await asyncio.to_thread(self._outbox.instead, outbound.id, sealed)

    async def _give_up(self, outbound: Outbound, what: str, reason: str) -> None:
        await self._report(outbound.conversation, what, reason)
        await asyncio.to_thread(self._outbox.delivered, outbound.id)

    async def _report(self, conversation: str, what: str, reason: str) -> None:
        log.error(f"channel.{what}", channel=self._channel, conversation=conversation, reason=reason)
        await asyncio.to_thread(self._outbox.report, self._channel, conversation, what, reason)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopping
