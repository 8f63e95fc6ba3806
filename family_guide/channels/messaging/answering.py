"""What is said to a message: by the assistant, or by the channel itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from family_guide.channels.conversation import Conversations
from family_guide.channels.history import replies_to
from family_guide.channels.limits import Rates
from family_guide.channels.messaging.form import same_words, typed_number
from family_guide.channels.messaging.outbox import Outbox
from family_guide.channels.messaging.seal import Seal, Unreadable
from family_guide.channels.messaging.staff import tell_staff
from family_guide.channels.messaging.tables import Inbound
from family_guide.channels.messaging.words import OLD_BUTTON, SMS_HELP, TOO_LONG, TOO_MANY
from family_guide.channels.replies import Reply
from family_guide.content import shared_answers

_MOST_TRIES = 3


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


class Answers:
    """Finds the replies to messages of one channel.

    Args:
        channel: name of the channel.
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
        outbox: Outbox,
        seal: Seal,
        conversations: Conversations,
        rates: Rates,
        limits: Limits,
        store: Callable[[], Any | None],
        welcome: Callable[[], Reply],
    ) -> None:
        self._channel, self._outbox, self._seal = channel, outbox, seal
        self._conversations, self._rates, self._store = conversations, rates, store
        self.limits, self._welcome = limits, welcome

    def safe_text(self, text: str) -> str:
        """Return what is said when nothing works; in an emergency, whom to call."""
        return self._conversations.safe_reply(text).text

    async def forget(self, conversation: str) -> None:
        """Delete what is stored of a conversation."""
        store = self._store()
        if store is not None:
            await asyncio.to_thread(store.delete_conversation, conversation)

    async def replies(self, inbound: Inbound, content: dict[str, Any]) -> list[Reply]:
        """Return the replies to a message; empty where nothing is to be said.

        Args:
            inbound: the message.
            content: what was sealed of it (see `Desk.receive`).
        """
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
            await tell_staff(self._outbox, self._channel, conversation, "not_answered", "failed each time")
            return [self._conversations.safe_reply(text)]
        if inbound.tries and (before := await self._answered_before(inbound)):
            return before
        return await self._asked(conversation, content, inbound.message)

    async def _asked(self, conversation: str, content: dict[str, Any], message: str) -> list[Reply]:
        text = content["text"]
        if self.limits.max_chars and len(text) > self.limits.max_chars:
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
