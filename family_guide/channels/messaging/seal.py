"""Ids that tell nobody who a family is, and encryption of what waits to be answered."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ID_LENGTH = 40
_OFFER_LENGTH = 24


class Unreadable(Exception):
    """Sealed with another key, or damaged."""


class Seal:
    """Makes ids and encrypts with keys derived from the server's.

    Args:
        key: the server's secret (`session.server_key`).
    """

    def __init__(self, key: str) -> None:
        self._ids = self._derived(key, b"messaging ids")
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derived(key, b"messaging outbox")))

    def conversation(self, channel: str, user: str) -> str:
        """Return the id under which a conversation is stored.

        Args:
            channel: name of the channel, with which the id begins.
            user: the platform's id of the user, such as a phone number; not stored.
        """
        return f"{channel}-{self._id('user', channel, user)[:_ID_LENGTH]}"

    def message(self, channel: str, message: str) -> str:
        """Return the id under which a platform's message is known; its own may hold a phone number."""
        return self._id("message", channel, message)

    def offer(self, conversation: str, payload: str, title: str) -> str:
        """Return the short id of a button, the same whenever that button is offered in the conversation."""
        return self._id("offer", conversation, payload, title)[:_OFFER_LENGTH]

    def close(self, content: dict[str, Any]) -> str:
        """Return the content encrypted."""
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def open(self, sealed: str) -> dict[str, Any]:
        """Return the content of what `close` gave.

        Raises:
            Unreadable: it is not from this server's key.
        """
        try:
            return dict(json.loads(self._fernet.decrypt(sealed.encode())))
        except (InvalidToken, ValueError) as error:
            raise Unreadable from error

    def _id(self, *parts: str) -> str:
        # Each part with its length: no two lists of parts give the same text.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._ids, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    @staticmethod
    def _derived(key: str, purpose: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"family guide " + purpose).derive(key.encode())
