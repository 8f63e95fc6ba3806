"""Measures the spelling component alone: `python -m benchmarks.spelling`.

Correct words must stay: every English word of the word list, and every word of the frozen test messages
that is English. Errors must go: each word of the domain that the training phrases use often gets one typing
error of each kind (a letter left out, doubled, swapped with the next, or another from beside it on the keyboard).
"""

import random
import re
from collections import Counter
from pathlib import Path

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.understanding import configured, labelled
from family_guide.nlu.mistyping import errors
from family_guide.nlu.spelling import Spelling
from family_guide.settings import ROOT
from family_guide.words import english_words

LEAST_COUNT, SHORTEST = 5, 6
"""A domain word that counts: how often the training phrases have it, and its letters."""
_WORD = re.compile(r"[a-z]+")


def training_data() -> TrainingData:
    """Return the phrasings of all topics and intents."""
    return load_data(str(ROOT / "data" / "faq")).merge(load_data(str(ROOT / "data" / "nlu")))


def trained(data: TrainingData, folder: Path) -> Spelling:
    """Return the component as `config.yml` has it, trained.

    Args:
        data: what to learn from.
        folder: an empty folder for what it stores.
    """
    context = ExecutionContext(GraphSchema({}), node_name="spelling")
    made = Spelling.create(configured(Spelling), LocalModelStorage(folder), Resource("spelling"), context)
    made.train(data)
    return made


def measure(spelling: Spelling, data: TrainingData) -> dict[str, float]:
    """Return the figures, shares of 1.

    Args:
        spelling: the trained component.
        data: what it learned from; the words to misspell are counted in it.
    """
    english = english_words()
    listed = sorted(english)
    tested = {w for text, _ in labelled("test") for w in _WORD.findall(text.lower()) if w in english}
    counts = Counter(
        w for m in data.intent_examples if m.get(INTENT) for w in _WORD.findall((m.get(TEXT) or "").lower())
    )
    domain = sorted(w for w, n in counts.items() if n >= LEAST_COUNT and len(w) >= SHORTEST)
    chance = random.Random(7)
    tried: dict[str, list[bool]] = {}
    other = 0
    for word in domain:
        for kind, typed in errors(word, chance).items():
            if typed == word or typed in english or typed in counts:
                # Another word, or one that the phrasings write that way: no error that anybody could see.
                continue
            mended = spelling.mend(typed)
            tried.setdefault(kind, []).append(mended == word)
            other += mended not in (word, typed)
    every = [right for some in tried.values() for right in some]
    return {
        "english_words": float(len(listed)),
        "english_words_changed": sum(spelling.mend(w) != w for w in listed) / len(listed),
        "english_words_of_the_test_changed": sum(spelling.mend(w) != w for w in tested) / len(tested),
        "domain_words": float(len(domain)),
        "misspellings": float(len(every)),
        "misspellings_mended": sum(every) / len(every),
        "misspellings_made_another_word": other / len(every),
        **{f"misspellings_mended_{kind.replace(' ', '_')}": sum(some) / len(some) for kind, some in tried.items()},
    }


def run(folder: Path) -> dict[str, float]:
    """Train the component in an empty folder and measure it."""
    data = training_data()
    return measure(trained(data, folder), data)


def main() -> None:
    """Measure and print."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, value in run(Path(folder)).items():
            print(f"{name:44} {value:10.3f}")


if __name__ == "__main__":
    main()
