"""XMPP: an open messaging network that a hospital can run itself.

Not a webhook: the assistant is a client of the hospital's own server, which vouches
for who wrote a message. Written from RFC 6120, RFC 6121, XEP-0198, XEP-0199 and XEP-0203.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel
from slixmpp import JID, ClientXMPP
from slixmpp.exceptions import IqError, IqTimeout

from family_guide.channels.messaging.delivery import TryLater, Unsure
from family_guide.channels.messaging.desk import Incoming
from family_guide.channels.messaging.shared import Backbone, MessagingChannel, is_too_old, log

_LONGEST = 8000
"""UTF-16 units: far below the 10 kB that RFC 6120 has every server take."""
_AGAIN_SECONDS = 2.0
_GOODBYE_SECONDS = 2.0
_CLIENT_PORT = 5222


class XmppInput(MessagingChannel, InputChannel):
    """Messages to the assistant's address on an XMPP server."""

    LONGEST = _LONGEST

    def __init__(self, backbone: Backbone) -> None:
        super().__init__(backbone)
        self._client: ClientXMPP | None = None
        self._online = asyncio.Event()
        self._leaving = False
        host, _, port = self._messaging.xmpp_server.partition(":")
        self._server = (host, int(port or _CLIENT_PORT)) if host else (None, None)

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "xmpp"

    async def started(self) -> None:
        """Log in, and stay so."""
        client = ClientXMPP(self._messaging.xmpp_address, self._messaging.xmpp_password.get_secret_value())
        if self._messaging.xmpp_ca_file:
            client.ca_certs = Path(self._messaging.xmpp_ca_file)
        for plugin in ("xep_0198", "xep_0199", "xep_0203"):
            client.register_plugin(plugin)
        client.add_event_handler("session_start", self._session)
        client.add_event_handler("session_resumed", self._resumed)
        client.add_event_handler("message", self._message)
        client.add_event_handler("disconnected", self._disconnected)
        client.add_event_handler("failed_all_auth", self._not_let_in)
        self._client = client
        client.connect(*self._server)

    async def stopping(self) -> None:
        """Log out."""
        self._leaving = True
        if self._client is not None:
            self._client.send_presence(ptype="unavailable")
            await self._client.disconnect(wait=_GOODBYE_SECONDS)

    async def send(self, user: str, message: dict[str, Any]) -> None:
        """Send one message; see `desk.Platform`."""
        client = self._client
        if client is None or not self._online.is_set():
            raise TryLater("not connected")
        client.send_message(mto=JID(user), mbody=message["text"], mtype="chat")
        # A server works on what it gets in order: once it answers this, it has the message.
        try:
            await client["xep_0199"].send_ping(JID(client.boundjid.domain), timeout=self._messaging.channel_seconds)
        except IqError:
            return
        except IqTimeout as error:
            raise Unsure("no answer to a ping") from error

    async def _session(self, _event: Any) -> None:
        assert self._client is not None
        self._client.send_presence()
        self._online.set()

    async def _resumed(self, _event: Any) -> None:
        self._online.set()

    async def _disconnected(self, _event: Any) -> None:
        self._online.clear()
        if not self._leaving and self._client is not None:
            log.warning("xmpp.disconnected")
            await asyncio.sleep(_AGAIN_SECONDS)
            self._client.connect(*self._server)

    def _not_let_in(self, _event: Any) -> None:
        log.error("xmpp.not_let_in", hint="Check FAMILY_GUIDE_XMPP_ADDRESS and FAMILY_GUIDE_XMPP_PASSWORD.")

    async def _message(self, message: Any) -> None:
        assert self._client is not None
        user = message["from"].bare
        if message["type"] not in ("chat", "normal") or not message["body"] or user == self._client.boundjid.bare:
            return
        sent = message["delay"]["stamp"] or datetime.now(UTC)
        message_id = f"{user} {message['id'] or sent.timestamp()}"
        incoming = Incoming(message_id, user, message["body"], too_old=is_too_old(sent.timestamp()))
        try:
            await self._need_desk().receive(incoming)
        except Exception as error:  # nobody sends it again: the family is told
            log.error("channel.not_kept", channel=self.name(), error=type(error).__name__)
            self._client.send_message(mto=JID(user), mbody=self.when_not_kept(incoming.text), mtype="chat")
