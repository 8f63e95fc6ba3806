"""Curated answers, said from within an action."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import entity
from family_guide.channels.payload import parse_payload, payload
from family_guide.content import shared_answers, shared_follow_ups
from family_guide.nlu.labels import CLARIFY, DIAGNOSIS_LABEL, FAQ, LEANING, MORE, QUESTIONS, UNKNOWN
from family_guide.nlu.offers import CHECK_SYMPTOMS, offered, offered_beside_refusal

AFFIRM = "affirm"
_NONE_OF_THESE = "none"


def topic_button(topic: str) -> dict[str, str] | None:
    """Return a button for a topic such as `faq/can_it_spread`, or for the symptom check; None without a title."""
    if topic == CHECK_SYMPTOMS:
        return {"title": "Check symptoms", "payload": payload(CHECK_SYMPTOMS)}
    title = shared_answers().title(topic)
    return {"title": title, "payload": payload("ask_topic", topic=topic.removeprefix(FAQ))} if title else None


def say_offer(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Offer the topics that are nearest to the last message, and "none of these"."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    buttons = [b for b in map(topic_button, offered(r["name"] for r in ranking)) if b]
    dispatcher.utter_message(response="utter_clarify", buttons=[*buttons, none_of_these()])


def say(dispatcher: CollectingDispatcher, tracker: Tracker, label: str) -> None:
    """Say the reply to a label such as `faq/can_it_spread` or `chat/thanks`.

    Args:
        dispatcher: takes what is said.
        tracker: the conversation; its last message has that label.
        label: of the last message.
    """
    buttons = []
    if label == DIAGNOSIS_LABEL:
        ranking = tracker.latest_message.get("intent_ranking") or []
        topics = offered_beside_refusal((r["name"], r["confidence"]) for r in ranking)
        buttons = [b for b in map(topic_button, topics) if b]
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
    """Answer each of several questions in the last message, in order."""
    for topic in tracker.latest_message.get(QUESTIONS) or []:
        dispatcher.utter_message(response=f"utter_{topic}")


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
            buttons = [*buttons, *filter(None, (topic_button(FAQ + topic) for topic in related))]
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
    if topic is not None:
        dispatcher.utter_message(response=f"utter_{FAQ}{topic}")
    elif before is not None and (kind is not None or alone is None):
        # It asks something about the last answer that no topic is known for.
        buttons = [b for b in (topic_button(FAQ + topic) for topic in before.related) if b]
        dispatcher.utter_message(response="utter_clarify", buttons=[*buttons, none_of_these()])
    elif alone == UNKNOWN:
        dispatcher.utter_message(response="utter_unknown")
    elif alone == CLARIFY:
        say_offer(dispatcher, tracker)
    elif alone is not None:
        say(dispatcher, tracker, alone)
    else:
        dispatcher.utter_message(response="utter_ask_what")


def last_topic(tracker: Tracker) -> str | None:
    """Return the topic of the last answer in the conversation, such as `faq/can_it_spread`."""
    for event in reversed(tracker.events):
        if event.get("event") == "bot":
            said = (event.get("metadata") or {}).get("utter_action") or ""
            if said.startswith("utter_" + FAQ):
                return str(said.removeprefix("utter_"))
    return None


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
    elif intent["name"] == "clarify":
        say_offer(dispatcher, tracker)
    elif intent["name"] == UNKNOWN:
        dispatcher.utter_message(response="utter_unknown")
    else:
        # "No", or a word of the check where it means nothing.
        dispatcher.utter_message(response="utter_ask_what")
