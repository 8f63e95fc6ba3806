"""Rasa component: words that are no words, spelled as the training phrases spell them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from symspellpy import SymSpell, Verbosity

from family_guide.words import english_words

KNOWN_AS = "family_guide_spelled"
"""Message property: the text with its spelling mended. TEXT itself keeps what was typed."""

_WORD = re.compile(r"[A-Za-z']+")
_VOCABULARY = "vocabulary.txt"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class Spelling(GraphComponent):
    """Replaces an unknown word by the nearest word of the training phrases.

    A word that English or the training phrases know is never changed. It is a
    featurizer for Rasa because only those hand on in training what they made.

    Configuration: `least_count`, how often a word must stand in the training
    phrases to be offered as a correction; `shortest`, the length below which a
    word is left alone; `protected`, words that look like errors and are none.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {"least_count": 3, "shortest": 4, "protected": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Spelling:
        """Create an untrained component (see GraphComponent)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Spelling:
        """Load the vocabulary that training stored."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            lines = (folder / _VOCABULARY).read_text("utf-8").splitlines()
        component._learn({word: int(count) for word, count in (line.split() for line in lines)})
        return component

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage, self._resource = model_storage, resource
        self._learn({})

    def _learn(self, counts: dict[str, int]) -> None:
        self._counts = counts
        self._left_alone = english_words() | counts.keys() | {w.lower() for w in self._config["protected"]}
        self._index = SymSpell(max_dictionary_edit_distance=2)
        for word, count in counts.items():
            if count >= self._config["least_count"] and len(word) >= self._config["shortest"]:
                self._index.create_dictionary_entry(word, count)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the training phrases and store them."""
        texts = (m.get(TEXT) or "" for m in training_data.intent_examples if m.get(INTENT))
        counts = Counter(word.lower() for text in texts for word in _WORD.findall(text))
        # A word seen once that English does not know is more likely an error that
        # stands in a phrase on purpose than a word.
        known = english_words()
        self._learn({w: c for w, c in counts.items() if w in known or c >= self._config["least_count"]})
        with self._storage.write_to(self._resource) as folder:
            lines = (f"{word} {count}" for word, count in sorted(self._counts.items()))
            (folder / _VOCABULARY).write_text("\n".join(lines), "utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Mend the training phrases, so that they look like the messages will."""
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the mended text beside the text, which stays as it was typed."""
        for message in messages:
            message.set(KNOWN_AS, self.mend(message.get(TEXT) or ""))
        return messages

    def mend(self, text: str) -> str:
        """Return the text with each unknown word replaced by the nearest known one, if one is near."""
        return _WORD.sub(lambda match: self._mend_word(match.group()), text)

    def _mend_word(self, word: str) -> str:
        lower = word.lower()
        if len(lower) < self._config["shortest"] or lower.replace("'", "") in self._left_alone:
            return word
        # "What'll" and "mother's" are words where "what" and "mother" are.
        if lower in self._left_alone or lower.rpartition("'")[0] in self._left_alone:
            return word
        # Two errors in a short word make another word of it.
        reach = 1 if len(lower) < 7 else 2
        found = self._index.lookup(lower, Verbosity.TOP, max_edit_distance=reach)
        return found[0].term if found else word
