"""Rasa component: which language a message is in."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import shared_languages
from family_guide.nlu.labels import LANGUAGE
from family_guide.words import english_words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
ENGLISH = "en"


@lru_cache(maxsize=1)
def _identifier(codes: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(codes))
    return identifier


def detect(text: str) -> str:
    """Return the language of a message, as an ISO 639-1 code.

    English unless there is good reason to think otherwise: a script of its own,
    or mostly words that are not English and a confident identifier. Only the
    languages of `content/languages.yml` are told apart.

    Args:
        text: what the family typed.
    """
    languages = shared_languages()
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return ENGLISH
    for language in languages:
        if language.script and 2 * sum(language.has(c) for c in letters) > len(letters):
            return language.code
    words = [w.lower().replace("’", "'") for w in _WORD.findall(text)]
    for language in languages:
        # Words such as "hola" settle a message of one or two words, too short for statistics.
        if words and len(words) <= 3 and words[0] in language.words:
            return language.code
    foreign = [w for w in words if w not in english_words()]
    if len(words) < 3 or 3 * len(foreign) < len(words):
        return ENGLISH
    codes = (ENGLISH, *(language.code for language in languages if not language.script))
    code, probability = _identifier(codes).classify(text.lower())
    return str(code) if probability >= _SURE else ENGLISH


_SURE = 0.95
"""Below this, English is assumed: a wrongly refused question is worse than a fallback."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Notes the language of the message, so that no English classifier answers in another."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Create the component for training or serving (see GraphComponent)."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: the training phrases are English."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the output `language`."""
        for message in messages:
            message.set(LANGUAGE, detect(message.get(TEXT) or ""), add_to_output=True)
        return messages
