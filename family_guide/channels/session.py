"""Signed session tokens and button choices.

A token holds a random number and the time it was made, signed. The id under which
the conversation is stored is computed from that number with the server's key, so
nobody who sees a token can tell or choose an id. A choice is a button's payload,
signed for one conversation: what was not offered there cannot be sent.
"""

import contextlib
import hashlib
import hmac
import math
import os
import secrets
import tempfile
import time
from pathlib import Path

from itsdangerous import BadData, Serializer, URLSafeTimedSerializer

_KEY_BYTES = 32


class InvalidToken(Exception):
    """The token was not made here, was changed, or has expired."""


class InvalidChoice(Exception):
    """The choice was not offered in this conversation."""


class Sessions:
    """Issues and reads session tokens and choices.

    Args:
        key: the server's secret; whoever has it can make tokens.
        seconds: after which a token expires; 0 for never.
        channel: name of the channel, kept apart from every other channel's ids.
    """

    def __init__(self, key: str, seconds: float, channel: str) -> None:
        self._key = key
        self._seconds = seconds
        self._channel = channel
        self._tokens = URLSafeTimedSerializer(key, salt=f"{channel} session")

    def issue(self) -> str:
        """Return a new token, with at least 128 random bits."""
        return str(self._tokens.dumps(secrets.token_urlsafe(24)))

    def conversation(self, token: str) -> str:
        """Return the id of the token's conversation.

        Raises:
            InvalidToken: the token is forged, changed or expired.
        """
        try:
            number, issued = self._tokens.loads(token, return_timestamp=True)
        except (BadData, UnicodeError) as error:
            raise InvalidToken from error
        # Not by `max_age`, which refuses a token from the future: it was issued by a server whose clock is ahead.
        expired = self._seconds and time.time() - issued.timestamp() > math.ceil(self._seconds)
        if expired or not isinstance(number, str):
            raise InvalidToken
        digest = hmac.new(self._key.encode(), f"{self._channel}:{number}".encode(), hashlib.sha256)
        return f"{self._channel}-{digest.hexdigest()[:40]}"

    def choice(self, conversation: str, payload: str, title: str) -> str:
        """Return a button's payload and title, signed for one conversation."""
        return str(self._choices(conversation).dumps([payload, title]))

    def chosen(self, conversation: str, choice: str) -> tuple[str, str]:
        """Return the payload and title of a choice.

        Raises:
            InvalidChoice: it was not offered in this conversation.
        """
        try:
            payload, title = self._choices(conversation).loads(choice)
        except (BadData, TypeError, ValueError) as error:
            raise InvalidChoice from error
        return str(payload), str(title)

    def _choices(self, conversation: str) -> Serializer[str]:
        # Not the one for addresses, which compresses each choice: that took three times as long.
        return Serializer(self._key, salt=f"choice of {conversation}")


def server_key(configured: str, folder: Path) -> str:
    """Return the key that signs sessions.

    Args:
        configured: the key from the environment; needed where several servers share sessions.
        folder: where a key is made and kept when none is configured.

    Returns:
        The configured key, or the one in `secret.key` of the folder, made at first
        use and readable by its owner alone.
    """
    if configured:
        return configured
    file = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        # Linked into place whole: another process that starts now never reads half a key.
        with tempfile.NamedTemporaryFile("w", dir=folder) as new:
            new.write(secrets.token_urlsafe(_KEY_BYTES))
            new.flush()
            with contextlib.suppress(FileExistsError):
                os.link(new.name, file)
    return file.read_text().strip()
