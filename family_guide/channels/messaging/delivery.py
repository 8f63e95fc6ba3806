"""Sending to a platform's API, and what its errors mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

FIRST_WAIT, LONGEST_WAIT = 1.0, 120.0


class TryLater(Exception):
    """The platform did not take the message now, and surely has not sent it.

    Args:
        reason: a short code.
        seconds: how long the platform asks to wait, if it says so.
    """

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.seconds = reason, seconds


class Refused(Exception):
    """The platform will never take this message.

    Args:
        reason: a short code of the platform.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OptedOut(Refused):
    """The family does not want messages, says the platform."""


class Unsure(Exception):
    """The connection broke after the message was handed over: it may have been sent or not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Answer:
    """What a platform's API answered: status, headers and JSON body (empty where there is none)."""

    def __init__(self, status: int, headers: Mapping[str, str], body: dict[str, Any]) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def retry_after(self) -> float | None:
        """Seconds that the platform asks to wait, if it says so."""
        parameters = self.body.get("parameters")
        value = self.headers.get("Retry-After") or ""
        if isinstance(parameters, dict):
            # Telegram's way.
            value = str(parameters.get("retry_after", value))
        try:
            return max(0.0, float(value))
        except ValueError:
            pass
        try:
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return None


class PlatformApi:
    """Calls a platform's API over HTTP.

    Args:
        seconds: that a call may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, url: str, **arguments: Any) -> Answer:
        """Call the API and return what it answered with a status below 429.

        Args:
            method: HTTP method.
            url: address.
            arguments: as aiohttp takes them (json, data, params, headers).

        Raises:
            TryLater: no connection, 429 or 5xx.
            Unsure: the connection broke, or no answer came, after the request went out.
        """
        if self._session is None:
            # A connection for each call: one kept open may be closed by the platform just as
            # we write to it, and nobody could tell whether the message was sent.
            connector = aiohttp.TCPConnector(force_close=True)
            timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=self._seconds / 2)
            self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        try:
            async with self._session.request(method, url, allow_redirects=False, **arguments) as response:
                answer = Answer(response.status, response.headers, await _json(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryLater(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unsure(type(error).__name__) from error
        if answer.status in (408, 429) or answer.status >= 500:
            raise TryLater(f"HTTP {answer.status}", answer.retry_after)
        return answer

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def retrying(seconds: float, sleep: Callable[[float], Awaitable[None]]) -> AsyncRetrying:
    """Return how a passing refusal is tried again: with growing waits, or as the platform asks.

    Args:
        seconds: after which the refusal is raised.
        sleep: how to wait.
    """
    grows = wait_exponential_jitter(initial=FIRST_WAIT, max=LONGEST_WAIT, jitter=FIRST_WAIT)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.seconds if isinstance(error, TryLater) else None
        return float(grows(state)) if asked is None else asked + FIRST_WAIT / 10

    return AsyncRetrying(
        retry=retry_if_exception_type(TryLater),
        wait=wait,
        stop=stop_after_delay(seconds),
        sleep=sleep,
        reraise=True,
    )
