"""Requests and errors of the website API: strict about what comes in, kind about what goes out."""

import json
from collections.abc import Mapping
from typing import Any

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What a family reads is not for the cache of a shared device.
    "Cache-Control": "no-store",
}
"""Sent with every response that does not say otherwise."""


class ApiError(Exception):
    """An error that the client is told about.

    Args:
        status: HTTP status, 400 to 499.
        code: a stable word for programs.
        message: a plain sentence for people.
        headers: further headers of the response.
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    def response(self) -> HTTPResponse:
        """Return the error as a response."""
        body = {"error": {"code": self.code, "message": self.message}}
        return response.json(body, status=self.status, headers=self.headers)


def bad_request(message: str) -> ApiError:
    """Return the error for a body that is not as it should be."""
    return ApiError(400, "bad_request", message)


def json_object(request: Request, most_bytes: int) -> dict[str, Any]:
    """Return the request's body, a JSON object.

    Args:
        request: the request.
        most_bytes: the largest body that is read; 0 for any.

    Raises:
        ApiError: 413 for a larger body, 400 for one that is no JSON object.
    """
    if most_bytes and len(request.body) > most_bytes:
        raise ApiError(413, "too_large", "That is more than I can read at once. Please send less.")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise bad_request("The body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise bad_request("The body must be a JSON object.")
    return body


def string_field(body: Mapping[str, Any], name: str, longest: int) -> str | None:
    """Return a field of the body that is a string, or None where it is not given.

    Raises:
        ApiError: 400 where it is something else, or longer than `longest` characters.
    """
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad_request(f"{name} must be a string.")
    if len(value) > longest:
        raise bad_request(f"{name} is too long.")
    # Half of a surrogate pair is no text: it cannot be stored or sent back.
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad_request(f"{name} is not valid text.") from error
    return value
