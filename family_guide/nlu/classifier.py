"""Rasa component: one classifier over every question and every flat intent at once."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import log_softmax

from family_guide.nlu.calibration import STRANGENESS, Calibration
from family_guide.nlu.fine_tuning import FineTuner, TuningPlan
from family_guide.nlu.labels import (
    DANGERS,
    PART_PROBABILITIES,
    PARTS,
    PROBABILITIES,
    SENTENCE_DANGERS,
    ranking_output,
)
from family_guide.nlu.linear import fit_linear, unseen_scores
from family_guide.nlu.mistyping import mistyped
from family_guide.nlu.safety_lessons import Lessons, lessons
from family_guide.nlu.sentence_encoder import SentenceEncoder, shared_encoder
from family_guide.nlu.spelling import KNOWN_AS
from family_guide.nlu.weights import Original, packaged_folder
from family_guide.nlu.wording import Wording
from family_guide.safety.net import SafetyEar, sentences
from family_guide.settings import settings

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int_]
_HEAD, _ENCODER, _ABOUT = "head.npz", "encoder.npz", "about.json"

_PORTIONS = 16
"""Of the sentences that the safety net hears in training."""
_TOGETHER = 8
"""Of those, how many of one length are computed at once: a third less time than one by one, and more bring nothing."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionClassifier(IntentClassifier, GraphComponent):
    """A linear classifier on a sentence embedding whose last layers learn with it.

    Reads the message's text (as spelled right, where that is known) and sets, over
    all labels, their calibrated probabilities, and how unlike anything known the
    message is. See docs/decisions/0005-classifier.md. The safety net's second
    regression, on the embedding, learns here where the training data have its intents.

    Configuration:
        weights_sha256: SHA-256 that the encoder's weights must have.
        max_tokens: where a long message is cut off.
        tuned_layers: how many of the encoder's last layers learn (0: none).
        least_examples: with fewer training phrases than this no layer learns.
        epochs, batch, rate, head_rate, smoothing: see TuningPlan; `epochs` are the
            fewest, and more are made until `seen` phrases were seen, `most_epochs` at most:
            few phrases need to be seen more often than many.
        C, max_iter: inverse strength of the regularisation of the logistic
            regression that is used, or that tuning starts from, and its most steps.
        held_out: share of the phrases kept back from tuning to calibrate on; they
            are learned from briefly afterwards.
        folds: into how many parts the phrases are split to calibrate without tuning
            (below 2: no calibration).
        wording_share: with tuning, weight of a second classifier on words and letters
            in the mean of both (0: none).
        wording_steps: most steps of the solver of that second classifier.
        mistyped: share of the phrases that tuning shows, in each epoch, with a typing
            error in place of themselves.
        eight_bits: whether a tuned encoder computes in whole numbers: faster, and
            slightly less precise.
        unknown_labels: labels whose phrases stand for what is out of scope; those
            that the training data lacks do no harm.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must stand before this in the pipeline: nothing."""
        return []

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            "weights_sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "max_tokens": 96,
            "tuned_layers": 3,
            "least_examples": 500,
            "epochs": 3,
            "seen": 15000,
            "most_epochs": 4,
            "batch": 128,
            "rate": 6e-4,
            "head_rate": 3e-3,
            "smoothing": 0.1,
            "mistyped": 0.33,
            "C": 20.0,
            "max_iter": 300,
            "held_out": 0.05,
            "folds": 4,
            "wording_share": 0.2,
            "wording_steps": 20,
            "eight_bits": True,
            "unknown_labels": [
                "oos",
                "out_of_scope",
                "chat/off_topic",
                "chat/other_disease",
                "chat/nonsense",
            ],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionClassifier:
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
    ) -> QuestionClassifier:
        """Load what training stored."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            about = json.loads((folder / _ABOUT).read_text("utf-8"))
            component._labels = about["labels"]
            component._calibration = Calibration.from_dict(about["calibration"])
            with np.load(folder / _HEAD, allow_pickle=False) as stored:
                component._coefficients, component._intercepts = stored["coefficients"], stored["intercepts"]
            if (folder / _ENCODER).is_file():
                with np.load(folder / _ENCODER, allow_pickle=False) as stored:
                    changed = dict(stored)
                component._encoder = SentenceEncoder(component._original(), changed, config["eight_bits"])
            component._wording = Wording.stored(folder)
            component._ear = SafetyEar.stored(folder)
        return component

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage, self._resource = model_storage, resource
        self._labels: list[str] = []
        self._coefficients: Floats = np.zeros((0, 0))
        self._intercepts: Floats = np.zeros(0)
        self._calibration = Calibration()
        self._encoder: SentenceEncoder | None = None
        self._wording: Wording | None = None
        self._ear: SafetyEar | None = None

    def _place(self) -> tuple[Any, str, int]:
        folder = settings().weights or packaged_folder()
        return folder, self._config["weights_sha256"], int(self._config["max_tokens"])

    def _original(self) -> Original:
        return Original(*self._place())

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the encoder's last layers, the classifier and its calibration, and store them."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        names = [m.get(INTENT_RESPONSE_KEY) or m.get(INTENT) for m in examples]
        self._labels = sorted(set(names))
        number = {name: i for i, name in enumerate(self._labels)}
        wanted = np.array([number[name] for name in names], dtype=np.int_)
        texts = [_text(m) for m in examples]
        changed: dict[str, npt.NDArray[Any]] = {}
        if self._config["tuned_layers"] and len(texts) >= self._config["least_examples"] and len(self._labels) > 1:
            taught = lessons(training_data)
            changed = self._tune(texts, wanted, taught if taught.complete else None)
        elif texts:
            self._fit(texts, wanted)
        with self._storage.write_to(self._resource) as folder:
            about = {"labels": self._labels, "calibration": self._calibration.as_dict()}
            (folder / _ABOUT).write_text(json.dumps(about), "utf-8")
            np.savez(folder / _HEAD, coefficients=self._coefficients, intercepts=self._intercepts)
            if changed:
                np.savez(folder / _ENCODER, **changed)
            if self._wording:
                self._wording.store(folder)
            if self._ear:
                self._ear.store(folder)
        return self._resource

    def _unknown(self) -> list[int]:
        return [i for i, name in enumerate(self._labels) if name in self._config["unknown_labels"]]

    def _fit(self, texts: list[str], wanted: Integers) -> None:
        """Fit the classifier on the encoder as it is."""
        self._encoder = self._wording = None
        labels, C, steps = len(self._labels), self._config["C"], self._config["max_iter"]
        features = shared_encoder(*self._place()).encode(texts)
        self._coefficients, self._intercepts = fit_linear(features, wanted, labels, C, steps)
        self._calibration = Calibration(unknown=tuple(self._unknown()))
        if labels > 1 and self._config["folds"] > 1:
            scores = unseen_scores(features, wanted, labels, C, steps, self._config["folds"])
            self._calibration = Calibration.fit(scores, wanted, self._unknown())

    def _tune(self, texts: list[str], wanted: Integers, taught: Lessons | None) -> dict[str, npt.NDArray[Any]]:
        """Fit the encoder's last layers and the classifier together; return the tensors that changed."""
        config = self._config
        plan = TuningPlan(
            layers=config["tuned_layers"],
            epochs=max(config["epochs"], min(config["most_epochs"], round(config["seen"] / len(texts)))),
            batch=config["batch"],
            rate=config["rate"],
            head_rate=config["head_rate"],
            smoothing=config["smoothing"],
            C=config["C"],
        )
        kept, left = _split(wanted, config["held_out"])
        original = self._original()
        ids = original.ids(texts)
        chance = random.Random(4)
        typed = original.ids([mistyped(text, chance) for text in texts]) if config["mistyped"] else ()
        tuner = FineTuner(original.weights, original.config, ids, wanted, len(self._labels), plan, kept, typed)
        with ThreadPoolExecutor(max_workers=1) as pool:
            # The second classifier needs one core, and nothing of the first: it is fitted beside it.
            wording = pool.submit(self._fit_wording, [texts[i] for i in kept], wanted[kept])
            tuner.learn(kept, plan.epochs, mistyped=config["mistyped"])
            self._wording = wording.result()
        self._coefficients, self._intercepts = tuner.head()
        scores = self._scores(tuner.embed(left), [texts[i] for i in left])
        self._calibration = Calibration.fit(scores, wanted[left], self._unknown())
        if len(left):
            # What calibration needed unseen is now learned too, among as many others.
            others = np.random.default_rng(2).permutation(kept)[: len(left)]
            tuner.learn(np.concatenate([left, others]), 1, share=0.3)
        self._coefficients, self._intercepts = tuner.head()
        changed = dict(tuner.changed())
        self._encoder = encoder = SentenceEncoder(original, changed, config["eight_bits"])
        if taught:
            self._ear = self._taught_ear(encoder, taught)
        return changed

    def _taught_ear(self, encoder: SentenceEncoder, taught: Lessons) -> SafetyEar:
        """Return the safety net's regression on the embedding as it is served."""
        # Phrases and safety sentences are many and alike: every sixth will do.
        rows = range(0, len(taught.texts), 6)
        # In portions, because the long ones stand together: neither thread waits long for the other.
        portions = np.array_split(np.array([taught.texts[i] for i in rows]), _PORTIONS)
        with ThreadPoolExecutor(max_workers=2) as pool:
            embeddings = np.vstack(list(pool.map(partial(encoder.encode, together=_TOGETHER), portions)))
        return SafetyEar.taught(embeddings, [taught.kinds[i] for i in rows], [taught.weights[i] for i in rows])

    def _fit_wording(self, texts: list[str], wanted: Integers) -> Wording | None:
        if not self._config["wording_share"]:
            return None
        return Wording.fit(texts, wanted, len(self._labels), self._config["C"], self._config["wording_steps"])

    def _scores(self, embeddings: Floats, texts: list[str]) -> Floats:
        """Return the score of each label, a row per text."""
        scores: Floats = embeddings @ self._coefficients.T + self._intercepts
        if self._wording is None:
            return scores
        share = self._config["wording_share"]
        wording = log_softmax(self._wording.scores(texts), axis=1)
        result: Floats = (1 - share) * log_softmax(scores, axis=1) + share * wording
        return result

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the ranking of labels and the strangeness, for the whole message and for each of its parts.

        The intent itself is the doubt gate's to set.
        """
        if not self._labels:
            return messages
        asked = [text for message in messages for text in (_text(message), *(message.get(PARTS) or ()))]
        told = [_told(message) for message in messages] if self._ear else []
        place = {text: number for number, text in enumerate(dict.fromkeys(chain(asked, *told)))}
        encoder = self._encoder or shared_encoder(*self._place())
        embeddings = encoder.encode(list(place))
        scores = self._scores(embeddings[[place[text] for text in asked]], asked)
        heard = self._ear.hear(embeddings) if self._ear else None
        rankings = iter(map(self._ranked, self._calibration.probabilities(scores)))
        strangeness = iter(self._calibration.strangeness(scores))
        for message in messages:
            ranked = next(rankings)
            message.set(PROBABILITIES, ranked)
            message.set(STRANGENESS, float(next(strangeness)), add_to_output=True)
            message.set("intent_ranking", ranking_output(ranked), add_to_output=True)
            parts = message.get(PARTS) or ()
            message.set(PART_PROBABILITIES, [(next(rankings), next(strangeness))[0] for _ in parts])
            if heard is not None:
                message.set(DANGERS, [heard[place[text]] for text in (_text(message), *parts)])
                message.set(SENTENCE_DANGERS, [heard[place[text]] for text in _told(message)])
        return messages

    def _ranked(self, probabilities: Floats) -> list[tuple[str, float]]:
        return [(self._labels[i], float(probabilities[i])) for i in np.argsort(-probabilities)]


def _text(message: Message) -> str:
    return message.get(KNOWN_AS) or message.get(TEXT) or ""


def _told(message: Message) -> list[str]:
    """Return the sentences of a long message as they were typed: the safety net mends what it needs itself."""
    return sentences(message.get(TEXT) or "")


def _split(wanted: Integers, share: float) -> tuple[Integers, Integers]:
    """Return which phrases to learn from and which to hold out.

    Of each label about the share is held out, and never so many that fewer than two are left.
    """
    random = np.random.default_rng(3)
    left: list[int] = []
    for label in np.unique(wanted):
        rows = random.permutation(np.flatnonzero(wanted == label))
        # At random up or down, so that small labels are held out from too.
        number = int(share * len(rows) + random.random())
        left.extend(rows[: max(0, min(number, len(rows) - 2))])
    held = np.array(sorted(left), dtype=np.int_)
    return np.setdiff1d(np.arange(len(wanted)), held), held
