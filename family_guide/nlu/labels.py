"""Names that the components of the pipeline share.

A label is what one classifier tells apart: every leaf question at once
(`faq/can_it_spread`, `chat/thanks`) and every flat intent (`check_symptoms`).
"""

from collections.abc import Sequence
from typing import Any

RETRIEVAL_INTENTS = ("faq", "chat")
"""Intents whose leaves share one rule; Rasa utters the response of the leaf."""

FAQ = "faq/"
"""What the label of a question about ASPS begins with."""

MORE = "more"
"""Leans on the turn before: resolved from it."""

LEANING = "leaning"
"""Output of a message that leans: what it would be on its own."""

OTHER_LANGUAGE = "other_language"
"""In a language that is recognised, and cannot be answered in."""

CLARIFY = "clarify"
"""In doubt between known questions: offer the nearest."""

UNKNOWN = "unknown"
"""Unlike anything known: the honest fallback."""

SAFETY_INTENTS = ("emergency", "crisis")

PROBABILITIES = "family_guide_probabilities"
"""Message property: (label, probability) from the likeliest to the least, all labels."""

SAFETY_HIT = "safety"
"""Message property and output: what the safety rules or their net found, or None."""

ASKS_DIAGNOSIS = "family_guide_asks_diagnosis"
"""Message property: whether a rule or the net takes the message for asking a diagnosis."""

PARTS_ASK_DIAGNOSIS = "family_guide_parts_ask_diagnosis"
"""Message property: the same for each of its parts."""

DIAGNOSIS_LABEL = "chat/ask_diagnosis"
"""Leaf that refuses to diagnose."""

DANGERS = "family_guide_dangers"
"""Message property: what the embeddings of the message and of its parts say of the classes of the safety net, as log
probabilities, the message first."""

SENTENCE_DANGERS = "family_guide_sentence_dangers"
"""Message property: the same for each of the sentences that the safety net looks at in a long message."""

PARTS = "family_guide_parts"
"""Message property: the parts of the message that may each be a question."""

PART_PROBABILITIES = "family_guide_part_probabilities"
"""Message property: for each of those parts what PROBABILITIES is for the whole."""

MOST_PARTS = 4
"""Parts of one message that are looked at: more would cost time and answer nobody."""

QUESTIONS = "questions"
"""Several questions in one message, each answered, or one and others that are in doubt. Also the output that names
those that are answered."""

ASKED_BESIDES = "asked_besides"
"""Output beside answered questions: topics that other parts of the message may be about, to be offered."""

LANGUAGE = "language"
"""Message property and output: ISO 639-1 code of the message's language."""

RANKING_LENGTH = 5
"""How many labels are kept in the parse result, and so with the stored message."""


def ranking_output(ranked: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return what goes to the output, and is stored, of labels with their probabilities, likeliest first."""
    return [{"name": name, "confidence": p} for name, p in ranked[:RANKING_LENGTH]]


def selector_output(label: str, confidence: float) -> dict[str, Any]:
    """Return what Rasa's ResponseSelector would have put on the message for a leaf.

    Args:
        label: a leaf of a retrieval intent, such as `faq/can_it_spread`.
        confidence: probability of the leaf, 0 to 1.

    Returns:
        The value of the message property `response_selector`.
    """
    prediction = {
        "response": {
            "responses": [],
            "confidence": confidence,
            "intent_response_key": label,
            "utter_action": f"utter_{label}",
        },
        "ranking": [],
    }
    return {"all_retrieval_intents": list(RETRIEVAL_INTENTS), label.split("/", 1)[0]: prediction}


def parse_result(label: str, confidence: float, text: str = "") -> dict[str, Any]:
    """Return a complete parse result for a label that is already known, as after a button.

    Args:
        label: a leaf or a flat intent.
        confidence: 0 to 1.
        text: what the family sees as their own message.

    Returns:
        A dictionary in the form that Rasa's processor takes as `parse_data`.
    """
    intent = label.split("/", 1)[0]
    result: dict[str, Any] = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": label, "confidence": confidence}],
        "entities": [],
    }
    if intent in RETRIEVAL_INTENTS:
        result["response_selector"] = selector_output(label, confidence)
        result["intent"]["full_retrieval_intent_name"] = label
    return result
