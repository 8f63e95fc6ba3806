"""Curated answers, said from within an action."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shared import entity
from family_guide.channels.payload import payload
from family_guide.content import shared_answers
from family_guide.nlu.offers import CHECK_SYMPTOMS, offered

FAQ = "faq/"
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
    buttons.append({"title": "None of these", "payload": payload("ask_topic", topic=_NONE_OF_THESE)})
    dispatcher.utter_message(response="utter_clarify", buttons=buttons)


def say_topic_of_button(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Say the answer to a button's topic, or ask for other words after "none of these"."""
    topic = FAQ + (entity(tracker, "topic") or _NONE_OF_THESE)
    known = shared_answers().get(topic) is not None
    dispatcher.utter_message(response=f"utter_{topic}" if known else "utter_ask_in_other_words")


def answer_last_message(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Answer the last message as it would be answered outside a symptom check."""
    intent = tracker.latest_message["intent"]
    leaf = intent.get("full_retrieval_intent_name")
    if leaf:
        dispatcher.utter_message(response=f"utter_{leaf}")
    elif intent["name"] == "ask_topic":
        say_topic_of_button(dispatcher, tracker)
    elif intent["name"] == "clarify":
        say_offer(dispatcher, tracker)
    else:
        dispatcher.utter_message(response="utter_unknown")
