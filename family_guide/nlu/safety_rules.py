"""Rasa component: emergency, crisis and asked diagnoses, before any classifier."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import SAFETY_EXAMPLES, shared_safety_rules, shared_verdict_rules
from family_guide.nlu.labels import ASKS_DIAGNOSIS, DIAGNOSIS_LABEL, SAFETY_HIT, SAFETY_INTENTS
from family_guide.safety.net import DIAGNOSIS, NEITHER, SafetyNet, load_examples


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SafetyRulesComponent(GraphComponent):
    """Notes on the message which emergency or crisis it holds, if any, and whether it asks for a diagnosis.

    Found by the rules of `content/safety.yml` and `content/diagnosis.yml`, or by the net learned from
    `content/safety_examples.yml` and the training phrases. The doubt gate, last in the pipeline, lets this win
    over every classifier. For Rasa it is a featurizer because only those hand on in training what they made.

    Configuration, log odds of the net chosen on tests/questions/safety_development.yml and
    red_team_development.yml: `danger`, from which a message is an emergency or a crisis; `diagnosis`, from which
    it asks for a diagnosis. `example_weight`, `diagnosis_weight`: how much a sentence of safety_examples.yml, and
    one that asks for a diagnosis, counts beside a training phrase.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {"danger": 0.9, "diagnosis": 0.0, "example_weight": 3.0, "diagnosis_weight": 2.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyRulesComponent:
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
    ) -> SafetyRulesComponent:
        """Load what training stored."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._net.restore(folder)
        return component

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage, self._resource = model_storage, resource
        self._rules, self._verdicts = shared_safety_rules(), shared_verdict_rules()
        self._net = SafetyNet(self._rules.meant)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the net from the sentences of safety_examples.yml and from all training phrases."""
        texts: list[str] = []
        kinds: list[str] = []
        weights: list[float] = []
        for kind, sentences in load_examples(SAFETY_EXAMPLES).items():
            texts += sentences
            kinds += [kind] * len(sentences)
            weight = "diagnosis_weight" if kind == DIAGNOSIS else "example_weight"
            weights += [self._config[weight]] * len(sentences)
        examples = len(texts)
        for message in training_data.intent_examples:
            label = message.get(INTENT_RESPONSE_KEY) or message.get(INTENT)
            if not label or not message.get(TEXT):
                continue
            asks = label == DIAGNOSIS_LABEL
            texts.append(message.get(TEXT))
            kinds.append(DIAGNOSIS if asks else label if label in SAFETY_INTENTS else NEITHER)
            weights.append(self._config["diagnosis_weight"] if asks else 1.0)
        # An assistant without these intents has no reply to what the net finds.
        if {*SAFETY_INTENTS, DIAGNOSIS} <= set(kinds[examples:]):
            self._net.learn(texts, kinds, weights)
        with self._storage.write_to(self._resource) as folder:
            self._net.store(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: the other components learn from the phrases themselves."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the output `safety` to the kind, sign and words found, or to None; and whether a diagnosis is asked."""
        for message in messages:
            text = message.get(TEXT) or ""
            judged = self._net.judge(text) if self._net.ready else None
            hit = self._rules.find(text)
            found = None if hit is None else {"kind": hit.kind, "sign": hit.sign, "words": hit.words}
            if found is None and judged is not None and judged.danger >= self._config["danger"]:
                found = {"kind": judged.kind, "sign": "", "words": ""}
            asks = judged is not None and (
                judged.diagnosis >= self._config["diagnosis"] or self._verdicts.find(text) is not None
            )
            message.set(SAFETY_HIT, found, add_to_output=True)
            message.set(ASKS_DIAGNOSIS, asks)
        return messages
