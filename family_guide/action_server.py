"""A separate action server: rasa-sdk's actions behind a door of ours.

rasa-sdk's own server lists its actions to anyone, allows every website to call it,
and answers a failure with the exception and the whole request. This one answers
what the assistant asks and nothing else; an action that fails or takes too long
gives the safe reply.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from family_guide.actions_in_process import ActionsInProcess
from family_guide.logs import configure_logs
from family_guide.monitoring import metrics
from family_guide.monitoring.listener import Monitor
from family_guide.monitoring.requests import watch_requests
from family_guide.settings import Settings

_LARGEST_REQUEST = 20_000_000
"""Bytes: a call holds the domain and the whole conversation."""


def create_app(configured: Settings) -> Sanic:
    """Return the web application with its one route, `POST /webhook`.

    Args:
        configured: the deployment's settings.
    """
    app = Sanic("family_guide_actions", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_REQUEST
    app.config.ACCESS_LOG = False
    actions = ActionsInProcess("actions", configured.action_seconds)
    watch_requests(app)
    metrics.prepare()

    @app.post("/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        try:
            call = json.loads(request.body)
        except (ValueError, RecursionError):
            call = None
        if not isinstance(call, dict) or not isinstance(call.get("tracker"), dict):
            return json_response({"error": "The body is no call of an action."}, status=400)
        with metrics.timed("action"):
            return json_response(await actions.request(json=call))

    async def start_monitor(app: Sanic, loop: Any) -> None:
        app.ctx.monitor = Monitor(loop, {"actions": _always})
        if configured.monitor_port:
            app.ctx.monitor.start(configured.monitor_host, configured.monitor_port)

    async def stop_monitor(app: Sanic, loop: Any) -> None:
        app.ctx.monitor.drain()

    app.error_handler.add(Exception, _error)
    app.register_listener(start_monitor, "after_server_start")
    app.register_listener(stop_monitor, "before_server_stop")
    return app


async def _always() -> None:
    """Hold: the actions are registered before the server listens, and need no other service."""
    await asyncio.sleep(0)


async def _error(request: Request, error: Exception) -> HTTPResponse:
    status = error.status_code if isinstance(error, SanicException) else 500
    return json_response({"error": "Not possible."}, status=status, headers=getattr(error, "headers", {}))


def serve_actions(configured: Settings) -> None:
    """Run the action server until it is stopped.

    Args:
        configured: the deployment's settings.
    """
    configure_logs(configured.log_level, configured.var)
    app = create_app(configured)
    app.run(host=configured.host, port=configured.action_port, access_log=False, workers=1)
