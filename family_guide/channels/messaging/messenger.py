"""Facebook Messenger.

Written from Meta's documentation of the Messenger Platform: webhooks, quick replies,
the Send API and its error codes.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from pydantic import BaseModel, StrictBool, StrictInt, StrictStr, ValidationError
from rasa.core.channels import facebook as rasa_facebook
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from family_guide.channels.http import ApiError, bad_request, json_object
from family_guide.channels.messaging.delivery import Refused, TryLater
from family_guide.channels.messaging.desk import Incoming
from family_guide.channels.messaging.form import Part, Said, cut, help_numbers, split_text, with_numbers, with_source
from family_guide.channels.messaging.shared import (
    Backbone,
    MessagingChannel,
    answers_errors,
    is_too_old,
    same_secret,
)

_LONGEST, _LONGEST_TITLE, _MOST_QUICK_REPLIES, _LONGEST_BUTTON_TEXT = 2000, 20, 13, 640
_LARGEST_BATCH = 98_304
"""Bytes. Many families' messages may come in one request."""
_PASSING_CODES = {1, 2, 4, 17, 32, 190, 341, 613}
"""Meta's codes of a fault of its own, of a limit, or of a token that staff can renew."""
GET_STARTED = "GET_STARTED"


class _Id(BaseModel):
    id: StrictStr


class _QuickReply(BaseModel):
    payload: StrictStr


class _Message(BaseModel):
    mid: StrictStr
    text: StrictStr = ""
    quick_reply: _QuickReply | None = None
    is_echo: StrictBool = False


class _Postback(BaseModel):
    mid: StrictStr | None = None
    payload: StrictStr = ""


class _Event(BaseModel):
    sender: _Id | None = None
    timestamp: StrictInt = 0
    message: _Message | None = None
    postback: _Postback | None = None


class _Entry(BaseModel):
    messaging: list[_Event] = []


class _Webhook(BaseModel):
    object: StrictStr
    entry: list[_Entry]


