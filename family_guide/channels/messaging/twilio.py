"""SMS and WhatsApp, through Twilio.

Written from Twilio's documentation: security of webhooks, the Message resource,
opt-out keywords.
"""

from __future__ import annotations

import time
from base64 import b64encode
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

from rasa.core.channels import twilio as rasa_twilio
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.twiml.messaging_response import MessagingResponse  # type: ignore[import-untyped]

from family_guide.channels.http import bad_request
from family_guide.channels.messaging.delivery import OptedOut, Refused, TryLater
from family_guide.channels.messaging.desk import Incoming
from family_guide.channels.messaging.shared import Backbone, MessagingChannel, answers_errors, log

_STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
_START = {"start", "unstop"}
_HELP = {"help", "info"}
_OPTED_OUT_CODE = 21610
_MOST_FIELDS = 200
_CLOCK_SECONDS = 5.0
_LISTED = 50


class _Form(dict[str, list[str]]):
    """A form as the validator reads it."""

    def getlist(self, name: str) -> list[str]:
        return self[name]

    def first(self, name: str) -> str:
        return self[name][0] if name in self else ""


class TwilioChannel(MessagingChannel, rasa_twilio.TwilioInput):
    """What SMS and WhatsApp have in common.

    Args:
        backbone: what the channels share.
        number: ours, as in +15551234567.
        prefix: what Twilio writes before numbers of this channel.
    """

    def __init__(self, backbone: Backbone, number: str, prefix: str) -> None:
        super().__init__(backbone)
        self._ours = prefix + number
        self._prefix = prefix
        self._account = self._messaging.twilio_account_sid
        self._token = self._messaging.twilio_auth_token.get_secret_value()
        self._validator = RequestValidator(self._token)
        self._messages = f"{self._messaging.twilio_api_url}/2010-04-01/Accounts/{self._account}/Messages.json"

    def add_routes(self, blueprint: Blueprint) -> None:
        """Add the webhook for incoming messages."""

        @blueprint.post("/webhook")
        @answers_errors
        async def webhook(request: Request) -> HTTPResponse:
            incoming = self._incoming(self._verified(request))
            said = MessagingResponse()
            try:
                # No reply here: it follows through the API, however long it takes.
                await self.receive([incoming])
            except SQLAlchemyError as error:
                # Twilio does not send a message again: the family is told at once.
                log.error("channel.not_kept", channel=self.name(), error=type(error).__name__)
                said.message(self.when_not_kept(incoming.text))
            return response.text(str(said), content_type="text/xml")

    def _verified(self, request: Request) -> _Form:
        """Return the form that Twilio sent.

        Raises:
            ApiError: it is no form (400), too large (413), or not signed by Twilio for this account (403).
        """
        try:
            # Empty fields are signed too; Sanic's own form drops them.
            form = _Form(
                parse_qs(
                    self.body(request).decode("utf-8"),
                    keep_blank_values=True,
                    strict_parsing=True,
                    errors="strict",
                    max_num_fields=_MOST_FIELDS,
                )
            )
        except ValueError as error:
            raise bad_request("The body is no form.") from error
        # The address that Twilio was given, not what the request says: behind a proxy
        # they differ, and headers about it can be made up.
        url = f"{self._messaging.public_url}/webhooks/{self.name()}/webhook"
        if request.query_string:
            url += f"?{request.query_string}"
        if not self._validator.validate(url, form, request.headers.get("x-twilio-signature") or ""):
            raise self.forbidden("signature")
        if form.first("AccountSid") != self._account:
            raise self.forbidden("account")
        return form

    def _incoming(self, form: _Form) -> Incoming:
        sender, message = form.first("From"), form.first("MessageSid") or form.first("SmsMessageSid")
        if not message or not sender.removeprefix(self._prefix) or not sender.startswith(self._prefix):
            raise bad_request("From or MessageSid is missing.")
        # Some carriers damage the sign @.
        text = form.first("Body").replace("¡", "@")
        return Incoming(message, sender, text, command=self._command(text, form.first("OptOutType")))

    def _command(self, text: str, opt_out_type: str) -> str | None:
        """Return the command of a keyword, if the channel has any."""
        return None

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message; see `desk.Platform`."""
        data = {"To": user, "From": self._ours, "Body": message["text"]}
        answer = await self._api.call("POST", self._messages, data=data, headers=self._auth())
        if answer.status < 300:
            return
        code = answer.body.get("code")
        if code == _OPTED_OUT_CODE:
            raise OptedOut(f"twilio {code}")
        if answer.status in (401, 403):
            # The account's own trouble, which staff can mend.
            raise TryLater(f"twilio {code or answer.status}")
        raise Refused(f"twilio {code or answer.status}")

    async def was_sent(self, user: str, message: dict[str, Any], since: float) -> bool | None:
        """Return whether Twilio lists a message with this text that was made since then."""
        query = {"To": user, "From": self._ours, "PageSize": str(_LISTED)}
        answer = await self._api.call("GET", self._messages, params=query, headers=self._auth())
        listed = answer.body.get("messages")
        if answer.status >= 300 or not isinstance(listed, list):
            return None
        try:
            ahead = parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time()
        except (KeyError, TypeError, ValueError):
            ahead = 0.0
        earliest = since + ahead - self._messaging.channel_seconds - _CLOCK_SECONDS
        return any(
            one.get("body") == message["text"] and _made(one) >= earliest for one in listed if isinstance(one, dict)
        )

    def _auth(self) -> dict[str, str]:
        pair = b64encode(f"{self._account}:{self._token}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


def _made(listed: dict[str, Any]) -> float:
    try:
        return parsedate_to_datetime(str(listed.get("date_created"))).timestamp()
    except (TypeError, ValueError):
        return 0.0


class SmsInput(TwilioChannel):
    """Text messages."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__(backbone, backbone.messaging.twilio_sms_number, "")

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "sms"

    def _command(self, text: str, opt_out_type: str) -> str | None:
        """Return `stop`, `start` or `help` for the keywords that carriers ask for.

        Twilio itself confirms STOP, and sends nothing more to that number. Where it
        tells us what it made of a keyword (Advanced Opt-Out), it has answered too.
        """
        told = opt_out_type.strip().lower()
        if told:
            return {"stop": "stop", "start": "start"}.get(told, "silent")
        word = text.strip().strip(".!").lower()
        if word in _STOP:
            return "stop"
        if word in _START:
            return "start"
        return "help" if word in _HELP else None


class WhatsAppInput(TwilioChannel):
    """WhatsApp messages."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__(backbone, backbone.messaging.twilio_whatsapp_number, "whatsapp:")

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "whatsapp"
