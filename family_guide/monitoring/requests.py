"""A number for each request, a line in the log, and a count. No path, query, header or body of a family is logged."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse

from family_guide.monitoring.metrics import REQUESTS, count_failure

log = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
_OF_A_PROXY = re.compile(r"[0-9a-f]{32}")
"""What nginx makes. Anything else might be somebody's words."""
_NO_ROUTE = "none"


def watch_requests(app: Sanic) -> None:
    """Have each request of an application numbered, counted and logged (at INFO)."""

    async def begin(request: Request) -> None:
        if hasattr(request.ctx, "request_id"):
            return  # Sanic asks again before it answers an error
        given = request.headers.get(HEADER, "")
        request.ctx.request_id = given if _OF_A_PROXY.fullmatch(given) else uuid.uuid4().hex
        request.ctx.began = time.perf_counter()
        # A connection carries one request after another in one context.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.ctx.request_id)

    async def end(request: Request, response: BaseHTTPResponse) -> None:
        if not hasattr(request.ctx, "request_id"):
            return
        response.headers[HEADER] = request.ctx.request_id
        # The template of the route, never the path: a path is whatever somebody typed.
        route = request.route.path if request.route is not None else _NO_ROUTE
        REQUESTS.labels(route, str(response.status)).inc()
        if response.status >= 500:
            count_failure("request")
        milliseconds = round((time.perf_counter() - request.ctx.began) * 1000, 1)
        log.info("request", route=route, method=request.method, status=response.status, milliseconds=milliseconds)

    app.register_middleware(begin, "request")
    app.register_middleware(end, "response")
