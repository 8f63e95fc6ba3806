"""Rasa component: answer, ask back, or say that it is not known. Last in the pipeline."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from family_guide.nlu.labels import (
    CLARIFY,
    LANGUAGE,
    PROBABILITIES,
    RETRIEVAL_INTENTS,
    SAFETY_HIT,
    SAFETY_INTENTS,
    UNKNOWN,
    selector_output,
)
from family_guide.nlu.language import ENGLISH

OTHER_LANGUAGE = "other_language"
_FAQ = "faq/"


def decide(
    ranked: list[tuple[str, float]], config: dict[str, Any], safety: str | None, language: str
) -> tuple[str, float]:
    """Return what to do with a message, and how sure that is.

    Args:
        ranked: all labels with their probabilities, likeliest first.
        config: the component's configuration (see DoubtGate).
        safety: kind that the safety rules found, or None.
        language: ISO 639-1 code of the message.

    Returns:
        A label of `ranked`, or `emergency`, `crisis`, `other_language`,
        `clarify`, `unknown`; and a probability.
    """
    if safety:
        return safety, 1.0
    if language != ENGLISH:
        return OTHER_LANGUAGE, 1.0
    by_label = dict(ranked)
    # The second net under the rules: rather once too often than once too seldom.
    for intent in SAFETY_INTENTS:
        if by_label.get(intent, 0.0) >= config["safety"]:
            return intent, by_label[intent]
    if not ranked:
        return UNKNOWN, 0.0
    label, best = ranked[0]
    needed = config["answer"] if label.startswith(_FAQ) else config["talk"]
    if label not in SAFETY_INTENTS and best >= needed:
        return label, best
    strange = sum(by_label.get(name, 0.0) for name in config["unknown_labels"])
    known = sum(p for name, p in ranked if name.startswith(_FAQ))
    if strange >= config["unknown"] or known < config["known"]:
        return UNKNOWN, max(strange, 1.0 - known)
    return CLARIFY, known


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtGate(GraphComponent):
    """Sets the intent from the classifier's ranking, the safety rules and the language.

    Configuration, all probabilities chosen on the validation questions
    (docs/decisions/0003-doubt.md): `answer`, the least for an answer about ASPS;
    `talk`, the least for anything else; `safety`, the least for emergency and
    crisis; `unknown`, the share of `unknown_labels` from which a doubtful message
    is unlike anything known; `known`, the share of all answers below which it is.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            "answer": 0.6,
            "talk": 0.5,
            "safety": 0.5,
            "unknown": 0.3,
            "known": 0.3,
            "unknown_labels": ["chat/off_topic", "chat/other_disease", "chat/nonsense"],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DoubtGate:
        """Create the component (see GraphComponent)."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent`, and for an answer what Rasa's own ResponseSelector would have set."""
        for message in messages:
            safety = (message.get(SAFETY_HIT) or {}).get("kind")
            language = message.get(LANGUAGE) or ENGLISH
            ranked = message.get(PROBABILITIES) or []
            label, confidence = decide(ranked, self._config, safety, language)
            intent = label.split("/", 1)[0]
            message.set("intent", {"name": intent, "confidence": confidence}, add_to_output=True)
            if intent in RETRIEVAL_INTENTS:
                message.set("response_selector", selector_output(label, confidence), add_to_output=True)
        return messages
