"""What each step of understanding brings, on CLINC150's validation part alone.

    python -m benchmarks.clinc150.steps [--data FOLDER] [--out FILE]

The test part is never opened. Accuracy: of the 3,000 in-scope queries, without a threshold. Recall: of the 100
out-of-scope queries, at the threshold that costs one point of that accuracy (100 queries: good to about 5 points).
AUROC: of strangeness, out of scope against in scope.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import log_softmax, logsumexp
from sklearn.metrics import roc_auc_score

from benchmarks.spelling import trained
from benchmarks.understanding import configured
from family_guide.nlu.calibration import Calibration
from family_guide.nlu.classifier import QuestionClassifier
from family_guide.nlu.fine_tuning import FineTuner, TuningPlan
from family_guide.nlu.linear import fit_linear
from family_guide.nlu.mistyping import mistyped
from family_guide.nlu.sentence_encoder import SentenceEncoder
from family_guide.nlu.weights import Original, packaged_folder
from family_guide.nlu.wording import Wording
from family_guide.settings import ROOT

Floats = npt.NDArray[np.floating[Any]]
OUT_OF_SCOPE = "oos"
COST = 0.01
STEPS = 100
"""Of the solver, where nothing else is said."""


@dataclass(frozen=True)
class Part:
    """Queries with the numbers of their labels."""

    texts: list[str]
    wanted: npt.NDArray[np.int_]


class Task:
    """CLINC150's training and validation parts, and how a row of scores fares on the latter."""

    def __init__(self, data: Path) -> None:
        parts = json.loads((data / "data_full.json").read_text("utf-8"))
        learned = parts["train"] + parts["oos_train"]
        self.labels = sorted({label for _, label in learned})
        number = {label: i for i, label in enumerate(self.labels)}
        self.training, self.validation = (
            Part([text for text, _ in some], np.array([number[label] for _, label in some]))
            for some in (learned, parts["val"] + parts["oos_val"])
        )
        self.unknown = number[OUT_OF_SCOPE]
        self.known = np.setdiff1d(np.arange(len(self.labels)), [self.unknown])

    def doubt(self, scores: Floats) -> Floats:
        """Return the log odds against the likeliest label in scope: strangeness as it ships."""
        return Calibration(unknown=(self.unknown,)).doubt(scores)

    def judged(self, scores: Floats, strange: Floats | None = None) -> dict[str, float]:
        """Return accuracy, recall and AUROC, in percent.

        Args:
            scores: a row per validation query, a column per label.
            strange: how strange each query is; as it ships if left out.
        """
        strange = self.doubt(scores) if strange is None else strange
        inside = self.validation.wanted != self.unknown
        right = (self.known[scores[:, self.known].argmax(axis=1)] == self.validation.wanted)[inside]
        threshold = np.sort(strange[inside][right])[::-1][int(COST * len(right))]
        return {
            "accuracy": 100 * float(right.mean()),
            "recall": 100 * float((strange[~inside] > threshold).mean()),
            "auroc": 100 * float(roc_auc_score(~inside, strange)),
        }


def plan(layers: int) -> TuningPlan:
    """Return the plan of tuning as it ships, but for the number of layers."""
    config = configured(QuestionClassifier)
    names = ("epochs", "batch", "rate", "head_rate", "smoothing", "C")
    return TuningPlan(layers=layers, **{name: config[name] for name in names})


