"""The symptom check: from the tracker to the engine and back to messages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_last_message
from actions.shared import CHECK_ACTIVE, SYMPTOM_CHECK, check_events, earlier_findings, entity, findings_of, say_turn
from family_guide.content import shared_symptom_check
from family_guide.symptom_check import Turn

_BUTTON = "check:"
_COMMANDS = {
    "stop_check": "stop",
    "go_back": "back",
    "start_over": "start_over",
    "skip": "skip",
    "dont_know": "dont_know",
    "why_ask": "why",
    "resume_check": "resume",
}
"""Commands by the intents that ask for them."""
_QUESTIONS = {"faq", "chat", "ask_topic", "questions", "clarify", "more"}
"""Intents of a message that may be something else than a reply to the check."""
_NO_QUESTIONS = {"chat/nonsense", "chat/off_topic"}
"""Leaves of those that are no question which could be answered: a reply that missed."""
_ANSWERED_TOO = {"faq", "ask_topic", "questions", "clarify", "more"}
"""Intents of a reply whose other half is answered besides."""


class ActionSymptomCheck(Action):
    """Takes one step of the symptom check."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_symptom_check"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Start, go on with or end the check, and answer a question that was asked half-way."""
        state = tracker.get_slot(SYMPTOM_CHECK)
        intent = tracker.latest_message["intent"]["name"]
        if state is None and intent in _COMMANDS:
            # There is nothing to stop, skip or go back to.
            dispatcher.utter_message(response="utter_ask_what")
            return []
        turn = _turn(tracker, state, intent)
        if not turn.handled:
            answer_last_message(dispatcher, tracker)
            turn = shared_symptom_check().again(turn.state)
        elif turn.asks_too and intent in _ANSWERED_TOO:
            answer_last_message(dispatcher, tracker)
        say_turn(dispatcher, turn)
        return check_events(turn.state)


def start_check(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Start a check that was offered and is wanted, and return the events that keep it."""
    turn = shared_symptom_check().start([*earlier_findings(tracker), *findings_of(tracker)])
    say_turn(dispatcher, turn)
    return check_events(turn.state)


def take_up(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Take up a paused check again, and return the events that keep it."""
    turn = shared_symptom_check().reply(tracker.get_slot(SYMPTOM_CHECK), "", command="resume")
    say_turn(dispatcher, turn)
    return check_events(turn.state)


def _turn(tracker: Tracker, state: dict[str, Any] | None, intent: str) -> Turn:
    engine = shared_symptom_check()
    findings = findings_of(tracker)
    pressed = entity(tracker, "choice")
    if pressed is None and intent == "check_symptoms":
        if tracker.get_slot(CHECK_ACTIVE):
            if not findings:
                return engine.again(state)
        elif state is None or state.get("status") != "paused":
            # What was said just before the check began is not asked again.
            return engine.start(findings if state else [*earlier_findings(tracker), *findings])
    choice, command = _button(pressed)
    text = "" if pressed else tracker.latest_message.get("text") or ""
    leaf = tracker.latest_message["intent"].get("full_retrieval_intent_name")
    asks = intent in _QUESTIONS and leaf not in _NO_QUESTIONS
    turn = engine.reply(state, text, choice=choice, command=command, findings=findings, can_be_question=asks)
    if turn.kind in ("missed", "not_an_answer") and intent in _COMMANDS:
        # Words that the check's own rules do not know, but the classifier does.
        return engine.reply(state, text, command=_COMMANDS[intent], findings=findings)
    return turn


def _button(pressed: str | None) -> tuple[str | None, str | None]:
    """Return the choice (`question:option`) and the command of a button's payload id."""
    if pressed is None:
        return None, None
    words = pressed.removeprefix(_BUTTON)
    is_choice = ":" in words and not words.startswith("change:")
    return (words, None) if is_choice else (None, words)
