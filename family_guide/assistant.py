"""Rasa's agent and processor, with each message taken once and nothing pretended to be stored."""

from __future__ import annotations

from typing import Any

from rasa.core.actions.action import Action, RemoteAction
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.channels.channel import UserMessage
from rasa.core.lock_store import LockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import ConnectionException

from family_guide.channels.history import said_in_reply
from family_guide.custom_actions import CustomAction
from family_guide.graph_runner import GraphInOrder
from family_guide.rules_on_intents import look_once

_NEEDS_EVERYTHING = frozenset({"show_my_data"})
"""Intents whose answer needs more than the last turns of the conversation."""


class AnsweredBefore(Exception):
    """The message was answered before; holds what was said."""

    def __init__(self, said: list[dict[str, Any]]) -> None:
        super().__init__("the message was answered before")
        self.said = said


class Processor(MessageProcessor):
    """Rasa's processor, which takes a message with an id of its own only once.

    It is asked under the lock of the conversation: the same message may have come to
    another server a moment ago.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        runner = vars(self)["graph_runner"]
        look_once(runner._instantiated_nodes)
        self.graph_runner: GraphInOrder = GraphInOrder(runner)

    async def handle_message(self, message: UserMessage) -> list[dict[str, Any]] | None:
        """Answer a message, or say again what was said to it."""
        try:
            said: list[dict[str, Any]] | None = await super().handle_message(message)
            return said
        except AnsweredBefore as before:
            for reply in before.said:
                await message.output_channel.send_response(message.sender_id, reply)
            return None

    async def log_message(self, message: UserMessage, should_save_tracker: bool = True) -> DialogueStateTracker:
        """Add a message to its conversation.

        Raises:
            AnsweredBefore: it is there already.
        """
        tracker = await self.fetch_tracker_and_update_session(
            message.sender_id, message.output_channel, message.metadata
        )
        said = said_in_reply(tracker.events, message.message_id)
        if said:
            raise AnsweredBefore(said)
        if not message.parse_data:
            message.parse_data = await self.parse_message(message, tracker)
        if message.parse_data["intent"]["name"] in _NEEDS_EVERYTHING:
            tracker = await self._whole(tracker)
        await self._handle_message_with_tracker(message, tracker)
        if should_save_tracker:
            await self.save_tracker(tracker)
        return tracker

    async def _run_action(self, action: Action, *arguments: Any, **named: Any) -> bool:
        if isinstance(action, RemoteAction):
            action = CustomAction(action.name(), action.action_endpoint)
        done: bool = await super()._run_action(action, *arguments, **named)
        return done

    async def _whole(self, tracker: DialogueStateTracker) -> DialogueStateTracker:
        """Return the tracker with everything that is stored, or as it is where nothing is."""
        whole = await self.tracker_store.retrieve_full_tracker(tracker.sender_id)
        if whole is None:
            return tracker
        whole.model_id, whole.assistant_id = tracker.model_id, tracker.assistant_id
        return whole


class Assistant(Agent):
    """Rasa's agent without the store in memory that stands in when the real one fails.

    With it a message that could not be stored is reported as if it were.
    """

    @classmethod
    async def prepared(cls, endpoints: AvailableEndpoints) -> Assistant:
        """Return an agent with its stores open and no model yet.

        Args:
            endpoints: Rasa's endpoints.

        Raises:
            rasa.shared.exceptions.ConnectionException: a store cannot be opened.
        """
        broker = await EventBroker.create(endpoints.event_broker)
        return cls(
            generator=endpoints.nlg,
            tracker_store=TrackerStore.create(endpoints.tracker_store, event_broker=broker),
            lock_store=LockStore.create(endpoints.lock_store),
            action_endpoint=endpoints.action,
        )

    def load_model(self, model_path: Any, fingerprint: str | None = None) -> None:
        """Load a model in place of the one before.

        Args:
            model_path: its file.
            fingerprint: name of this loading; made if left out.
        """
        self.processor = self.processor_of(model_path)
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        if isinstance(self.nlg, TemplatedNaturalLanguageGenerator):
            self.nlg.responses = self.domain.responses

    def processor_of(self, model_path: Any) -> Processor:
        """Return a processor for a model, with this agent's stores and actions.

        Args:
            model_path: the file of the model.
        """
        return Processor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
            http_interpreter=self.http_interpreter,
        )

    @staticmethod
    def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
        # Rasa takes a store in memory for one that is not named, and for a class that it cannot find.
        if store is None or isinstance(store, InMemoryTrackerStore):
            raise ConnectionException(
                "endpoints.yml: tracker_store names no store that lasts; take the one it came with."
            )
        store.domain = domain
        return store
