"""The website channel: the chat page and its JSON API."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

import structlog
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from family_guide.channels.conversation import DELETE_CONVERSATION, Conversations
from family_guide.channels.description import DESCRIPTION_PATH, description
from family_guide.channels.history import exchanges
from family_guide.channels.http import ApiError, bad_request, json_object, string_field
from family_guide.channels.limits import Rates, client_address, networks
from family_guide.channels.payload import payload
from family_guide.channels.replies import Reply, welcome
from family_guide.channels.session import InvalidChoice, InvalidToken, Sessions, server_key
from family_guide.content import shared_answers
from family_guide.privacy.feedback import LONGEST_COMMENT
from family_guide.privacy.retention import note_deletion
from family_guide.settings import Settings, settings
from family_guide.wording import EMERGENCY_LINE, WENT_WRONG

log = structlog.get_logger(__name__)

NAME = "website"
_LONGEST_TOKEN, _LONGEST_CHOICE, _LONGEST_MESSAGE_ID = 512, 4096, 64
_MESSAGE_ID = re.compile(r"[A-Za-z0-9-]+")
_A_MINUTE = {"Retry-After": "60"}
_LOCK_PAUSE = 0.1
"""Seconds between two looks at whether a conversation is free."""
_MENU = {"check_symptoms": "Check symptoms", "show_my_data": "What do you know about me?"}
"""Intents that a page may offer at any time, each with what the family is then shown to have said."""
Handler = Callable[..., Awaitable[HTTPResponse]]
Found = TypeVar("Found")


def _answers_errors(handler: Handler) -> Handler:
    """Turn what a handler raises into a response that tells nothing internal."""

    @wraps(handler)
    async def guarded(request: Request, *args: Any) -> HTTPResponse:
        try:
            return await handler(request, *args)
        except ApiError as error:
            return error.response()
        except Exception as error:  # nothing internal may reach the client
            log.error("request.failed", error=type(error).__name__)
            return ApiError(503, "unavailable", WENT_WRONG).response()

    return guarded


def _message_id(given: str | None) -> str | None:
    """Return the client's id of a message, which is stored as it is and so may hold no words."""
    if given and not _MESSAGE_ID.fullmatch(given):
        raise bad_request("message_id may hold letters, digits and hyphens only.")
    return given or None


def _request_id(header: str | None) -> str | None:
    """Return the number that a proxy gave the request, which stays when it asks another server."""
    if header and len(header) <= _LONGEST_MESSAGE_ID and _MESSAGE_ID.fullmatch(header):
        return header
    return None


