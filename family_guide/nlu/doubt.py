"""Rasa component: answer, ask back, or say that it is not known. Last in the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from family_guide.content import shared_answers, shared_follow_ups
from family_guide.nlu.labels import (
    ASKED_BESIDES,
    ASKS_DIAGNOSIS,
    CLARIFY,
    DIAGNOSIS_LABEL,
    FAQ,
    LANGUAGE,
    LEANING,
    MORE,
    OTHER_LANGUAGE,
    PART_PROBABILITIES,
    PARTS,
    PARTS_ASK_DIAGNOSIS,
    PROBABILITIES,
    QUESTIONS,
    RETRIEVAL_INTENTS,
    SAFETY_HIT,
    SAFETY_INTENTS,
    UNKNOWN,
    ranking_output,
    selector_output,
)
from family_guide.nlu.language import ENGLISH
from family_guide.nlu.offers import NOT_BESIDE_REFUSAL, asked_beside_danger, asked_besides, offered
from family_guide.nlu.parts import asks

_CHAT = "chat/"
Ranking = Sequence[tuple[str, float]]
"""Labels with their probabilities, likeliest first."""


def decide(ranked: Ranking, config: Mapping[str, Any]) -> tuple[str, float]:
    """Return what one question is, and how sure that is.

    Args:
        ranked: all labels.
        config: the component's configuration (see DoubtGate).

    Returns:
        A label of `ranked`, or `clarify`, `unknown`; and a probability.
    """
    if not ranked:
        return UNKNOWN, 0.0
    by_label = dict(ranked)
    # The second net under the rules: rather once too often than once too seldom.
    for intent in SAFETY_INTENTS:
        if by_label.get(intent, 0.0) >= config[intent]:
            return intent, by_label[intent]
    for label in config["refusals"]:
        if by_label.get(label, 0.0) >= config["refuse"]:
            return label, by_label[label]
    label, best = ranked[0]
    if label not in SAFETY_INTENTS and best >= _needed(label, config):
        return label, best
    strange = sum(by_label.get(name, 0.0) for name in config["unknown_labels"])
    offers = sum(by_label[name] for name in offered(name for name, _ in ranked))
    if strange >= config["unknown"] or offers < config["known"]:
        return UNKNOWN, max(strange, 1.0 - offers)
    return CLARIFY, offers


def _needed(label: str, config: Mapping[str, Any]) -> float:
    """Return the least probability at which a label is taken for the answer."""
    if not label.startswith(FAQ):
        return float(config["talk"])
    answer = shared_answers().get(label)
    return float(config["answer"] if answer is None or answer.covered else config["not_covered"])


def questions_in(parts: Sequence[Ranking], config: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the questions about ASPS that the parts of a message surely ask, in order, each once.

    Beside a part that is sure another needs less: the message is known to be about ASPS, and a question that gets
    no word is worse than one answer too many.
    """
    likeliest = [ranked[0] for ranked in parts if ranked[0][0].startswith(FAQ)]
    if all(confidence < config["part"] for _, confidence in likeliest):
        return []
    found: dict[str, float] = {}
    for label, confidence in likeliest:
        if confidence >= config["part_beside"]:
            found.setdefault(label, confidence)
    return list(found.items())


def in_context(parts: Sequence[Ranking], texts: Sequence[str], config: Mapping[str, Any]) -> list[Ranking]:
    """Return the labels of each part, where one that leans on the part before is what that one is followed up by.

    Of "what is rotationplasty and who does it" the second part alone could be about anything.

    Args:
        parts: labels of each part that may be a question.
        texts: the parts.
        config: the component's configuration (see DoubtGate).
    """
    follow_ups, answers = shared_follow_ups(), shared_answers()
    known: list[Ranking] = []
    before = None
    for ranked, text in zip(parts, texts, strict=False):
        leans = follow_ups.leans(text)
        if before is not None and (leans or (ranked[0][1] < config["part"] and follow_ups.points_back(text))):
            topic = before.follow_ups.get(follow_ups.kind(text) or "")
            if topic is not None:
                ranked = [(FAQ + topic, 1.0)]
            elif leans:
                ranked = follow_ups.in_view_of(ranked, answers.near(before.topic))
        known.append(ranked)
        label, confidence = ranked[0]
        if confidence >= config["part"]:
            before = answers.get(label)
    return known


