"""The symptom check: from the tracker to the engine and back to messages."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_last_message, picks_check, say_follow_up
from actions.shared import (
    SYMPTOM_CHECK,
    check_events,
    check_status,
    earlier_findings,
    entity,
    findings_of,
    say_turn,
    tells_of_symptom,
)
from family_guide.content import shared_follow_ups, shared_symptom_check
from family_guide.nlu.labels import CLARIFY
from family_guide.nlu.parts import STORY, asks
from family_guide.symptom_check import Turn
from family_guide.symptoms import Finding

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
_WHY = "why_ask"
_QUESTIONS = {"faq", "chat", "ask_topic", "questions", "more"}
"""Intents of a message that may be something else than a reply to the check."""
_NO_QUESTIONS = {"chat/nonsense", "chat/off_topic"}
"""Leaves of those that are no question which could be answered: a reply that missed."""
_ASKS_CAUSE = "chat/ask_diagnosis"
"""Leaf of a message that asks whether it is cancer."""
_OTHER_DISEASE = "chat/other_disease"
"""Leaf of a message that names another illness, or a word that looks like one."""
_ANSWERED_TOO = {"faq", "ask_topic", "questions", "more"}
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
            if intent == _WHY or _asks_back(tracker):
                # No question of a check is meant: "why is it needed?", "and when?"
                say_follow_up(dispatcher, tracker)
            else:
                # There is nothing to stop, skip or go back to.
                dispatcher.utter_message(response="utter_ask_what")
            return []
        turn = _turn(tracker, state, intent)
        if not turn.handled:
            turn = _answer_something_else(dispatcher, tracker, turn)
        elif turn.asks_too and intent in _ANSWERED_TOO:
            answer_last_message(dispatcher, tracker)
        say_turn(dispatcher, turn)
        return check_events(turn.state)


def _asks_back(tracker: Tracker) -> bool:
    """Return whether the last message asks something about the turn before it."""
    text, follow_ups = str(tracker.latest_message.get("text") or ""), shared_follow_ups()
    return follow_ups.leans(text) and follow_ups.kind(text) is not None


def start_check(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Start a check that was offered and is wanted, and return the events that keep it."""
    turn = shared_symptom_check().start([*earlier_findings(tracker), *findings_of(tracker)])
    say_turn(dispatcher, turn)
    return check_events(turn.state)


class ActionSmallTalk(Action):
    """Answers small talk and what is not understood; begins the check for a family that tells of a symptom in it."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_small_talk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the answer, or the first question of the check."""
        leaf = _leaf(tracker)
        findings = findings_of(tracker)
        begins = tells_of_symptom(findings) and not _came_to_ask(tracker, findings)
        if not begins or (leaf and leaf not in {_ASKS_CAUSE, *_NO_QUESTIONS}):
            # Fear and a greeting are met before the check begins.
            answer_last_message(dispatcher, tracker)
        if not begins:
            return []
        turn = shared_symptom_check().start(findings, asked_cause=leaf == _ASKS_CAUSE)
        say_turn(dispatcher, turn)
        return check_events(turn.state)


def _asks_cause(tracker: Tracker) -> bool:
    """Return whether a message asks what the cause is, or comes near to it."""
    nearest = [entry["name"] for entry in (tracker.latest_message.get("intent_ranking") or [])[:2]]
    in_doubt = tracker.latest_message["intent"]["name"] == CLARIFY
    return _leaf(tracker) == _ASKS_CAUSE or (in_doubt and _ASKS_CAUSE in nearest)


def _came_to_ask(tracker: Tracker, findings: Sequence[Finding]) -> bool:
    """Return whether a family came with a question, not surely understood, rather than with a symptom.

    So do those whose doctors have found the tumor, and who asks in a long story. What they may mean is offered, and the
    check beside it.
    """
    in_doubt = tracker.latest_message["intent"]["name"] == CLARIFY
    if any(found.name in ("earlier_asps", "under_care") and found.status == "present" for found in findings):
        return in_doubt or _leaf(tracker) == _ASKS_CAUSE
    text = str(tracker.latest_message.get("text") or "")
    return in_doubt and len(text.split()) >= STORY and asks(text)


def _answer_something_else(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> Turn:
    """Answer what was no reply to the check; return the turn that goes back to an open question."""
    engine = shared_symptom_check()
    if turn.state["status"] != "active":
        if picks_check(tracker):
            return (
                engine.reply(turn.state, "", command="resume") if check_status(tracker) == "paused" else engine.start()
            )
        answer_last_message(dispatcher, tracker)
        return turn
    if _asks_cause(tracker):
        return engine.again(turn.state, asked_cause=True)
    answer_last_message(dispatcher, tracker)
    return engine.again(turn.state)


def _turn(tracker: Tracker, state: dict[str, Any] | None, intent: str) -> Turn:
    engine = shared_symptom_check()
    findings = findings_of(tracker)
    pressed = entity(tracker, "choice")
    status = check_status(tracker)
    if pressed is None and intent == "check_symptoms":
        about_someone = any(finding.kind == "person" for finding in findings)
        if status == "paused" and not findings:
            return engine.reply(state, "", command="resume")
        if status in ("", "stopped") or (status == "done" and (about_someone or not findings)):
            # What was said just before the check began is not asked again.
            return engine.start(findings if state else [*earlier_findings(tracker), *findings])
    choice, command = _button(pressed)
    text = "" if pressed else tracker.latest_message.get("text") or ""
    turn = engine.reply(
        state, text, choice=choice, command=command, findings=findings, can_be_question=_asks(tracker, intent, text)
    )
    if turn.kind == "missed" and intent == "check_symptoms" and not findings:
        # "Check symptoms", said once more.
        return engine.again(state)
    if turn.kind in ("missed", "not_an_answer") and intent in _COMMANDS:
        # Words that the check's own rules do not know, but the classifier does.
        return engine.reply(state, text, command=_COMMANDS[intent], findings=findings)
    return turn


def _asks(tracker: Tracker, intent: str, text: str) -> bool:
    """Return whether a message may be something else than a reply to the check."""
    if intent in ("clarify", "more"):
        # In doubt between topics: only what looks like a question is one, or leans on the answer before.
        leans = intent == "more" and shared_follow_ups().kind(text) is not None
        return leans or shared_symptom_check().looks_like_question(text)
    if _leaf(tracker) == _OTHER_DISEASE:
        return shared_symptom_check().looks_like_question(text)
    return intent in _QUESTIONS and _leaf(tracker) not in _NO_QUESTIONS


def _leaf(tracker: Tracker) -> str:
    return str(tracker.latest_message["intent"].get("full_retrieval_intent_name") or "")


def _button(pressed: str | None) -> tuple[str | None, str | None]:
    """Return the choice (`question:option`) and the command of a button's payload id."""
    if pressed is None:
        return None, None
    words = pressed.removeprefix(_BUTTON)
    is_choice = ":" in words and not words.startswith("change:")
    return (words, None) if is_choice else (None, words)
