"""The assistant's server: Rasa's agent behind our channels and nothing else.

Rasa's own HTTP API, with which anyone could read and change conversations, is not
served at all.
"""

import asyncio
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from limits.storage import storage_from_string
from prometheus_client import REGISTRY
from rasa.core.agent import Agent
from rasa.core.channels import channel as rasa_channels
from rasa.core.run import close_resources
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic
from sanic.exceptions import InvalidUsage, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic_cors import CORS

from family_guide.actions_in_process import ActionsElsewhere, ActionsInProcess
from family_guide.assistant import Assistant
from family_guide.channels.http import SECURITY_HEADERS, ApiError
from family_guide.channels.messaging.registry import messaging_channels
from family_guide.channels.messaging.settings import channels_on
from family_guide.channels.pages import pages
from family_guide.channels.website import WebsiteInput
from family_guide.content import (
    shared_answers,
    shared_follow_ups,
    shared_languages,
    shared_safety_rules,
    shared_symptom_check,
)
from family_guide.logs import configure_logs
from family_guide.monitoring import metrics
from family_guide.monitoring.listener import Monitor
from family_guide.monitoring.queues import OutboxQueues
from family_guide.monitoring.requests import watch_requests
from family_guide.monitoring.stages import measure_agent
from family_guide.ports import PortTaken
from family_guide.privacy.database import default_url
from family_guide.privacy.redaction import redact
from family_guide.privacy.retention import delete_expired
from family_guide.releases import Releases
from family_guide.settings import ROOT, Settings, split
from family_guide.updates import Updates

log = structlog.get_logger(__name__)

_LARGEST_REQUEST = 1_000_000
"""Bytes. Sanic would otherwise read 100 MB into memory before a handler is asked."""
_WEBSITE = "/webhooks/website"
_CORS = {
    "methods": ["GET", "POST", "DELETE"],
    "allow_headers": ["Authorization", "Content-Type"],
    "expose_headers": ["Retry-After"],
    "automatic_options": True,
    "always_send": False,
    "max_age": 600,
}
"""What the websites that are allowed may do: what the widget does, and nothing else."""
_LENGTH = re.compile(r"[0-9]{1,15}")
_WARM_UP = "Hello"
_DELETE_EVERY, _DELETE_AGAIN = 24 * 3600, 3600
"""Seconds until expired conversations are looked for again, and until the next try after a failure."""


def endpoints(configured: Settings) -> AvailableEndpoints:
    """Return Rasa's endpoints as `endpoints.yml` sets them, with actions in this process.

    Args:
        configured: they name the database and Redis where `endpoints.yml` does not; an action server is used
            instead where `action_url` names one.
    """
    read = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    # What the file leaves open is for these settings to say, whatever those of the process are.
    read.tracker_store.url = read.tracker_store.url or default_url(configured)
    read.lock_store.url = read.lock_store.url or configured.redis_url
    if configured.action_url:
        read.action = ActionsElsewhere(configured.action_url)
    else:
        read.action = ActionsInProcess("actions", configured.action_seconds)
    return read


