"""The website channel as the server runs it, in front of a stand-in for Rasa's agent that can be made to fail."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import requests
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Sanic

from family_guide import server
from family_guide.channels.history import said_in_reply
from family_guide.content import shared_answers, shared_safety_rules
from family_guide.privacy.tracker_store import PrivateSQLTrackerStore
from family_guide.settings import Settings
from tests.channels.described import BASE, check
from tests.ports import free_port


class StandIn:
    """Answers every message with an echo, and keeps both as Rasa does.

    Attributes:
        domain: with the welcome.
        lock_store: one message of a conversation at a time.
        tracker_store: the real one.
        heard: texts of the messages that reached it.
        seconds: that an answer takes.
        says: metadata of the next answers, by their texts.
    """

    def __init__(self, store: PrivateSQLTrackerStore) -> None:
        welcome = {"text": "Welcome. In an emergency, call 911.", "metadata": {"kind": "info"}}
        self.domain = SimpleNamespace(responses={"utter_chat/greet": [welcome]})
        self.lock_store = InMemoryLockStore()
        self.tracker_store: Any = store
        self.heard: list[str] = []
        self.seconds = 0.0
        self.says: dict[str, dict[str, Any]] = {}

    async def handle_message(self, message: UserMessage) -> None:
        """Take a message as Rasa's agent does."""
        assert message.output_channel is not None
        async with self.lock_store.lock(message.sender_id):
            tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
            before = said_in_reply(tracker.events, message.message_id)
            for one in before:
                await message.output_channel.send_response(message.sender_id, one)
            if before:
                return
            self.heard.append(message.text or "")
            tracker.update(UserUttered(message.text, input_channel="website", message_id=message.message_id))
            await asyncio.sleep(self.seconds)
            metadata = self.says.get(message.text or "", {"kind": "answer"})
            answer = BotUttered(f"You said: {message.text}", metadata={"metadata": metadata})
            tracker.update(answer)
            await self.tracker_store.save(tracker)
            await message.output_channel.send_response(message.sender_id, answer.message())


class SmallWebsite:
    """The running server.

    Attributes:
        agent: the stand-in.
        url: address of the channel.
    """

    def __init__(self, agent: StandIn, port: int) -> None:
        self.agent = agent
        self.url = f"http://127.0.0.1:{port}{BASE}"

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request; its response is held to the description."""
        return check(requests.request(method, self.url + path, timeout=30, **options))

    def begin(self, **options: Any) -> str:
        """Return the token of a new chat."""
        return str(self.ask("POST", "/sessions", **options).json()["session"])

    def say(self, session: str, text: str, **more: Any) -> requests.Response:
        """Type a message."""
        return self.ask("POST", "/messages", json={"session": session, "text": text, **more})

    def history(self, session: str) -> list[str]:
        """Return the texts of what was said so far, without the welcome."""
        answer = self.ask("GET", "/history", headers=bearer(session))
        assert answer.status_code == 200
        return [message["text"] for message in answer.json()["messages"][1:]]

    def forget(self, session: str) -> requests.Response:
        """Delete the chat."""
        return self.ask("DELETE", "/conversation", headers=bearer(session))


def bearer(session: str) -> dict[str, str]:
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {session}"}


@contextmanager
def small_website(settings: Settings) -> Iterator[SmallWebsite]:
    """Serve the channel until the block ends.

    Args:
        settings: with a var folder of its own, in which the conversations are kept.
    """
    # As the server does before it listens: the first message pays for nothing.
    shared_answers()
    shared_safety_rules().find("hello")
    store = PrivateSQLTrackerStore(Domain.empty(), host=f"sqlite:///{settings.var / 'conversations.db'}")
    agent = StandIn(store)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = free_port()

    async def loaded(*arguments: object) -> StandIn:
        return agent

    async def start() -> Any:
        Sanic.test_mode = True
        with mock.patch.multiple(server, load_assistant=loaded, measure_agent=lambda agent: None):
            app = server.create_app(settings.var, settings)
            running = await app.create_server("127.0.0.1", port, return_asyncio_server=True, access_log=False)
            await running.startup()
            await running.before_start()
            await running.after_start()
        return running

    async def stop(running: Any) -> None:
        await running.before_stop()
        await running.close()
        # Connections that a client keeps open wait for its next request.
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def done(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    running = done(start())
    try:
        yield SmallWebsite(agent, port)
    finally:
        done(stop(running))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        store.close()
