"""Tries other settings of the classifier's learning, on validation questions alone.

    python -m benchmarks.tuning [--set rate=5e-4 mistyped=0 ...] [--seed N] [--clinc150 FOLDER]

Families' phrasings and validation questions, or those of CLINC150 where its folder is given. Everything is as it
ships but for what `--set` names (QuestionClassifier's configuration). The seed is the order that the phrases come in:
two settings differ where they differ in more than one order. Test questions are never opened.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.spelling import trained, training_data
from benchmarks.understanding import configured, labelled
from family_guide.nlu.classifier import QuestionClassifier
from family_guide.nlu.labels import PROBABILITIES
from family_guide.nlu.mistyping import mistyped

Phrases = list[tuple[str, str]]


def families() -> tuple[Phrases, Phrases]:
    """Return the phrasings and the validation questions, each with its label; what is out of scope is left out."""
    messages = [m for m in training_data().intent_examples if m.get(TEXT) and m.get(INTENT)]
    learned = [(m.get(TEXT), m.get(INTENT_RESPONSE_KEY) or m.get(INTENT)) for m in messages]
    known = {label for _, label in learned}
    return learned, [(text, label) for text, label in labelled("validation") if label in known]


def clinc150(folder: Path) -> tuple[Phrases, Phrases]:
    """Return the training part and the in-scope validation part, each query with its label."""
    parts = json.loads((folder / "data_full.json").read_text("utf-8"))
    learned, asked = parts["train"] + parts["oos_train"], parts["val"]
    return [(text, label) for text, label in learned], [(text, label) for text, label in asked]


def measured(learned: Phrases, asked: Phrases, changed: dict[str, Any]) -> dict[str, float]:
    """Return how the classifier fares on questions that it did not learn.

    Args:
        learned: phrases with their labels.
        asked: questions with theirs.
        changed: settings that differ from those that ship.

    Returns:
        `accuracy` of the likeliest label, and `log_loss`: the mean of minus the logarithm of the right label's
        probability, as it is served; both again with a typing error in each question, mended as far as the spelling
        component mends it; `seconds` of training.
    """
    config = {**configured(QuestionClassifier), **changed}
    messages = [Message({TEXT: text, INTENT: label}) for text, label in learned]
    with tempfile.TemporaryDirectory() as folder:
        store, resource = LocalModelStorage(Path(folder)), Resource("classifier")
        context = ExecutionContext(GraphSchema({}), node_name="classifier")
        start = time.perf_counter()
        QuestionClassifier.create(config, store, resource, context).train(TrainingData(messages))
        seconds = time.perf_counter() - start
        served = QuestionClassifier.load(config, store, resource, context)
    with tempfile.TemporaryDirectory() as folder:
        mend = trained(TrainingData(messages), Path(folder)).mend
    chance = random.Random(5)
    wanted = [label for _, label in asked]
    accuracy, loss = judged(served, [text for text, _ in asked], wanted)
    of_typed = judged(served, [mend(mistyped(text, chance)) for text, _ in asked], wanted)
    return {
        "accuracy": accuracy,
        "log_loss": loss,
        "accuracy_mistyped": of_typed[0],
        "log_loss_mistyped": of_typed[1],
        "seconds": seconds,
    }


def judged(served: QuestionClassifier, texts: Sequence[str], wanted: Sequence[str]) -> tuple[float, float]:
    """Return accuracy and log loss (see `measured`) on texts with their labels."""
    questions = served.process([Message({TEXT: text}) for text in texts])
    ranked: list[list[tuple[str, float]]] = [question.get(PROBABILITIES) for question in questions]
    right = [labels[0][0] == label for labels, label in zip(ranked, wanted, strict=True)]
    sure = [dict(labels)[label] for labels, label in zip(ranked, wanted, strict=True)]
    return float(np.mean(right)), float(-np.log(np.maximum(sure, 1e-12)).mean())


def main() -> None:
    """Read the command line, measure, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clinc150", type=Path, metavar="FOLDER")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    shipped, changed = configured(QuestionClassifier), {}
    for setting in arguments.set:
        name, _, value = setting.partition("=")
        if name not in shipped:
            parser.error(f"--set {setting}: the classifier has no setting {name!r}.")
        changed[name] = type(shipped[name])(yaml.safe_load(value))
    learned, asked = clinc150(arguments.clinc150) if arguments.clinc150 else families()
    random.Random(arguments.seed).shuffle(learned)
    figures = measured(learned, asked, changed)
    print(
        f"{' '.join(arguments.set) or 'as it ships'}, order {arguments.seed}: "
        + ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
    )


if __name__ == "__main__":
    main()
