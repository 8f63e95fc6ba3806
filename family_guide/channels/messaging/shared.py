"""What every messaging channel has in common: requests in, and the desk behind them."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from family_guide.channels.conversation import Conversations
from family_guide.channels.http import ApiError
from family_guide.channels.limits import Rates
from family_guide.channels.messaging.answering import Answers, Limits
from family_guide.channels.messaging.delivery import PlatformApi
from family_guide.channels.messaging.desk import Desk, Incoming
from family_guide.channels.messaging.form import (
    Part,
    Said,
    help_numbers,
    split_text,
    with_numbers,
    with_source,
    with_tel_links,
)
from family_guide.channels.messaging.outbox import Outbox
from family_guide.channels.messaging.seal import Seal
from family_guide.channels.messaging.settings import MessagingSettings
from family_guide.channels.messaging.words import WELCOME
from family_guide.channels.replies import Reply, reply_from
from family_guide.content import shared_answers
from family_guide.settings import Settings
from family_guide.wording import WENT_WRONG

log = structlog.get_logger(__name__)

_GREETING = "utter_chat/greet"
OLDEST_SECONDS = 86400.0
"""An older message is refused: platforms send again for a day, and let us answer for a day."""

Handler = Callable[..., Awaitable[HTTPResponse]]


@dataclass(frozen=True)
class Backbone:
    """What the channels of a server share.

    Attributes:
        settings: the deployment's settings.
        messaging: those of the messaging channels.
        outbox: what survives a restart.
        seal: makes ids and encrypts.
    """

    settings: Settings
    messaging: MessagingSettings
    outbox: Outbox
    seal: Seal


def answers_errors(handler: Handler) -> Handler:
    """Turn what a handler raises into a response that tells nothing internal."""

    @wraps(handler)
    async def guarded(request: Request, *args: Any) -> HTTPResponse:
        try:
            return await handler(request, *args)
        except ApiError as error:
            return error.response()
        except Exception as error:  # the platform sends the message again
            log.error("request.failed", error=type(error).__name__)
            return ApiError(503, "unavailable", "Please send this again later.").response()

    return guarded


class MessagingChannel:
    """The part of a connector that is the same on every platform.

    A connector is a subclass of this and of Rasa's own connector. It adds its routes,
    verifies and reads requests, and sends; see `desk.Platform`.

    Args:
        backbone: what the channels share.
    """

    LONGEST = 1600
    """UTF-16 units in a message."""

    def __init__(self, backbone: Backbone) -> None:
        self._backbone = backbone
        self._messaging = backbone.messaging
        self._api = PlatformApi(backbone.messaging.channel_seconds)
        self._app: Sanic | None = None
        self._desk: Desk | None = None
        self._answers: Answers | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is part of its address and of conversation ids."""
        raise NotImplementedError

    def get_output_channel(self) -> OutputChannel | None:
        """Return None: only the desk sends, so that every message is kept until it is delivered."""
        return None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the channel's routes, with what starts and stops its desk."""
        settings = self._backbone.settings
        blueprint = Blueprint(f"family_guide_{self.name()}")
        conversations = Conversations(self.name(), on_new_message, settings.reply_seconds)
        rates = Rates(settings.rate_storage, 1, settings.rate_per_session)
        limits = Limits(
            settings.max_chars, self._messaging.channel_give_up_minutes * 60, float(settings.retention_days)
        )

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        self.add_routes(blueprint)

        @blueprint.listener("before_server_start")
        async def prepare(app: Sanic, loop: Any) -> None:
            self._app = app
            await asyncio.to_thread(self._backbone.outbox.prepare)
            outbox, seal = self._backbone.outbox, self._backbone.seal
            self._answers = Answers(self.name(), outbox, seal, conversations, rates, limits, self._store, self._welcome)
            self._desk = Desk(self.name(), self, outbox, seal, self._answers)

        @blueprint.listener("after_server_start")
        async def start(app: Sanic, loop: Any) -> None:
            self._need_desk().start()
            await self.started()

        @blueprint.listener("before_server_stop")
        async def stop(app: Sanic, loop: Any) -> None:
            await self.stopping()
            for task in self._tasks:
                task.cancel()
            await self._need_desk().stop()
            await self._api.close()

        return blueprint

    def add_routes(self, blueprint: Blueprint) -> None:
        """Add the platform's own routes."""

    async def started(self) -> None:
        """Do what the platform needs once the server listens."""

    async def stopping(self) -> None:
        """Undo it before the server stops."""

    async def receive(self, incoming: list[Incoming]) -> None:
        """Keep messages, to be answered in the background.

        Raises:
            ApiError: 403, all of them are too old.
        """
        desk = self._need_desk()
        for one in incoming:
            await desk.receive(one)
        if incoming and all(one.too_old for one in incoming):
            log.warning("channel.too_old", channel=self.name())
            raise ApiError(403, "too_old", "That is too old to be answered.")

    def rendered(self, said: list[Said]) -> list[Part]:
        """Return a turn's replies as plain text with numbered options, in parts that fit."""
        parts = []
        for one in said:
            call = help_numbers(one.reply)
            text = with_tel_links(with_numbers(with_source(one.reply), one.offers), call)
            pieces = split_text(text, self.LONGEST)
            if len(pieces) > 1:
                # Messages may arrive in another order.
                pieces = split_text(text, self.LONGEST - len("(99/99) "))
                pieces = [f"({place}/{len(pieces)}) {piece}" for place, piece in enumerate(pieces, 1)]
            parts += [Part({"text": piece}, call) for piece in pieces]
        return parts

    def when_not_kept(self, text: str) -> str:
        """Return what a family is told at once when their message could not even be kept."""
        return self._answers.safe_text(text) if self._answers is not None else WENT_WRONG

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message; see `desk.Platform`."""
        raise NotImplementedError

    async def was_sent(self, user: str, message: dict[str, Any], since: float) -> bool | None:
        """Return None: the platform cannot tell."""
        return None

    def forbidden(self, why: str) -> ApiError:
        """Return the error for a request that is not from the platform, and log it without content."""
        log.warning("channel.forbidden", channel=self.name(), why=why)
        return ApiError(403, "forbidden", "The request is not signed as it should be.")

    def body(self, request: Request, most_bytes: int | None = None) -> bytes:
        """Return the request's body.

        Args:
            request: the request.
            most_bytes: the largest that is read; the setting if not given.

        Raises:
            ApiError: 413 for a larger one.
        """
        most = self._backbone.settings.max_body_bytes if most_bytes is None else most_bytes
        if most and len(request.body) > most:
            raise ApiError(413, "too_large", "That is more than I can read at once.")
        return bytes(request.body)

    def in_background(self, work: Awaitable[Any]) -> None:
        """Do something that nobody waits for; what fails is logged."""

        async def done() -> None:
            try:
                await work
            except Exception as error:  # only a courtesy to the platform's client
                log.warning("channel.courtesy_failed", channel=self.name(), error=type(error).__name__)

        task = asyncio.create_task(done())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _need_desk(self) -> Desk:
        if self._desk is None:
            raise RuntimeError("the server has not started")
        return self._desk

    def _agent(self) -> Any | None:
        return getattr(self._app.ctx, "agent", None) if self._app is not None else None

    def _store(self) -> Any | None:
        return getattr(self._agent(), "tracker_store", None)

    def _welcome(self) -> Reply:
        agent = self._agent()
        if agent is None:
            return Reply("info", WELCOME)
        return reply_from(agent.domain.responses[_GREETING][0], shared_answers())


def same_secret(given: str | None, expected: str) -> bool:
    """Return whether two secrets are the same, in a time that tells nothing about them."""
    return hmac.compare_digest((given or "").encode("utf-8", "surrogateescape"), expected.encode()) and bool(expected)


def is_too_old(seconds_since_1970: float) -> bool:
    """Return whether a message of that time is too old to be answered."""
    return seconds_since_1970 < time.time() - OLDEST_SECONDS
