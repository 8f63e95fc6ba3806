"""Curated answers, said from within an action."""

from collections.abc import Collection, Iterable, Set
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import entity, findings_of, tells_of_symptom
from family_guide.answers import Answer
from family_guide.channels.payload import parse_payload, payload
from family_guide.content import shared_answers, shared_follow_ups
from family_guide.nlu.labels import ASKED_BESIDES, CLARIFY, DIAGNOSIS_LABEL, FAQ, LEANING, MORE, QUESTIONS, UNKNOWN
from family_guide.nlu.offers import CHECK_SYMPTOMS, MOST_OFFERED, offered, offered_beside_refusal

AFFIRM = "affirm"
_NONE_OF_THESE = "none"
_MOST_WORDS_IN_VIEW = 12
"""Words above which a message stands for itself, whatever was said before."""
_SURE_IN_VIEW = 0.6
"""Least probability in view of the turn before (chosen on development messages, with `nearer`)."""


def topic_button(topic: str) -> dict[str, str] | None:
    """Return a button for a topic such as `faq/can_it_spread`, or for the symptom check; None without a title."""
    if topic == CHECK_SYMPTOMS:
        return {"title": "Check symptoms", "payload": payload(CHECK_SYMPTOMS)}
    title = shared_answers().title(topic)
    return {"title": title, "payload": payload("ask_topic", topic=topic.removeprefix(FAQ))} if title else None


def topic_buttons(topics: Iterable[str]) -> list[dict[str, str]]:
    """Return the buttons of the topics that have a title, in order (see topic_button)."""
    return [button for topic in topics if (button := topic_button(topic))]


