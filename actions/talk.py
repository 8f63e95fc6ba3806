"""Topics from buttons, follow-ups and other languages."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import picks_check, say_answers, say_follow_up, say_topic_of_button
from actions.shared import go_on_with_check
from actions.symptom_check import start_check
from family_guide.content import shared_languages


class ActionAnswerTopic(Action):
    """Answers the topic of a button."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_answer_topic"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the answer to the topic, or ask for other words after "none of these"."""
        say_topic_of_button(dispatcher, tracker)
        return []


class ActionAnswerQuestions(Action):
    """Answers several questions in one message."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_answer_questions"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say the answers in the order of the questions."""
        say_answers(dispatcher, tracker)
        return []


class ActionFollowUp(Action):
    """Resolves "why?", "yes please", "tell me more" and the like from the turn before."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_follow_up"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Answer from what was said or offered last, or ask what the family would like to know."""
        intent = tracker.latest_message["intent"]["name"]
        if picks_check(tracker):
            return start_check(dispatcher, tracker)
        if intent == "deny":
            dispatcher.utter_message(response="utter_ask_what")
        else:
            say_follow_up(dispatcher, tracker)
        return []


class ActionOtherLanguage(Action):
    """Points a family who writes in another language to an interpreter."""

    def name(self) -> str:
        """Return the action's name in the domain."""
        return "action_other_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        """Say so in the language itself."""
        code = tracker.latest_message.get("language")
        for language in shared_languages():
            if language.code == code:
                dispatcher.utter_message(text=language.reply, metadata={"kind": "info", "data": {"language": code}})
                break
        else:
            dispatcher.utter_message(response="utter_unknown")
        return go_on_with_check(dispatcher, tracker)
