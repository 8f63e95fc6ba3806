"""Asking back, topics from buttons, follow-ups and other languages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import FAQ, say_offer, say_topic_of_button, topic_button
from family_guide.content import shared_answers, shared_languages


class ActionClarify(Action):
    """Offers the nearest topics, and "none of these"."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_clarify"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Offer the likeliest topics of the last message."""
        say_offer(dispatcher, tracker)
        return []


class ActionAnswerTopic(Action):
    """Answers the topic of a button."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_answer_topic"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say the answer to the topic, or ask for other words after "none of these"."""
        say_topic_of_button(dispatcher, tracker)
        return []


class ActionFollowUp(Action):
    """Resolves "yes please", "tell me more" and the like from what was offered last."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_follow_up"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Offer what is near the last topic, or ask what the family would like to know."""
        answer = shared_answers().get(last_topic(tracker) or "")
        if answer is None or not answer.related or tracker.latest_message["intent"]["name"] == "deny":
            dispatcher.utter_message(response="utter_ask_what")
            return []
        buttons = [b for b in (topic_button(FAQ + related) for related in answer.related) if b]
        dispatcher.utter_message(response="utter_clarify", buttons=buttons)
        return []


def last_topic(tracker: Tracker) -> str | None:
    """Return the topic of the last answer in the conversation, such as `faq/can_it_spread`."""
    for event in reversed(tracker.events):
        if event.get("event") == "bot":
            said = (event.get("metadata") or {}).get("utter_action") or ""
            if said.startswith("utter_" + FAQ):
                return str(said.removeprefix("utter_"))
    return None


class ActionOtherLanguage(Action):
    """Points a family who writes in another language to an interpreter."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_other_language"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say so in the language itself."""
        code = tracker.latest_message.get("language")
        for language in shared_languages():
            if language.code == code:
                dispatcher.utter_message(
                    text=language.reply, metadata={"kind": "info", "data": {"language": code}}
                )
                return []
        dispatcher.utter_message(response="utter_unknown")
        return []
