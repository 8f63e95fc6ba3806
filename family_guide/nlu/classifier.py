"""Rasa component: one linear classifier over every question and every flat intent at once."""

from __future__ import annotations

import json
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
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from family_guide.nlu.embedding import SentenceEmbedding
from family_guide.nlu.labels import PROBABILITIES, RANKING_LENGTH

Floats = npt.NDArray[np.floating[Any]]
_WEIGHTS, _LABELS = "weights.npz", "labels.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class QuestionClassifier(IntentClassifier, GraphComponent):
    """Logistic regression on the sentence embedding, its confidence calibrated.

    Configuration: `C`, the inverse strength of the regularisation; `folds`, how
    many parts the training phrases are split in to fit the temperature that makes
    the probabilities mean what they say (0: no calibration).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must stand before this in the pipeline."""
        return [SentenceEmbedding]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {"C": 36.0, "folds": 4, "max_iter": 300}

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
            component._labels = json.loads((folder / _LABELS).read_text("utf-8"))
            stored = np.load(folder / _WEIGHTS, allow_pickle=False)
            component._coefficients, component._intercepts = stored["coefficients"], stored["intercepts"]
        return component

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage, self._resource = model_storage, resource
        self._labels: list[str] = []
        self._coefficients: Floats = np.zeros((0, 0))
        self._intercepts: Floats = np.zeros(0)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the classifier and its temperature, and store them."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        names = [m.get(INTENT_RESPONSE_KEY) or m.get(INTENT) for m in examples]
        self._labels = sorted(set(names))
        wanted = np.array([self._labels.index(name) for name in names])
        features = np.vstack([_features(m) for m in examples])
        temperature = self._temperature(features, wanted) if self._config["folds"] else 1.0
        model = self._fit(features, wanted)
        # The temperature divides the scores, so it goes into the weights.
        self._coefficients = (model.coef_ / temperature).astype(np.float32)
        self._intercepts = (model.intercept_ / temperature).astype(np.float32)
        with self._storage.write_to(self._resource) as folder:
            (folder / _LABELS).write_text(json.dumps(self._labels), "utf-8")
            np.savez(folder / _WEIGHTS, coefficients=self._coefficients, intercepts=self._intercepts)
        return self._resource

    def _fit(self, features: Floats, wanted: npt.NDArray[np.int_]) -> LogisticRegression:
        return LogisticRegression(C=self._config["C"], max_iter=self._config["max_iter"]).fit(features, wanted)

    def _temperature(self, features: Floats, wanted: npt.NDArray[np.int_]) -> float:
        """Return the temperature that makes the probabilities of unseen phrases fit best."""
        scores = np.zeros((len(wanted), len(self._labels)))
        for kept, left in StratifiedKFold(self._config["folds"], shuffle=True, random_state=1).split(
            features, wanted
        ):
            scores[left] = self._fit(features[kept], wanted[kept]).decision_function(features[left])

        def loss(temperature: float) -> float:
            probabilities = softmax(scores / temperature, axis=1)
            return float(-np.log(probabilities[np.arange(len(wanted)), wanted] + 1e-12).mean())

        return float(minimize_scalar(loss, bounds=(0.2, 5.0), method="bounded").x)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the ranking of labels; the intent itself is the doubt gate's to set."""
        for message in messages:
            scores = self._coefficients @ _features(message)[0] + self._intercepts
            probabilities = softmax(scores)
            ranked = [(self._labels[i], float(probabilities[i])) for i in np.argsort(-probabilities)]
            message.set(PROBABILITIES, ranked)
            message.set(
                "intent_ranking",
                [{"name": name, "confidence": p} for name, p in ranked[:RANKING_LENGTH]],
                add_to_output=True,
            )
        return messages


def _features(message: Message) -> Floats:
    _, sentence = message.get_dense_features(TEXT)
    assert sentence is not None
    features: Floats = sentence.features
    return features
