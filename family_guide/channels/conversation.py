"""One message of a family, from a channel to the assistant and back. Always answered.

Rasa answers a message that failed with an empty list and HTTP 200, and a channel
that shows nothing. Everything that can fail behind a message is caught here, once
for every channel.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from family_guide.channels.payload import parse_payload
from family_guide.channels.replies import CollectedReplies, Reply, reply_from
from family_guide.channels.text import has_words, plain_words
from family_guide.content import shared_answers, shared_safety_rules
from family_guide.monitoring.metrics import UNDER_WAY, count_failure, count_message, timed
from family_guide.wording import EMERGENCY_LINE, WENT_WRONG

log = structlog.get_logger(__name__)

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]

NO_WORDS = "I can only read words. Please type your question, or say what worries you. " + EMERGENCY_LINE
DELETE_CONVERSATION = "delete_conversation"
"""Key in a reply's data: when the message is done, delete what is stored."""


def _counted(reply: Callable[..., Awaitable[list[Reply]]]) -> Callable[..., Awaitable[list[Reply]]]:
    """Count and time each message, whatever becomes of it."""

    @wraps(reply)
    async def counted(self: "Conversations", *args: Any) -> list[Reply]:
        with UNDER_WAY.track_inprogress(), timed("reply"):
            replies = await reply(self, *args)
        count_message(self._channel, [said.kind for said in replies])
        return replies

    return counted


class Conversations:
    """Hands messages to the assistant and makes sure that each gets a reply.

    Args:
        channel: name of the channel.
        on_new_message: Rasa's handler of a message.
        seconds: after which the safe reply is given instead.
    """

    def __init__(self, channel: str, on_new_message: OnNewMessage, seconds: float) -> None:
        self._channel = channel
        self._on_new_message = on_new_message
        self._seconds = seconds
        self._under_way: dict[tuple[str, str], asyncio.Future[list[Reply]]] = {}

    async def typed(self, conversation: str, text: str, message_id: str | None = None) -> list[Reply]:
        """Return the replies to what a family typed.

        Args:
            conversation: id of the conversation.
            text: as typed; never read as a command.
            message_id: the client's own id of the message; one that is sent again
                while the first is under way gets the same replies.
        """
        words = plain_words(text)
        if not has_words(words):
            return [Reply("info", NO_WORDS)]
        return await self._once(conversation, UserMessage(text=words), message_id)

    async def chosen(self, conversation: str, payload: str, title: str, message_id: str | None = None) -> list[Reply]:
        """Return the replies to a button that this conversation was offered.

        Args:
            conversation: id of the conversation.
            payload: what the button stands for.
            title: what it said.
            message_id: see `typed`.
        """
        message = UserMessage(text=title, parse_data=parse_payload(payload, title))
        return await self._once(conversation, message, message_id)

    async def _once(self, conversation: str, message: UserMessage, message_id: str | None) -> list[Reply]:
        if message_id is None:
            return await self._reply(conversation, message)
        message.message_id = message_id
        key = (conversation, message_id)
        under_way = self._under_way.get(key)
        if under_way is not None:
            return await asyncio.shield(under_way)
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._under_way[key] = future
        try:
            replies = await self._reply(conversation, message)
            future.set_result(replies)
            return replies
        finally:
            del self._under_way[key]
            if not future.done():
                future.set_result([self.safe_reply(message.text)])

    @_counted
    async def _reply(self, conversation: str, message: UserMessage) -> list[Reply]:
        output = CollectedReplies(self._channel)
        message.output_channel = output
        message.sender_id = conversation
        message.input_channel = self._channel
        # What was typed; the assistant fills in `parse_data` on its way, so this is asked before.
        typed = "" if message.parse_data else message.text or ""
        failed = False
        try:
            await asyncio.wait_for(self._on_new_message(message), self._seconds)
        except Exception as error:  # whatever failed, the family gets a reply
            failed = True
            # The class alone: the text of an error may hold what the family wrote.
            log.error("message.failed", error=type(error).__name__)
            count_failure("message")
        answers = shared_answers()
        replies = [] if failed else [reply_from(m, answers) for m in output.messages]
        return self._complete(typed, replies)

    def _complete(self, typed: str, replies: list[Reply]) -> list[Reply]:
        """Return the replies, or the safe one where there is none or safety's is missing."""
        hit = shared_safety_rules().find(typed)
        if hit is not None and not any(r.kind in ("emergency", "crisis") for r in replies):
            return [Reply(hit.kind, shared_safety_rules().reply(hit))]
        return replies or [Reply("info", WENT_WRONG)]

    def safe_reply(self, text: str | None) -> Reply:
        """Return what is said when nothing behind the channel works."""
        return self._complete(text or "", [])[0]