class WebsiteInput(InputChannel):
    """Serves the chat page and the API that it talks to.

    Args:
        configured: the deployment's settings.
    """

    def __init__(self, configured: Settings) -> None:
        self._settings = configured
        key = server_key(configured.secret, configured.var)
        self._sessions = Sessions(key, configured.session_hours * 3600, NAME)
        self._rates = Rates(configured.rate_storage, configured.rate_per_address, configured.rate_per_session)
        self._trusted = networks(configured.trusted_proxies)
        self._app: Sanic = None

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is part of its address."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebsiteInput:
        """Create the channel; everything about it is set by the environment."""
        return cls(settings())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes of the API, which `website.openapi.yml` describes."""
        blueprint = Blueprint(f"family_guide_{NAME}")
        described = description(self._settings)
        conversations = Conversations(NAME, on_new_message, self._settings.reply_seconds)

        @blueprint.listener("before_server_start")
        async def remember(app: Sanic, loop: Any) -> None:
            self._app = app

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.get(DESCRIPTION_PATH)
        async def openapi(request: Request) -> HTTPResponse:
            return response.json(described)

        @blueprint.post("/sessions")
        @_answers_errors
        async def sessions(request: Request) -> HTTPResponse:
            self._limit("address", self._address(request))
            json_object(request, self._settings.max_body_bytes)
            token = self._sessions.issue()
            conversation = self._sessions.conversation(token)
            said = [self._shown(conversation, self._welcome())]
            return response.json({"session": token, "messages": said, **self._offered(conversation)}, status=201)

        @blueprint.post("/messages")
        @_answers_errors
        async def messages(request: Request) -> HTTPResponse:
            self._limit("address", self._address(request))
            body = json_object(request, self._settings.max_body_bytes)
            conversation = self._conversation(string_field(body, "session", _LONGEST_TOKEN))
            self._limit("session", conversation)
            given = string_field(body, "message_id", _LONGEST_MESSAGE_ID)
            message_id = _message_id(given) or _request_id(request.headers.get("x-request-id"))
            replies = await self._say(conversations, conversation, body, message_id)
            if any(reply.data.get(DELETE_CONVERSATION) for reply in replies):
                await self._delete(conversation)
            return response.json({"messages": [self._shown(conversation, r) for r in replies]})

        @blueprint.get("/history")
        @_answers_errors
        async def history(request: Request) -> HTTPResponse:
            self._limit("address", self._address(request))
            conversation = self._conversation(request.token)
            tracker = await self._in_time(self._agent.tracker_store.retrieve_full_tracker(conversation))
            said = exchanges(tracker.events, shared_answers()) if tracker else []
            first = self._shown(conversation, self._welcome())
            shown = [{"from": "guide", "time": None, **first}]
            for time, what in said:
                if isinstance(what, Reply):
                    shown.append({"from": "guide", "time": time, **self._shown(conversation, what)})
                else:
                    shown.append({"from": "family", "time": time, "text": what})
            return response.json({"messages": shown, **self._offered(conversation)})

        @blueprint.post("/feedback")
        @_answers_errors
        async def feedback(request: Request) -> HTTPResponse:
            self._limit("address", self._address(request))
            body = json_object(request, self._settings.max_body_bytes)
            conversation = self._conversation(string_field(body, "session", _LONGEST_TOKEN))
            self._limit("session", conversation)
            rating = string_field(body, "rating", 4)
            if rating not in ("up", "down"):
                raise bad_request("rating must be up or down.")
            comment = string_field(body, "comment", LONGEST_COMMENT) or ""
            about = string_field(body, "about", _LONGEST_MESSAGE_ID) or ""
            store = self._agent.tracker_store
            tracker = await self._in_time(store.retrieve_full_tracker(conversation))
            said = (what for _, what in exchanges(tracker.events, shared_answers())) if tracker else ()
            if not any(isinstance(what, Reply) and what.id == about for what in said):
                raise ApiError(404, "unknown_message", "That message is not from this chat.")
            await self._in_time(asyncio.to_thread(store.feedback.add, conversation, float(about), rating, comment))
            return response.empty()

        @blueprint.delete("/conversation")
        @_answers_errors
        async def delete(request: Request) -> HTTPResponse:
            self._limit("address", self._address(request))
            await self._delete(self._conversation(request.token))
            return response.empty()

        return blueprint

    async def _say(
        self, conversations: Conversations, conversation: str, body: dict[str, Any], message_id: str | None
    ) -> list[Reply]:
        text = string_field(body, "text", self._settings.max_body_bytes or len(str(body)))
        choice = string_field(body, "choice", _LONGEST_CHOICE)
        if (text is None) == (choice is None):
            raise bad_request("Send either text or choice.")
        if choice is not None:
            try:
                payload, title = self._sessions.chosen(conversation, choice)
            except InvalidChoice as error:
                raise ApiError(
                    404, "unknown_choice", "That button is not from this chat. Please choose again or type."
                ) from error
            return await conversations.chosen(conversation, payload, title, message_id)
        assert text is not None
        if not text.strip():
            raise bad_request(f"The message is empty. Please type your question. {EMERGENCY_LINE}")
        longest = self._settings.max_chars
        if longest and len(text) > longest:
            raise ApiError(
                413,
                "too_long",
                f"That message is too long for me: please keep it under {longest} characters, "
                f"or send it in parts. {EMERGENCY_LINE}",
            )
        return await conversations.typed(conversation, text, message_id)

    def _offered(self, conversation: str) -> dict[str, Any]:
        """Return what a page needs to know at the start: the limits, and what it may offer at any time."""
        return {
            "limits": {"characters": self._settings.max_chars, "comment": LONGEST_COMMENT},
            "menu": {
                intent: self._sessions.choice(conversation, payload(intent), title) for intent, title in _MENU.items()
            },
        }

    def _limit(self, what: str, who: str) -> None:
        if not self._rates.allows(what, who):
            raise ApiError(
                429,
                "too_many",
                f"That was a lot in a short time. Please wait a minute, then go on. {EMERGENCY_LINE}",
                _A_MINUTE,
            )

    def _address(self, request: Request) -> str:
        return client_address(request.ip, request.headers.getall("x-forwarded-for", []), self._trusted)

    def _conversation(self, token: str | None) -> str:
        try:
            return self._sessions.conversation(token or "")
        except InvalidToken as error:
            raise ApiError(401, "session_ended", "This chat has ended. Please start a new one.") from error

    async def _delete(self, conversation: str) -> None:
        deleted = await self._in_time(self._deleted(conversation))
        note_deletion(conversation, deleted)

    async def _deleted(self, conversation: str) -> int:
        # A message that is on its way is saved when it is answered: not after this.
        async with self._agent.lock_store.lock(conversation, wait_time_in_seconds=_LOCK_PAUSE):
            return int(await asyncio.to_thread(self._agent.tracker_store.delete_conversation, conversation))

    async def _in_time(self, found: Awaitable[Found]) -> Found:
        """Wait for the database no longer than a family waits for a reply.

        Raises:
            TimeoutError: it took too long.
        """
        return await asyncio.wait_for(found, self._settings.reply_seconds)

    @property
    def _agent(self) -> Any:
        return self._app.ctx.agent

    def _welcome(self) -> Reply:
        return welcome(self._agent.domain.responses, shared_answers())

    def _shown(self, conversation: str, reply: Reply) -> dict[str, Any]:
        return {
            "id": reply.id,
            "kind": reply.kind,
            "text": reply.text,
            "buttons": [
                {"title": b.title, "choice": self._sessions.choice(conversation, b.payload, b.title)}
                for b in reply.buttons
            ],
            "source": reply.source,
            "data": reply.data,
        }