def _likeliest_question(ranked: Ranking) -> float:
    """Return the probability of the likeliest question about ASPS."""
    return max((p for label, p in ranked if label.startswith(FAQ)), default=0.0)


def refused_and_asked(parts: Sequence[Ranking], refused: Sequence[bool], config: Mapping[str, Any]) -> list[str]:
    """Return what a message asks that wants a diagnosis and something else too; empty where it is not surely both.

    Args:
        parts: labels of each part that may be a question.
        refused: of each part, whether it asks for a diagnosis.
        config: the component's configuration (see DoubtGate).

    Returns:
        Questions about ASPS, and the label of the refusal in the place of what is refused, in order, each once.
    """
    found: dict[str, None] = {}
    for ranked, refuses in zip(parts, refused, strict=False):
        label, confidence = ranked[0]
        if refuses:
            found.setdefault(DIAGNOSIS_LABEL)
        elif label.startswith(FAQ) and label not in NOT_BESIDE_REFUSAL and confidence >= config["part"]:
            found.setdefault(label)
    several = list(found)[: config["most_questions"]]
    return several if DIAGNOSIS_LABEL in several and len(several) > 1 else []


def decide_message(
    ranked: Ranking, parts: Sequence[Ranking], words: int, config: Mapping[str, Any]
) -> tuple[str, float, list[str]]:
    """Return what a message is: one question, several, or none that is known.

    Args:
        ranked: labels of the whole message.
        parts: labels of each part that may be a question.
        words: how many words the message has.
        config: the component's configuration (see DoubtGate).

    Returns:
        Label, probability, and the questions where they are several.
    """
    label, confidence = decide(ranked, config)
    asked = questions_in(parts, config)
    if label in SAFETY_INTENTS or label in config["refusals"]:
        return label, confidence, []
    if len(asked) > 1:
        return QUESTIONS, min(p for _, p in asked), [name for name, _ in asked[: config["most_questions"]]]
    if len(asked) == 1:
        name, sure = asked[0]
        # In a long story the whole is about many things; the one question in it is what counts. In a short
        # message a part settles doubt, but between what the whole may mean: alone it has lost the rest. And what
        # is unlike anything known is not answered because half of it resembles something.
        near = offered(name for name, _ in ranked)
        if words >= config["long"] or (label == CLARIFY and name in near):
            return name, sure, []
    return label, confidence, []


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DoubtGate(GraphComponent):
    """Sets the intent from the classifier's ranking, the safety rules and the language.

    Configuration, all probabilities chosen on the validation questions
    (docs/decisions/0003-doubt.md): `answer`, the least for an answer with facts
    about ASPS; `not_covered`, for a reply that the page does not answer it; `talk`,
    for anything else, and `surely_talk`, from which small talk that asks nothing has nothing to
    do with the turn before; `emergency` and `crisis`, for those; `unknown`, the share of
    `unknown_labels` from which a doubtful message is unlike anything known; `known`,
    the share of what would be offered below which it is;
    `part`, the least for a part of a message to count as a question, and
    `part_beside`, the least for another beside it; `long`, the number of words of a
    story; `most_questions`, how many are answered at once;
    `refusals`, labels that win over any question in the same message, and `refuse`,
    the least for those: a refusal too many costs less than a fact in place of one.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            "answer": 0.65,
            "not_covered": 0.65,
            "talk": 0.5,
            "surely_talk": 0.9,
            "emergency": 0.995,
            "crisis": 0.995,
            "unknown": 0.3,
            "known": 0.2,
            "part": 0.7,
            "part_beside": 0.6,
            "long": 30,
            "most_questions": 3,
            "unknown_labels": ["chat/off_topic", "chat/other_disease", "chat/nonsense"],
            "refusals": ["chat/ask_diagnosis"],
            "refuse": 0.25,
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
        self._follow_ups = shared_follow_ups()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent`, and for an answer what Rasa's own ResponseSelector would have set.

        A message that leans on the turn before becomes `more`; what it would be on its
        own goes to the output `leaning`, for the action that knows the turn before.
        """
        for message in messages:
            text = message.get(TEXT) or ""
            label, confidence, asked, besides = self._decide(message, text)
            if label in SAFETY_INTENTS:
                message.set(ASKED_BESIDES, besides, add_to_output=True)
            elif self._follow_ups.choosing.place(text) is not None:
                label = MORE
            elif self._may_lean(label, confidence, text) and self._follow_ups.leans(text):
                message.set(LEANING, label, add_to_output=True)
                label = MORE
            elif besides:
                message.set(ASKED_BESIDES, besides, add_to_output=True)
                asked, label = asked or [label], QUESTIONS
            message.set(QUESTIONS, asked, add_to_output=True)
            intent = label.split("/", 1)[0]
            message.set("intent", {"name": intent, "confidence": confidence}, add_to_output=True)
            if intent in RETRIEVAL_INTENTS:
                message.set("response_selector", selector_output(label, confidence), add_to_output=True)
        return messages

    def _may_lean(self, label: str, confidence: float, text: str) -> bool:
        """Return whether a message may be about the turn before, whatever it would be on its own.

        "What if that doesn't work" is a question about a treatment rather than a complaint about the assistant.
        """
        if label.startswith(FAQ) or label in (CLARIFY, UNKNOWN):
            return True
        if not label.startswith(_CHAT) or label in self._config["refusals"] or self._follow_ups.kind(text) is None:
            return False
        return confidence < self._config["surely_talk"] or asks(text)

    def _decide(self, message: Message, text: str) -> tuple[str, float, list[str], list[str]]:
        """Return what decide_message returns, and the topics to offer beside an answer or below a safety message."""
        safety = message.get(SAFETY_HIT)
        ranked = message.get(PROBABILITIES) or []
        parts = in_context(message.get(PART_PROBABILITIES) or [], message.get(PARTS) or [], self._config)
        if safety:
            return safety["kind"], 1.0, [], asked_beside_danger(ranked, parts, told_plainly=bool(safety["sign"]))
        words = len(text.split())
        nearest = max(parts, key=_likeliest_question) if parts and words >= self._config["long"] else None
        if message.get(ASKS_DIAGNOSIS):
            if nearest is not None:
                message.set("intent_ranking", ranking_output(nearest), add_to_output=True)
            # A refusal offers topics of its own.
            several = refused_and_asked(parts, message.get(PARTS_ASK_DIAGNOSIS) or [], self._config)
            return (QUESTIONS, 1.0, several, []) if several else (DIAGNOSIS_LABEL, 1.0, [], [])
        if (message.get(LANGUAGE) or ENGLISH) != ENGLISH:
            return OTHER_LANGUAGE, 1.0, [], []
        label, confidence, asked = decide_message(ranked, parts, words, self._config)
        if label in (CLARIFY, UNKNOWN) and nearest is not None:
            # What a whole story is near to says little: what it asks for is offered.
            label, confidence = decide(nearest, self._config)
            if label.startswith(FAQ):
                # Of a part less is known than of a message: it was not sure enough above.
                label = CLARIFY
            message.set("intent_ranking", ranking_output(nearest), add_to_output=True)
        if label in SAFETY_INTENTS:
            return label, confidence, [], asked_beside_danger(ranked, parts, told_plainly=False)
        answered = asked or [label]
        besides = asked_besides(parts, answered) if all(one.startswith(FAQ) for one in answered) else []
        return label, confidence, asked, besides
