"""The connectors in a small server of their own, in front of a stand-in for the assistant."""

import asyncio
import itertools
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from rasa.core.channels import channel as rasa_channels
from sanic import Sanic

from family_guide.channels.messaging import courier, delivery, desk
from family_guide.channels.messaging.outbox import Outbox
from family_guide.channels.messaging.registry import messaging_channels
from family_guide.privacy.database import create_engine
from family_guide.settings import Settings
from tests.messaging.fakes import FakeMessenger, FakeTelegram, FakeTwilio
from tests.ports import free_port

_names = itertools.count()


async def until(condition, seconds=10.0):
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)
    return found


async def stays(condition, seconds=0.5):
    """Make sure that something stays so for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition()
        await asyncio.sleep(0.05)


class Assistant:
    """A stand-in: says back what it was told, or whatever a test has it say.

    Attributes:
        heard: (conversation, text or intent) of every message that reached it.
        says: the messages of the next answers, in place of the echo.
    """

    def __init__(self):
        self.heard = []
        self.says = []
        self.seconds = 0.0
        self.fails = False

    async def __call__(self, message):
        intent = message.parse_data["intent"]["name"] if message.parse_data else None
        self.heard.append((message.sender_id, intent or message.text))
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise RuntimeError(f"cannot answer {message.text}")
        said = self.says.pop(0) if self.says else [{"text": f"You said: {message.text}"}]
        for one in said:
            await message.output_channel.send_response(message.sender_id, one)


@pytest.fixture(autouse=True)
def _quicker(monkeypatch):
    monkeypatch.setattr(delivery, "FIRST_WAIT", 0.1)
    monkeypatch.setattr(desk, "SWEEP_SECONDS", 0.3)
    monkeypatch.setattr(courier, "SETTLE_SECONDS", 0.2)
    Sanic.test_mode = True


@pytest.fixture
def assistant():
    return Assistant()


@pytest.fixture
def serve(tmp_path, monkeypatch, assistant):
    """Serve the connectors of a platform, on the database in the test's folder."""

    @asynccontextmanager
    async def serving(fake, handler=assistant, **environment):
        variables = {**fake.variables(), **environment}
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("FAMILY_GUIDE_VAR", str(tmp_path))
        app = Sanic(f"messaging_{next(_names)}", configure_logging=False)
        rasa_channels.register(messaging_channels(Settings(), variables), app, route="/webhooks/")
        app.ctx.agent = StandIn(handler)
        port = free_port()
        server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False)
        await server.startup()
        await server.before_start()
        await server.after_start()
        fake.server = f"http://127.0.0.1:{port}"
        try:
            yield app
        finally:
            await server.before_stop()
            await server.close()
            fake.server = ""

    return serving


class StandIn:
    """Stands where the server keeps Rasa's agent."""

    tracker_store = None

    def __init__(self, handler):
        self.handle_message = handler
        greeting = "Welcome. I cannot diagnose. In an emergency, call 911."
        self.domain = SimpleNamespace(responses={"utter_chat/greet": [{"text": greeting}]})


@pytest.fixture
def outbox(tmp_path):
    opened = Outbox(create_engine(f"sqlite:///{tmp_path / 'conversations.db'}"))
    opened.prepare()
    yield opened
    opened.close()


async def _started(fake):
    await fake.start()
    return fake


@pytest.fixture
async def twilio():
    fake = await _started(FakeTwilio())
    yield fake
    await fake.stop()


@pytest.fixture
async def messenger():
    fake = await _started(FakeMessenger())
    yield fake
    await fake.stop()


@pytest.fixture
async def telegram():
    fake = await _started(FakeTelegram())
    yield fake
    await fake.stop()
