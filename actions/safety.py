"""The fixed emergency and crisis messages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import CHECK_ACTIVE, SYMPTOM_CHECK, check_events, say_turn
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
        hit = rules.find(message.get("text") or "") or Hit(kind=message["intent"]["name"], sign="", words="")
        dispatcher.utter_message(text=rules.reply(hit), metadata={"kind": hit.kind})
        if not tracker.get_slot(CHECK_ACTIVE):
            return []
        state = tracker.get_slot(SYMPTOM_CHECK)
        if hit.kind == "emergency":
            turn = shared_symptom_check().emergency(state, hit.words)
            say_turn(dispatcher, turn)
        else:
            turn = shared_symptom_check().reply(state, "", command="pause")
        return check_events(turn.state)
