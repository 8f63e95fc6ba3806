"""What the actions have in common."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from family_guide.channels.payload import payload
from family_guide.symptom_check import Turn

SYMPTOM_CHECK = "symptom_check"
CHECK_ACTIVE = "check_active"


def entity(tracker: Tracker, name: str) -> str | None:
    """Return the value that a button gave an entity in the last message, or None.

    Only buttons set it: an entity of that name found in typed words does not count.
    """
    for found in tracker.latest_message.get("entities") or []:
        if found.get("entity") == name and found.get("extractor") in ("button", "RegexMessageHandler"):
            return str(found["value"])
    return None


def say_turn(dispatcher: CollectingDispatcher, turn: Turn) -> None:
    """Say the messages of a step of the symptom check, with their buttons."""
    for message in turn.messages:
        dispatcher.utter_message(
            text=message.text,
            buttons=[
                {"title": title, "payload": payload("check_symptoms", choice=choice)}
                for title, choice in message.buttons
            ],
            metadata={"kind": message.kind, "data": message.data},
        )


def check_events(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events that keep the state of a symptom check."""
    return [SlotSet(SYMPTOM_CHECK, state), SlotSet(CHECK_ACTIVE, state.get("status") == "active")]