def say_offer(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Offer the topics nearest to the last message, the check where it tells of a symptom, and "none of these"."""
    topics = offered(name for name, _ in in_view_of_turn(tracker))
    if tells_of_symptom(findings_of(tracker)) and CHECK_SYMPTOMS not in topics:
        topics.append(CHECK_SYMPTOMS)
    buttons = topic_buttons(topics)
    dispatcher.utter_message(response="utter_clarify", buttons=[*buttons, none_of_these()])


def say(dispatcher: CollectingDispatcher, tracker: Tracker, label: str, answered: Collection[str] = ()) -> None:
    """Say the reply to a label such as `faq/can_it_spread` or `chat/thanks`.

    Args:
        dispatcher: takes what is said.
        tracker: the conversation; its last message has that label.
        label: of the last message, or of a part of it.
        answered: labels whose replies stand beside this one, and need not be offered.
    """
    buttons = []
    if label == DIAGNOSIS_LABEL:
        ranking = tracker.latest_message.get("intent_ranking") or []
        topics = offered_beside_refusal((r["name"], r["confidence"]) for r in ranking)
        buttons = topic_buttons(topic for topic in topics if topic not in answered)
    dispatcher.utter_message(response=f"utter_{label}", buttons=buttons)


def topic_of(button: dict[str, str]) -> str | None:
    """Return the topic of a button, such as `faq/can_it_spread`; None where it stands for no known topic."""
    entities = parse_payload(button["payload"], button["title"])["entities"]
    topic = next((FAQ + str(entity["value"]) for entity in entities if entity["entity"] == "topic"), "")
    return topic if shared_answers().get(topic) is not None else None


def none_of_these() -> dict[str, str]:
    """Return the button for a family that was offered nothing of use."""
    return {"title": "None of these", "payload": payload("ask_topic", topic=_NONE_OF_THESE)}


def say_topic_of_button(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Say the answer to a button's topic, or ask for other words after "none of these"."""
    topic = FAQ + (entity(tracker, "topic") or _NONE_OF_THESE)
    known = shared_answers().get(topic) is not None
    dispatcher.utter_message(response=f"utter_{topic}" if known else "utter_ask_in_other_words")


def say_answers(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer the questions in the last message, in order, and offer what else it may have asked."""
    topics = tracker.latest_message.get(QUESTIONS) or []
    for topic in topics:
        say(dispatcher, tracker, topic, topics)
    buttons = topic_buttons(tracker.latest_message.get(ASKED_BESIDES) or [])
    if buttons:
        dispatcher.utter_message(response="utter_asked_besides", buttons=[*buttons, none_of_these()])


def say_beside_danger(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Offer what a message with an emergency or a crisis surely asked besides, if anything."""
    buttons = topic_buttons(tracker.latest_message.get(ASKED_BESIDES) or [])
    if buttons:
        dispatcher.utter_message(response="utter_asked_beside_danger", buttons=buttons)


def offered_before(tracker: Tracker) -> list[dict[str, str]]:
    """Return the buttons of the assistant's last turn, in order, without "none of these"."""
    turns = 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns > 1:
            break
        if event.get("event") == "bot":
            metadata = event.get("metadata") or {}
            related = metadata.get("metadata", metadata).get("related") or []
            buttons = (event.get("data") or {}).get("buttons") or []
            buttons = [*buttons, *topic_buttons(FAQ + topic for topic in related)]
            if buttons:
                return [b for b in buttons if b != none_of_these()]
    return []


def chosen_before(tracker: Tracker) -> dict[str, str] | None:
    """Return the button of the assistant's last turn that the last message picks in words, or None.

    "The second one" picks the second; "yes please" picks what was offered alone.
    """
    buttons = offered_before(tracker)
    place = shared_follow_ups().choosing.place(tracker.latest_message.get("text") or "")
    if place is None and tracker.latest_message["intent"]["name"] == AFFIRM and len(buttons) == 1:
        place = 0
    return buttons[place] if place is not None and place < len(buttons) and buttons else None


def picks_check(tracker: Tracker) -> bool:
    """Return whether the last message picks the symptom check in words, out of what was offered before it."""
    chosen = chosen_before(tracker)
    return chosen is not None and chosen["payload"] == payload(CHECK_SYMPTOMS)


def in_view_of_turn(tracker: Tracker) -> list[tuple[str, float]]:
    """Return the labels of the last message, likeliest first; right after an answer, in view of it."""
    ranked = [(r["name"], float(r["confidence"])) for r in tracker.latest_message.get("intent_ranking") or []]
    words = (tracker.latest_message.get("text") or "").split()
    topic = topic_just_answered(tracker)
    if topic is None or len(words) > _MOST_WORDS_IN_VIEW:
        return ranked
    return shared_follow_ups().in_view_of(ranked, shared_answers().near(topic))


def known_in_view(tracker: Tracker) -> str | None:
    """Return the topic that a short message right after an answer surely means in view of that answer, or None."""
    before = shared_answers().get(topic_just_answered(tracker) or "")
    if before is None:
        return None
    text, follow_ups = tracker.latest_message.get("text") or "", shared_follow_ups()
    if follow_ups.points_back(text) and follow_ups.kind(text) in before.follow_ups:
        return FAQ + before.follow_ups[follow_ups.kind(text) or ""]
    label, sure = next(iter(in_view_of_turn(tracker)), ("", 0.0))
    return label if sure >= _SURE_IN_VIEW and shared_answers().get(label) is not None else None


def say_unless_in_view(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer a message that was not understood by itself: in view of the turn before, or by asking back."""
    topic = known_in_view(tracker)
    before = shared_answers().get(topic_just_answered(tracker) or "")
    if topic is not None:
        dispatcher.utter_message(response=f"utter_{topic}")
    elif tracker.latest_message["intent"]["name"] == CLARIFY:
        say_offer(dispatcher, tracker)
    elif before is not None and shared_follow_ups().goes_on(tracker.latest_message.get("text") or ""):
        say_around(dispatcher, before, [before.topic])
    else:
        dispatcher.utter_message(response="utter_unknown")


def say_around(dispatcher: CollectingDispatcher, before: Answer, own: Iterable[str] = ()) -> None:
    """Ask back after an answer: offer the topics that are near to it.

    Args:
        dispatcher: takes what is said.
        before: the answer.
        own: topics that come first, such as `faq/diet`.
    """
    around = dict.fromkeys([*own, *(FAQ + topic for topic in before.related)])
    buttons = topic_buttons(around)[:MOST_OFFERED]
    dispatcher.utter_message(response="utter_clarify", buttons=[*buttons, none_of_these()])


def say_follow_up(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer a message that leans on the turn before, or ask back where that is not safe."""
    chosen = chosen_before(tracker)
    topic = chosen and topic_of(chosen)
    if topic is not None:
        dispatcher.utter_message(response=f"utter_{topic}")
        return
    offers = offered_before(tracker)
    if offers and tracker.latest_message["intent"]["name"] == AFFIRM:
        # Yes, but to which?
        dispatcher.utter_message(response="utter_clarify", buttons=[*offers, none_of_these()])
        return
    alone = tracker.latest_message.get(LEANING)
    before = shared_answers().get(last_topic(tracker) or "")
    kind = shared_follow_ups().kind(tracker.latest_message.get("text") or "")
    topic = before.follow_ups.get(kind or "") if before is not None else None
    in_view = known_in_view(tracker)
    near = shared_answers().near(before.topic) if before is not None else frozenset()
    if before is not None and kind is not None and in_view not in near:
        # "Who can, then?" after an answer about results is no question about embolization.
        in_view = None
    if topic is not None:
        dispatcher.utter_message(response=f"utter_{FAQ}{topic}")
    elif in_view is not None:
        dispatcher.utter_message(response=f"utter_{in_view}")
    elif before is not None and _leans_on(kind, alone, near):
        # It asks something about the last answer that no topic is surely known for.
        own = before.topic if alone == UNKNOWN else alone
        say_around(dispatcher, before, [own] if own is not None else [])
    elif alone == UNKNOWN:
        dispatcher.utter_message(response="utter_unknown")
    elif alone == CLARIFY:
        say_offer(dispatcher, tracker)
    elif alone is not None:
        say(dispatcher, tracker, alone)
    else:
        dispatcher.utter_message(response="utter_ask_what")


def _leans_on(kind: str | None, alone: str | None, near: Set[str]) -> bool:
    """Return whether a message that leans asks about the last answer, rather than what it would ask on its own.

    Args:
        kind: what the message asks for, such as `why`, if that is known.
        alone: its label as if nothing had been said before; None where it is none.
        near: topics that are near to the last answer.
    """
    if alone is not None and alone.startswith(FAQ):
        return kind is not None and alone not in near
    return kind is not None or alone in (None, UNKNOWN)


def topic_just_answered(tracker: Tracker) -> str | None:
    """Return the last topic that was answered in the turn right before the last message, such as `faq/how_common`."""
    turns = 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns > 1:
            break
        topic = _topic_said(event)
        if turns and topic is not None:
            return topic
    return None


def last_topic(tracker: Tracker) -> str | None:
    """Return the topic of the last answer in the conversation, such as `faq/can_it_spread`."""
    return next(filter(None, map(_topic_said, reversed(tracker.events))), None)


def _topic_said(event: dict[str, Any]) -> str | None:
    """Return the topic that an event of the assistant answers; None for any other event."""
    said = str((event.get("metadata") or {}).get("utter_action") or "") if event.get("event") == "bot" else ""
    return said.removeprefix("utter_") if said.startswith("utter_" + FAQ) else None


def answer_last_message(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer the last message as it would be answered outside a symptom check."""
    intent = tracker.latest_message["intent"]
    leaf = intent.get("full_retrieval_intent_name")
    if leaf:
        say(dispatcher, tracker, leaf)
    elif intent["name"] == QUESTIONS:
        say_answers(dispatcher, tracker)
    elif intent["name"] in (MORE, AFFIRM, "dont_know"):
        say_follow_up(dispatcher, tracker)
    elif intent["name"] == "ask_topic":
        say_topic_of_button(dispatcher, tracker)
    elif intent["name"] in (CLARIFY, UNKNOWN):
        say_unless_in_view(dispatcher, tracker)
    else:
        # "No", or a word of the check where it means nothing.
        dispatcher.utter_message(response="utter_ask_what")
