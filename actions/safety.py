"""The fixed emergency and crisis messages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import say_beside_danger
from actions.shared import SYMPTOM_CHECK, check_events, check_status, findings_of, say_turn
from family_guide.content import shared_safety_rules, shared_symptom_check
from family_guide.safety import Hit


class ActionSafety(Action):
    """Says the fixed message, and ends a symptom check that is on.

    Where the message surely asked something about ASPS as well, that is offered below: an alarm may be false.
    """

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_safety"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the message of the kind that the rules or the classifier found."""
        message = tracker.latest_message
        active = check_status(tracker) == "active"
        state = tracker.get_slot(SYMPTOM_CHECK)
        engine = shared_symptom_check()
        hit = shared_safety_rules().find(message.get("text") or "")
        if hit is None and active:
            # The classifier alone took it for one; to an open question it may be a plain answer ("breathing? no").
            turn = engine.reply(state, message.get("text") or "", findings=findings_of(tracker))
            if turn.kind not in ("missed", "not_an_answer"):
                say_turn(dispatcher, turn)
                return check_events(turn.state)
        hit = hit or Hit(kind=message["intent"]["name"], sign="", words="")
        dispatcher.utter_message(text=shared_safety_rules().reply(hit), metadata={"kind": hit.kind})
        if hit.kind == "emergency" and check_status(tracker) in ("active", "paused"):
            turn = engine.emergency(state, hit.words)
        elif active:
            turn = engine.reply(state, "", command="pause")
        else:
            say_beside_danger(dispatcher, tracker)
            return []
        say_turn(dispatcher, turn)
        return check_events(turn.state)
