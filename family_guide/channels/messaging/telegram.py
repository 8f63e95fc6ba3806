"""Telegram.

Written from the documentation of Telegram's Bot API: setWebhook, Update, sendMessage,
sendContact, inline keyboards, and errors (ResponseParameters).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import BaseModel, Field, StrictInt, StrictStr, ValidationError
from rasa.core.channels import telegram as rasa_telegram
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from family_guide.channels.http import bad_request, json_object
from family_guide.channels.messaging.delivery import Answer, Refused, TryLater, Unsure, retrying
from family_guide.channels.messaging.desk import Incoming
from family_guide.channels.messaging.form import Part, Said, cut, help_numbers, split_text, with_source
from family_guide.channels.messaging.shared import (
    Backbone,
    MessagingChannel,
    answers_errors,
    is_too_old,
    log,
    same_secret,
)

_LONGEST, _LONGEST_BUTTON, _MOST_BUTTONS = 4096, 60, 100
_WEBHOOK_SECONDS = 86400.0
"""How long Telegram is asked again to take our address when it does not at the start."""
_NO_PREVIEW = {"is_disabled": True}


class _Chat(BaseModel):
    id: StrictInt
    type: StrictStr


class _Message(BaseModel):
    message_id: StrictInt
    date: StrictInt
    chat: _Chat
    text: StrictStr = ""


class _Sender(BaseModel):
    id: StrictInt


class _Pressed(BaseModel):
    id: StrictStr
    sender: _Sender = Field(alias="from")
    message: _Message | None = None
    data: StrictStr = ""


class _Update(BaseModel):
    update_id: StrictInt
    message: _Message | None = None
    callback_query: _Pressed | None = None


class TelegramInput(MessagingChannel, rasa_telegram.TelegramInput):
    """Private chats with the hospital's bot."""

    LONGEST = _LONGEST

    def __init__(self, backbone: Backbone) -> None:
        super().__init__(backbone)
        self._secret = self._messaging.telegram_secret.get_secret_value()
        token = self._messaging.telegram_token.get_secret_value()
        self._methods = f"{self._messaging.telegram_api_url}/bot{token}"

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "telegram"

    def add_routes(self, blueprint: Blueprint) -> None:
        """Add the webhook."""

        @blueprint.post("/webhook")
        @answers_errors
        async def webhook(request: Request) -> HTTPResponse:
            if not same_secret(request.headers.get("x-telegram-bot-api-secret-token"), self._secret):
                raise self.forbidden("secret token")
            self.body(request)
            try:
                update = _Update.parse_obj(json_object(request, 0))
            except (ValidationError, RecursionError) as error:
                raise bad_request("The body is no update of Telegram's.") from error
            if update.callback_query is not None:
                # Takes the clock off the button.
                self.in_background(self._method("answerCallbackQuery", callback_query_id=update.callback_query.id))
            await self.receive(_incoming(update))
            return response.json({})

    async def started(self) -> None:
        """Tell Telegram where to send messages, and with which secret."""
        self.in_background(retrying(_WEBHOOK_SECONDS, asyncio.sleep)(self._set_webhook))

    async def _set_webhook(self) -> None:
        answer = await self._method(
            "setWebhook",
            url=f"{self._messaging.public_url}/webhooks/{self.name()}/webhook",
            secret_token=self._secret,
            allowed_updates=["message", "callback_query"],
        )
        if answer.body.get("ok") is not True:
            log.error("telegram.webhook_not_set", status=answer.status)
            raise TryLater(f"telegram {answer.status}")

    def rendered(self, said: list[Said]) -> list[Part]:
        """Return a turn's replies, each with its buttons under it and a contact card for each help line."""
        parts: list[Part] = []
        for one in said:
            call = help_numbers(one.reply)
            pieces = split_text(with_source(one.reply), self.LONGEST)
            made = [{"method": "sendMessage", "text": piece, "link_preview_options": _NO_PREVIEW} for piece in pieces]
            if made and one.offers:
                rows = [
                    [{"text": cut(offer.title, _LONGEST_BUTTON), "callback_data": offer.key}]
                    for offer in one.offers[:_MOST_BUTTONS]
                ]
                made[-1]["reply_markup"] = {"inline_keyboard": rows}
            # Links of the form tel: are not allowed in messages; a contact can be called.
            made += [{"method": "sendContact", "phone_number": n, "first_name": f"Call {n}"} for n in call]
            parts += [Part(message, call) for message in made]
        return parts

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message; see `desk.Platform`."""
        arguments = {name: value for name, value in message.items() if name != "method"}
        answer = await self._method(message["method"], chat_id=int(user), **arguments)
        if answer.body.get("ok") is True:
            return
        if answer.status in (401, 404):
            # The bot's token was renewed, which staff can mend.
            raise TryLater(f"telegram {answer.status}")
        if answer.status < 300:
            raise Unsure("no answer of Telegram's")
        raise Refused(f"telegram {answer.status}")

    async def _method(self, name: str, **arguments: Any) -> Answer:
        return await self._api.call("POST", f"{self._methods}/{name}", json=arguments)


def _incoming(update: _Update) -> list[Incoming]:
    """Return the family's message; empty for groups and for what needs no answer."""
    pressed, message = update.callback_query, update.message
    if pressed is not None:
        if pressed.message is not None and pressed.message.chat.type != "private":
            return []
        # In a private chat its id is the user's.
        return [Incoming(f"callback {pressed.id}", str(pressed.sender.id), offer=pressed.data or None)]
    if message is None or message.chat.type != "private":
        return []
    command = "welcome" if message.text.split("@")[0].split(" ")[0] == "/start" else None
    # Update ids may begin anew after a quiet week.
    message_id = json.dumps([update.update_id, message.chat.id, message.message_id])
    return [Incoming(message_id, str(message.chat.id), message.text, command=command, too_old=is_too_old(message.date))]