def create_app(model: Path | None, configured: Settings) -> Sanic:
    """Return the web application.

    Args:
        model: the trained model; None for the current one of the settings' releases.
        configured: the deployment's settings.

    Raises:
        ReleaseError: no release is current, or it may not be loaded.
    """
    app = Sanic("family_guide", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _LARGEST_REQUEST
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.ACCESS_LOG = False
    channels = [WebsiteInput(configured), *messaging_channels(configured, os.environ)]
    rasa_channels.register(channels, app, route="/webhooks/")
    app.blueprint(pages(configured))
    if configured.allowed_origins:
        CORS(app, resources={f"{_WEBSITE}/*": {}}, origins=split(configured.allowed_origins), **_CORS)
    app.register_middleware(_add_security_headers, "response")
    app.add_signal(_check_length, "http.lifecycle.request")
    app.error_handler.add(Exception, _error)
    watch_requests(app)
    metrics.prepare()

    async def load(app: Sanic, loop: Any) -> None:
        with _to_load(app, model, configured) as (file, name):
            app.ctx.agent = await load_assistant(file, configured)
        app.ctx.model = name
        metrics.show_model(name)
        measure_agent(app.ctx.agent)

    async def announce(app: Sanic, loop: Any) -> None:
        if configured.profile == "production":
            log.info("server.ready", release=app.ctx.model)
            return
        shown = "localhost" if configured.host in ("127.0.0.1", "0.0.0.0") else configured.host
        print(f"\nFamily Guide is ready: http://{shown}:{configured.port}/\nPress Ctrl-C to stop.", flush=True)

    async def start_deleting(app: Sanic, loop: Any) -> None:
        app.ctx.deleting = asyncio.create_task(_delete_daily(app.ctx.agent.tracker_store, configured.retention_days))

    async def stop_deleting(app: Sanic, loop: Any) -> None:
        app.ctx.deleting.cancel()

    async def start_following(app: Sanic, loop: Any) -> None:
        if app.ctx.updates is not None:
            app.ctx.following = asyncio.create_task(app.ctx.updates.follow(app.ctx.agent))

    async def start_monitor(app: Sanic, loop: Any) -> None:
        app.ctx.monitor = _monitor(app, configured, loop)
        if configured.monitor_port:
            app.ctx.monitor.start(configured.monitor_host, configured.monitor_port)

    async def stop_monitor(app: Sanic, loop: Any) -> None:
        app.ctx.monitor.drain()
        if app.ctx.updates is not None:
            app.ctx.following.cancel()

    app.ctx.updates = None
    app.register_listener(load, "before_server_start")
    app.register_listener(start_following, "after_server_start")
    app.register_listener(start_monitor, "after_server_start")
    app.register_listener(stop_monitor, "before_server_stop")
    app.register_listener(start_deleting, "after_server_start")
    app.register_listener(announce, "after_server_start")
    app.register_listener(stop_deleting, "before_server_stop")
    app.register_listener(close_resources, "after_server_stop")
    return app


def _to_load(app: Sanic, model: Path | None, configured: Settings) -> AbstractContextManager[tuple[Path, str]]:
    """Return the file of the model to start with, and its name; a release is checked first."""
    if model is not None:
        return nullcontext((model, model.name.removesuffix(".tar.gz")))
    return _released(app, configured)


@contextmanager
def _released(app: Sanic, configured: Settings) -> Iterator[tuple[Path, str]]:
    assert configured.releases is not None
    releases = Releases(configured.releases, configured.release_public_key)
    name = releases.current()
    app.ctx.updates = Updates(releases, name)
    with tempfile.TemporaryDirectory() as folder, releases.model(name, Path(folder)) as model:
        yield model, name


def _monitor(app: Sanic, configured: Settings, loop: asyncio.AbstractEventLoop) -> Monitor:
    """Return the health, readiness and metrics of a server that has loaded its model."""
    engine, storage = app.ctx.agent.tracker_store.engine, storage_from_string(configured.rate_storage)

    def ask_database() -> None:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))

    async def database() -> None:
        await asyncio.to_thread(ask_database)

    async def rates() -> None:
        if not await asyncio.to_thread(storage.check):
            raise ConnectionError("the storage of the rates does not answer")

    def about() -> dict[str, str]:
        updates = app.ctx.updates
        return {"model": app.ctx.model} if updates is None else {"model": updates.loaded, "refused": updates.refused}

    if channels_on(os.environ):
        REGISTRY.register(OutboxQueues(engine))
    return Monitor(loop, {"database": database, "rates": rates}, about)


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
    # The first message pays for what is loaded late; let it not be a family's.
    await agent.parse_message(_WARM_UP)
    await asyncio.to_thread(_load_the_rest)
    return agent


def _load_the_rest() -> None:
    """Load what answering and storing a message needs besides understanding it."""
    for load in (shared_answers, shared_follow_ups, shared_languages, shared_safety_rules, shared_symptom_check):
        load()
    redact(_WARM_UP)


async def _delete_daily(store: Any, days: int) -> None:
    """Delete what is older than conversations are kept, at once and then every day; never gives up."""
    while True:
        pause = _DELETE_EVERY
        try:
            await asyncio.to_thread(delete_expired, store, days)
        except Exception as error:  # whatever it was, the next try may succeed
            log.error("retention.failed", error=type(error).__name__)
            metrics.count_failure("retention")
            pause = _DELETE_AGAIN
        await asyncio.sleep(pause)


async def _check_length(request: Request) -> None:
    """Refuse a body of a length that is not one.

    Sanic 21.12 waits for the rest of a body of negative length in a loop that answers nobody any more.

    Raises:
        InvalidUsage: there are several lengths or none that can be read.
    """
    lengths = request.headers.getall("content-length", [])
    coding = request.headers.get("transfer-encoding")
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(length) for length in lengths):
        raise InvalidUsage("The length of the body is not a number.")
    if coding is not None and (coding != "chunked" or lengths):
        raise InvalidUsage("The body is sent in a way that is not understood.")


async def _add_security_headers(request: Request, answer: HTTPResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        answer.headers.setdefault(name, value)


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
    answer = ApiError(status, code, message).response()
    # Which methods are allowed (Sanic knows them from the routes) belongs to a 405.
    answer.headers.update(getattr(error, "headers", {}))
    return answer


def serve(model: Path | None, configured: Settings, port: socket.socket) -> None:
    """Run the assistant until it is stopped; messages under way are answered first.

    Args:
        model: the trained model; None for the current one of the settings' releases.
        configured: the deployment's settings.
        port: the socket to listen on.

    Raises:
        PortTaken: another server listens on the port by now: two may take it, and the first to be ready keeps it.
    """
    configure_logs(configured.log_level, configured.var)
    app = create_app(model, configured)

    async def listen(app: Sanic, loop: Any) -> None:
        # The event loop would say nothing where it cannot.
        try:
            port.listen()
        except OSError as error:
            raise PortTaken(configured.host, configured.port, str(error.strerror)) from error

    app.register_listener(listen, "before_server_start")
    app.run(sock=port, access_log=False, workers=1)
