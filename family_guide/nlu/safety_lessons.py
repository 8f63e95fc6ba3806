"""What the safety net learns from: the training phrases, and content/safety_examples.yml."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import shared_safety_examples
from family_guide.nlu.labels import DIAGNOSIS_LABEL, SAFETY_INTENTS
from family_guide.safety.net import DIAGNOSIS, NEITHER, sentences

_HEAVY = 2.0
"""How much a sentence of safety_examples.yml, or one that asks for a diagnosis, counts beside a training phrase."""
_COMPOUNDS = {"emergency": 1000, "crisis": 1000, NEITHER: 2000}
"""How many sentences of each kind are learned beside a question too."""
_JOINTS = (" ", " also ", "? ", ". ", " and ", ", ", "? also ")
_SHORT = 16
"""Words below which a phrase is one question."""


@dataclass
class Lessons:
    """Sentences and what they are, one entry each; the training phrases come first.

    Attributes:
        texts: as a family types them.
        kinds: one of the net's CLASSES.
        weights: how much it counts.
        phrases: how many of them are training phrases.
    """

    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    phrases: int = 0

    @property
    def complete(self) -> bool:
        """Whether the assistant has a reply to whatever the net finds: intents for each kind."""
        return {*SAFETY_INTENTS, DIAGNOSIS} <= set(self.kinds[: self.phrases])

    def _add(self, text: str, kind: str, weight: float) -> None:
        self.texts.append(text)
        self.kinds.append(kind)
        self.weights.append(weight)


def lessons(training_data: TrainingData) -> Lessons:
    """Return all training phrases and the examples of content/safety_examples.yml.

    Args:
        training_data: Rasa's. Phrases without a label are left out.
    """
    found = Lessons()
    for message in training_data.intent_examples:
        text, label = message.get(TEXT), message.get(INTENT_RESPONSE_KEY) or message.get(INTENT)
        if not text or not label:
            continue
        if label == DIAGNOSIS_LABEL:
            found._add(text, DIAGNOSIS, _HEAVY)
        else:
            found._add(text, label if label in SAFETY_INTENTS else NEITHER, 1.0)
    found.phrases = len(found.texts)
    for kind, examples in shared_safety_examples().items():
        for example in examples:
            found._add(example, kind, _HEAVY)
            if kind == NEITHER:
                # Where a whole story is harmless, so is each sentence.
                for sentence in sentences(example):
                    found._add(sentence, kind, 1.0)
    return found


def with_compounds(taught: Lessons) -> Lessons:
    """Return the sentences, and some of them again with a question before or after them.

    "Can it spread also she can't breathe" is an emergency, whatever else it is; sentences alone do not teach that.

    Args:
        taught: with at least one short phrase, and one of each kind that is joined.
    """
    chance = random.Random(3)
    more = Lessons(list(taught.texts), list(taught.kinds), list(taught.weights), taught.phrases)
    pairs = list(zip(taught.texts, taught.kinds, strict=True))
    questions = [t for t, kind in pairs[: taught.phrases] if kind == NEITHER and len(t.split()) < _SHORT]
    for kind, number in _COMPOUNDS.items():
        for sentence in chance.choices([text for text, its in pairs if its == kind], k=number):
            parts = [chance.choice(questions).rstrip("?.! "), sentence.rstrip(".! ")]
            chance.shuffle(parts)
            more._add(chance.choice(_JOINTS).join(parts), kind, 1.0)
    return more
