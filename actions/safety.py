"""The fixed emergency and crisis messages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import SYMPTOM_CHECK, check_events, say_turn
from family_guide.content import shared_safety_rules, shared_symptom_check
from family_guide.safety import Hit


class ActionSafety(Action):
    """Says the fixed message, and ends a symptom check that is on."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_safety"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say the message of the kind that the rules or the classifier found."""
        rules = shared_safety_rules()
        message = tracker.latest_message
        found = message.get("safety")
        kind = message["intent"]["name"]
        hit = rules.find(message.get("text") or "") if found else Hit(kind=kind, sign="", words="")
        hit = hit or Hit(kind=kind, sign="", words="")
        dispatcher.utter_message(text=rules.reply(hit), metadata={"kind": hit.kind})
        if hit.kind != "emergency" or not tracker.get_slot("check_active"):
            return check_events(stopped(tracker)) if tracker.get_slot("check_active") else []
        turn = shared_symptom_check().emergency(tracker.get_slot(SYMPTOM_CHECK) or {}, hit.words)
        say_turn(dispatcher, turn)
        return check_events(turn.state)
