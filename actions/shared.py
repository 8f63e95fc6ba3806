"""What the actions have in common."""

from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from family_guide.channels.payload import payload
from family_guide.content import shared_extractor, shared_safety_rules, shared_symptom_check
from family_guide.symptom_check import Turn
from family_guide.symptoms import Finding

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
    # A check that is paused or done still hears every message first: "go on", "wait, it does hurt".
    return [SlotSet(SYMPTOM_CHECK, state), SlotSet(CHECK_ACTIVE, state.get("status") != "stopped")]


def check_status(tracker: Tracker) -> str:
    """Return whether a check is `active`, `paused`, `stopped` or `done`; an empty string when there is none."""
    state = tracker.get_slot(SYMPTOM_CHECK)
    return str(state.get("status", "")) if isinstance(state, dict) else ""


def findings_of(tracker: Tracker) -> list[Finding]:
    """Return what the symptom rules found in the last message."""
    return _findings(tracker.latest_message)


def earlier_findings(tracker: Tracker) -> list[Finding]:
    """Return what the symptom rules found in the message before the last one."""
    said = [event for event in tracker.events if event.get("event") == "user"]
    return _findings({"text": said[-2].get("text"), **(said[-2].get("parse_data") or {})}) if len(said) > 1 else []


def _findings(message: dict[str, Any]) -> list[Finding]:
    found = [Finding.from_dict(entity["finding"]) for entity in message.get("entities") or [] if "finding" in entity]
    red_flags = shared_symptom_check().protocol.red_flag_symptoms
    flags = [one for one in found if one.name in red_flags and one.kind == "symptom" and one.status == "present"]
    # "He had a seizure last year" is no warning sign of today, where the safety rules read it so. Of several, one may
    # be: they stay.
    if len(flags) == 1 and shared_safety_rules().look(message.get("text") or "").excused:
        found.remove(flags[0])
    return found


def tells_of_symptom(findings: Sequence[Finding]) -> bool:
    """Return whether a message tells that somebody has a symptom: "there is a lump on my son's neck".

    Args:
        findings: what the symptom rules found in it. Visits to doctors, and what they found, are no symptoms.
    """
    visits = shared_extractor().visits
    has_symptom = any(f.kind == "symptom" and f.status == "present" and f.name not in visits for f in findings)
    return has_symptom and any(found.kind in ("person", "body_part") for found in findings)


def go_on_with_check(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Return to the open question of a check that is on, after something else was said."""
    if check_status(tracker) != "active":
        return []
    turn = shared_symptom_check().again(tracker.get_slot(SYMPTOM_CHECK))
    say_turn(dispatcher, turn)
    return check_events(turn.state)
