"""The assistant's server: Rasa's agent behind our channels and nothing else.

Rasa's own HTTP API, with which anyone could read and change conversations, is not
served at all.
"""

import asyncio
import logging
import os
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels import channel as rasa_channels
from rasa.core.run import close_resources
from rasa.core.utils import AvailableEndpoints
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic_cors import CORS

from family_guide.actions_in_process import ActionsInProcess
from family_guide.assistant import Assistant
from family_guide.channels.http import ApiError
from family_guide.channels.messaging.registry import messaging_channels
from family_guide.channels.pages import pages
from family_guide.channels.website import WebsiteInput
from family_guide.logs import configure_logs
from family_guide.privacy.retention import delete_expired
from family_guide.settings import ROOT, Settings

log = structlog.get_logger(__name__)

_LARGEST_REQUEST = 1_000_000
"""Bytes. Sanic would otherwise read 100 MB into memory before a handler is asked."""
_WARM_UP = "Hello"
_DELETE_EVERY, _DELETE_AGAIN = 24 * 3600, 3600
"""Seconds until expired conversations are looked for again, and until the next try after a failure."""


def endpoints(configured: Settings) -> AvailableEndpoints:
    """Return Rasa's endpoints as `endpoints.yml` sets them, with actions in this process.

    Args:
        configured: an action server is used instead where `action_url` names one.
    """
    read = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    if configured.action_url:
        read.action = EndpointConfig(configured.action_url, enable_selective_domain=True)
    else:
        read.action = ActionsInProcess("actions", configured.action_seconds)
    return read


def create_app(model: Path, configured: Settings) -> Sanic:
    """Return the web application.

    Args:
        model: the trained model.
        configured: the deployment's settings.
    """
    app = Sanic("family_guide", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_REQUEST
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.ACCESS_LOG = False
    channels = [WebsiteInput(configured), *messaging_channels(configured, os.environ)]
    rasa_channels.register(channels, app, route="/webhooks/")
    app.blueprint(pages(configured))
    origins = [origin.strip() for origin in configured.allowed_origins.split(",") if origin.strip()]
    if origins:
        CORS(app, origins=origins, automatic_options=True, max_age=600)
    app.error_handler.add(Exception, _error)

    async def load(app: Sanic, loop: Any) -> None:
        app.ctx.agent = await load_assistant(model, configured)

    async def announce(app: Sanic, loop: Any) -> None:
        shown = "localhost" if configured.host in ("127.0.0.1", "0.0.0.0") else configured.host
        print(f"\nFamily Guide is ready: http://{shown}:{configured.port}/\nPress Ctrl-C to stop.", flush=True)

    async def start_deleting(app: Sanic, loop: Any) -> None:
        app.ctx.deleting = asyncio.create_task(_delete_daily(app.ctx.agent.tracker_store, configured.retention_days))

    async def stop_deleting(app: Sanic, loop: Any) -> None:
        app.ctx.deleting.cancel()

    app.register_listener(load, "before_server_start")
    app.register_listener(start_deleting, "after_server_start")
    app.register_listener(announce, "after_server_start")
    app.register_listener(stop_deleting, "before_server_stop")
    app.register_listener(close_resources, "after_server_stop")
    return app


async def load_assistant(model: Path, configured: Settings) -> Agent:
    """Return Rasa's agent, ready to answer.

    Args:
        model: the trained model.
        configured: the deployment's settings.

    Raises:
        RuntimeError: the model cannot be loaded.
        rasa.shared.exceptions.ConnectionException: the store of conversations cannot be opened.
    """
    agent = await Assistant.prepared(endpoints(configured))
    try:
        agent.load_model(str(model))
    except Exception as error:
        raise RuntimeError(f"The model {model} could not be loaded. Delete it and train again: make train") from error
    # The first message pays for what libraries load late; let it not be a family's.
    await agent.parse_message(_WARM_UP)
    return agent


async def _delete_daily(store: Any, days: int) -> None:
    """Delete what is older than conversations are kept, at once and then every day; never gives up."""
    while True:
        pause = _DELETE_EVERY
        try:
            await asyncio.to_thread(delete_expired, store, days)
        except Exception as error:  # whatever it was, the next try may succeed
            log.error("retention.failed", error=type(error).__name__)
            pause = _DELETE_AGAIN
        await asyncio.sleep(pause)


async def _error(request: Request, error: Exception) -> HTTPResponse:
    """Answer what no handler answered, without a word about the inside."""
    status = error.status_code if isinstance(error, SanicException) else 500
    if status >= 500:
        log.error("request.failed", error=type(error).__name__)
        return ApiError(503, "unavailable", "Something went wrong on our side. Please try again.").response()
    code, message = {
        404: ("not_found", "There is nothing at this address."),
        405: ("not_allowed", "This address does not take that kind of request."),
        413: ("too_large", "That is more than I can read at once. Please send less."),
    }.get(status, ("bad_request", "The request is not one that I understand."))
    return ApiError(status, code, message).response()


def serve(model: Path, configured: Settings) -> None:
    """Run the assistant until it is stopped.

    Args:
        model: the trained model.
        configured: the deployment's settings.
    """
    configure_logs(logging.WARNING, configured.var)
    app = create_app(model, configured)
    app.run(host=configured.host, port=configured.port, access_log=False, workers=1)