def distances(train: Part, vectors: Floats, asked: Floats, known: npt.NDArray[np.int_]) -> dict[str, Floats]:
    """Return strangeness by distance: to the nearest phrase, and to the nearest label's mean (Mahalanobis)."""
    inside = np.isin(train.wanted, known)
    learned, wanted = vectors[inside], train.wanted[inside]
    nearest = 1 - np.concatenate([(some @ learned.T).max(axis=1) for some in np.array_split(asked, 20)])
    means = np.array([learned[wanted == label].mean(axis=0) for label in known])
    place = {label: i for i, label in enumerate(known)}
    centred = learned - means[[place[label] for label in wanted]]
    precision = np.linalg.inv(np.cov(centred.T) + 1e-4 * np.eye(centred.shape[1]))
    factor = np.linalg.cholesky(precision)
    spread, centres = asked @ factor, means @ factor
    squares = (spread**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * spread @ centres.T
    return {"distance to the nearest phrase": nearest, "Mahalanobis distance": squares.min(axis=1)}


def run(task: Task, say: Callable[[str, dict[str, float]], None]) -> None:
    """Try every step, and say how each fares.

    Args:
        task: the data.
        say: takes the name of a step and its figures.
    """
    config = configured(QuestionClassifier)
    train, asked, labels = task.training, task.validation, len(task.labels)
    everything = np.arange(len(train.texts))
    original = Original(packaged_folder(), config["weights_sha256"], config["max_tokens"])

    chance = random.Random(1)
    ids = original.ids([*train.texts, *asked.texts])
    wrong = original.ids([mistyped(text, chance) for text in train.texts])
    # The validation queries stand last, and are never learned.
    numbers = np.concatenate([train.wanted, asked.wanted])
    of_asked = np.arange(len(train.texts), len(numbers))

    def tuner(layers: int) -> FineTuner:
        """Return an encoder that has not learned yet."""
        return FineTuner(original.weights, original.config, ids, numbers, labels, plan(layers), everything, wrong)

    last = tuner(3)
    vectors, queries = last.embed(everything), last.embed(of_asked)

    for title, scale, C in (
        ("embedding as it is, logistic regression with C = 1", 1.0, 1.0),
        ("the same, features scaled by 6", 6.0, 1.0),
        ("the same, C = 20 in place of scaling", 1.0, config["C"]),
    ):
        coefficients, intercepts = fit_linear(scale * vectors, train.wanted, labels, C, STEPS)
        frozen = scale * queries @ coefficients.T + intercepts
        say(title, task.judged(frozen))
    say("strangeness: energy", task.judged(frozen, -logsumexp(frozen[:, task.known], axis=1)))
    for name, strange in distances(train, vectors, queries, task.known).items():
        say(f"strangeness: {name}", task.judged(frozen, strange))

    wording = Wording.fit(train.texts, train.wanted, labels, config["C"], config["wording_steps"])
    words = log_softmax(wording.scores(asked.texts), axis=1)
    say("words and letters alone", task.judged(words))
    share = config["wording_share"]

    def mixed(scores: Floats, of_words: Floats = words) -> Floats:
        result: Floats = (1 - share) * log_softmax(scores, axis=1) + share * of_words
        return result

    say("embedding (C = 20) and words, mixed", task.judged(mixed(frozen)))

    def learned(some: FineTuner, title: str, with_errors: float = 0.0) -> Floats:
        start = time.perf_counter()
        some.learn(everything, plan(0).epochs, mistyped=with_errors)
        coefficients, intercepts = some.head()
        scores: Floats = some.embed(of_asked) @ coefficients.T + intercepts
        say(title, {**task.judged(scores), "seconds": time.perf_counter() - start})
        return scores

    learned(tuner(1), "one layer tuned (a projection)")
    tuned = learned(tuner(3), "three layers tuned")
    say("the same, strangeness: energy", task.judged(tuned, -logsumexp(tuned[:, task.known], axis=1)))
    say("three layers tuned and words, mixed", task.judged(mixed(tuned)))
    tuned = learned(last, "three layers tuned, a third of the phrases mistyped", config["mistyped"])
    say("the same and words, mixed", task.judged(mixed(tuned)))
    encoder = SentenceEncoder(original, last.changed(), eight_bits=True)
    head, offsets = last.head()
    say("the same in eight bits: as it ships", task.judged(mixed(encoder.encode(asked.texts) @ head.T + offsets)))

    typed = [mistyped(text, chance) for text in asked.texts]
    with tempfile.TemporaryDirectory() as folder:
        pairs = zip(train.texts, train.wanted, strict=True)
        phrases = TrainingData([Message({TEXT: text, INTENT: task.labels[label]}) for text, label in pairs])
        mend = trained(phrases, Path(folder)).mend
        corrected = [mend(text) for text in typed]
    for title, texts in (("a typing error in each query", typed), ("the same, spelling mended", corrected)):
        of_words = log_softmax(wording.scores(texts), axis=1)
        say(title, task.judged(mixed(encoder.encode(texts) @ head.T + offsets, of_words)))


def main() -> None:
    """Read the command line, try the steps, and write a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/benchmarks/clinc150")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/clinc150_steps.json")
    arguments = parser.parse_args()
    found: dict[str, dict[str, float]] = {}

    def say(title: str, figures: dict[str, float]) -> None:
        found[title] = {name: round(value, 2) for name, value in figures.items()}
        cells = (
            f"{figures[name]:.1f}" if name in figures else "" for name in ("accuracy", "recall", "auroc", "seconds")
        )
        print(f"| {title} | {' | '.join(cells)} |", flush=True)

    print("| step | accuracy | recall at one point | AUROC | seconds |\n|---|---|---|---|---|")
    run(Task(arguments.data), say)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