class MessengerInput(MessagingChannel, rasa_facebook.FacebookInput):
    """Messages to the hospital's Facebook page."""

    LONGEST = _LONGEST

    def __init__(self, backbone: Backbone) -> None:
        super().__init__(backbone)
        self._secret = self._messaging.messenger_app_secret.get_secret_value()
        self._verify = self._messaging.messenger_verify_token.get_secret_value()
        token = self._messaging.messenger_page_token.get_secret_value()
        # The proof shows that the token is used by who has the app's secret.
        proof = hmac.new(self._secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self._access = {"access_token": token, "appsecret_proof": proof}
        self._messages = f"{self._messaging.messenger_api_url}/me/messages"

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "messenger"

    def add_routes(self, blueprint: Blueprint) -> None:
        """Add the webhook, and the page that dials a help line."""

        @blueprint.get("/webhook")
        @answers_errors
        async def verify(request: Request) -> HTTPResponse:
            challenge = request.args.get("hub.challenge") or ""
            if request.args.get("hub.mode") != "subscribe" or not challenge.isdecimal() or len(challenge) > 40:
                raise bad_request("This is no verification of a webhook.")
            if not same_secret(request.args.get("hub.verify_token"), self._verify):
                raise self.forbidden("verify token")
            return response.text(challenge)

        @blueprint.post("/webhook")
        @answers_errors
        async def webhook(request: Request) -> HTTPResponse:
            body = self.body(request, _LARGEST_BATCH)
            if not is_signed(self._secret, body, request.headers.get("x-hub-signature-256")):
                raise self.forbidden("signature")
            await self.receive(_incoming(json_object(request, 0)))
            return response.text("EVENT_RECEIVED")

        @blueprint.get("/call/<number:int>")
        async def call(request: Request, number: int) -> HTTPResponse:
            return response.html(_CALL_PAGE.format(number=number))

    def rendered(self, said: list[Said]) -> list[Part]:
        """Return a turn's replies, with all its buttons as quick replies under the last message."""
        parts: list[Part] = []
        offers = [offer for one in said for offer in one.offers]
        # Meta refuses a longer title: then the list says it whole and the button begins it.
        short = all(len(offer.title) <= _LONGEST_TITLE for offer in offers) and len(offers) <= _MOST_QUICK_REPLIES
        for one in said:
            call = help_numbers(one.reply)
            text = with_source(one.reply)
            text = text if short else with_numbers(text, one.offers)
            parts += [Part({"text": piece}, call) for piece in split_text(text, self.LONGEST)]
            if call:
                parts.append(Part(self._call_buttons(call), call))
        if offers and parts:
            # They vanish with the next message, so that they go with the last one.
            quick = [
                {
                    "content_type": "text",
                    "title": offer.title if short else cut(f"{offer.number}. {offer.title}", _LONGEST_TITLE),
                    "payload": offer.key,
                }
                for offer in offers[:_MOST_QUICK_REPLIES]
            ]
            parts[-1] = Part({**parts[-1].message, "quick_replies": quick}, parts[-1].call)
        return parts

    def _call_buttons(self, numbers: tuple[str, ...]) -> dict[str, Any]:
        # Meta's own call button takes whole international numbers only, which 911 is not.
        url = f"{self._messaging.public_url}/webhooks/{self.name()}/call"
        buttons = [{"type": "web_url", "title": f"Call {n}", "url": f"{url}/{n}"} for n in numbers[:3]]
        text = f"Tap to call {' or '.join(numbers[:3])}."[:_LONGEST_BUTTON_TEXT]
        return {
            "attachment": {
                "type": "template",
                "payload": {"template_type": "button", "text": text, "buttons": buttons},
            }
        }

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message; see `desk.Platform`."""
        body = {"recipient": {"id": user}, "messaging_type": "RESPONSE", "message": message}
        answer = await self._api.call("POST", self._messages, params=self._access, json=body)
        if answer.status < 300:
            return
        error = answer.body.get("error")
        error = error if isinstance(error, dict) else {}
        code = error.get("code")
        if error.get("is_transient") is True or code in _PASSING_CODES or answer.status == 401:
            raise TryLater(f"messenger {code or answer.status}")
        raise Refused(f"messenger {code or answer.status}")


def is_signed(secret: str, body: bytes, signature: str | None) -> bool:
    """Return whether a body carries the signature that Meta makes with the app's secret.

    Args:
        secret: the app's secret.
        body: as received.
        signature: the header X-Hub-Signature-256.
    """
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return same_secret(signature, expected)


def _incoming(body: dict[str, Any]) -> list[Incoming]:
    try:
        webhook = _Webhook.parse_obj(body)
    except (ValidationError, RecursionError) as error:
        raise bad_request("The body is no webhook of Messenger's.") from error
    if webhook.object != "page":
        raise ApiError(404, "not_found", "This webhook is for pages only.")
    events = [event for entry in webhook.entry for event in entry.messaging]
    return [incoming for event in events if (incoming := _of_event(event)) is not None]


def _of_event(event: _Event) -> Incoming | None:
    """Return the family's message, or None for what needs no answer (deliveries, echoes, ...)."""
    if event.sender is None:
        return None
    user, too_old = event.sender.id, bool(event.timestamp) and is_too_old(event.timestamp / 1000)
    if event.message is not None and not event.message.is_echo:
        pressed = event.message.quick_reply.payload if event.message.quick_reply else None
        return Incoming(event.message.mid, user, event.message.text, offer=pressed or None, too_old=too_old)
    if event.postback is not None:
        pressed = event.postback.payload
        # Two presses of a button differ in their time.
        message = event.postback.mid or f"{user} {event.timestamp} {pressed}"
        command = "welcome" if pressed == GET_STARTED else None
        return Incoming(message, user, offer=None if command else pressed or None, command=command, too_old=too_old)
    return None


_CALL_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Call {number}</title>
<p style="font: 2em sans-serif; text-align: center; margin-top: 3em"><a href="tel:{number}">Call {number}</a></p></html>
"""
