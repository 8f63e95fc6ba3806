"""Rasa component: the parts of a message that may each be a question."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.nlu.labels import MOST_PARTS, PARTS
from family_guide.nlu.spelling import KNOWN_AS

_SENTENCE_END = re.compile(r"(?<=[.?!;])\s+|\n+")
_QUESTION_WORDS = (
    "is|are|was|were|can|could|will|would|do|does|did|should|has|have|must|may|how|what|what's|whats|why|when|where|"
    "who|which|if|whether"
)
_NEXT_QUESTION = re.compile(
    rf",?\s+(?:and|or|also|plus|but|then|and also|second|secondly)\s*,?\s+(?=(?:{_QUESTION_WORDS})\b)|"
    rf",\s+(?=(?:how|what|why|when|where|who|can|is|does|will)\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"^\W*(?:(?:and|so|but|also|ok|okay|well|then|first|second|please|my question is|my question|question)\W+)*"
    rf"(?:{_QUESTION_WORDS})\b|\?|\b(?:wonder|want to know|would like to know|tell me|explain|asking|question is)\b",
    re.IGNORECASE,
)
_LEAST_WORDS = 2


def parts(text: str) -> list[str]:
    """Return the parts of a message that may each be a question; empty where it is one alone.

    Args:
        text: what the family typed.

    Returns:
        At most `MOST_PARTS` parts that ask something, in order; none when the message
        cannot be divided.
    """
    pieces = [
        piece.strip()
        for sentence in _SENTENCE_END.split(text)
        for piece in _NEXT_QUESTION.split(sentence)
        if len(piece.split()) >= _LEAST_WORDS
    ]
    if len(pieces) < 2:
        return []
    return [piece for piece in pieces if asks(piece)][-MOST_PARTS:]


def asks(text: str) -> bool:
    """Return whether a piece of a message looks like a question."""
    return _ASKS.search(text) is not None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MessageParts(GraphComponent):
    """Notes on a message its parts that may each be a question, for the classifier to look at too."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageParts:
        """Create the component for training or serving (see GraphComponent)."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: a training phrase is one question."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the parts of each message."""
        for message in messages:
            message.set(PARTS, parts(message.get(KNOWN_AS) or message.get(TEXT) or ""))
        return messages
