"""Rasa component: emergency, crisis and asked diagnoses, whatever the classifier says."""

from __future__ import annotations

import math
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import shared_safety_rules, shared_verdict_rules
from family_guide.nlu.labels import (
    ASKS_DIAGNOSIS,
    DANGERS,
    PARTS,
    PARTS_ASK_DIAGNOSIS,
    PROBABILITIES,
    SAFETY_HIT,
    SAFETY_INTENTS,
    SENTENCE_DANGERS,
)
from family_guide.nlu.safety_lessons import lessons, with_compounds
from family_guide.safety.net import CLASSES, DIAGNOSIS, SENTENCE, Floats, Judgement, SafetyNet, sentences

_HARDLY = math.log(0.02)
"""Log probability of an asked diagnosis by its embedding, below which a part of a message is not looked at closer."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SafetyRulesComponent(GraphComponent):
    """Notes on the message which emergency or crisis it holds, if any, and whether it asks for a diagnosis.

    Found by the rules of `content/safety.yml` and `content/diagnosis.yml`, or by the net learned from
    `content/safety_examples.yml` and the training phrases. The doubt gate, last in the pipeline, lets this win
    over every classifier. It stands behind the classifier, whose embedding of the message the net hears too.
    For Rasa it is a featurizer because only those hand on in training what they made.

    Configuration, log odds of the net chosen on messages that it had not learned from: `danger`, from which a message
    is an emergency or a crisis; `excused`, how much more where a rule's sign is said and denied, past, asked about or a
    figure of speech; `unlikely`, how much more for each kind where the classifier gives emergency and crisis together
    less than `likely`; `overruled` and `pieces`, below which the whole message and each piece of it must be for the
    sign of a rule to count for nothing; `diagnosis`, from which it asks for a diagnosis. `story` has other values for
    some of these, for messages whose sentences are looked at too: most of them tell of life as it is.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {
            "danger": -0.875,
            "excused": 0.5,
            "likely": 0.05,
            "unlikely": {"emergency": 2.5, "crisis": 0.75},
            "overruled": -2.0,
            "pieces": 1.0,
            "diagnosis": 0.0,
            "story": {"overruled": -0.5, "pieces": 3.0, "unlikely": {"emergency": 1.5, "crisis": 0.75}},
        }

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
        self._config, self._in_story = config, {**config, **config["story"]}
        self._storage, self._resource = model_storage, resource
        self._rules, self._verdicts = shared_safety_rules(), shared_verdict_rules()
        self._net = SafetyNet(self._rules.meant)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the net from the sentences of safety_examples.yml and from all training phrases."""
        taught = lessons(training_data)
        if taught.complete:
            taught = with_compounds(taught)
            self._net.learn(taught.texts, taught.kinds, taught.weights)
        with self._storage.write_to(self._resource) as folder:
            self._net.store(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: the other components learn from the phrases themselves."""
        return training_data

    def _asks_diagnosis(self, text: str, judged: Judgement) -> bool:
        return judged.diagnosis >= self._config["diagnosis"] or self._verdicts.find(text) is not None

    def _part_asks_diagnosis(self, text: str, heard: Floats | None) -> bool:
        if self._verdicts.find(text) is not None:
            return True
        if heard is not None and heard[CLASSES.index(DIAGNOSIS)] < _HARDLY:
            # The words alone could not outweigh this, and reading them costs time.
            return False
        needed: float = self._config["diagnosis"] + SENTENCE
        return self._net.judge(text, [] if heard is None else [heard]).diagnosis >= needed

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the output `safety` to the kind, sign and words found, or to None; and whether a diagnosis is asked."""
        for message in messages:
            text = message.get(TEXT) or ""
            heard = message.get(DANGERS) or []
            of_all = [*heard[:1], *(message.get(SENTENCE_DANGERS) or ())]
            judged = self._net.judge(text, of_all) if self._net.ready else None
            message.set(SAFETY_HIT, self._found(message, text, judged), add_to_output=True)
            asks, of_parts = False, []
            if judged is not None:
                # "Where does it start, and is the one on my boy's leg that?" A part needs more than the whole.
                parts = message.get(PARTS) or ()
                pairs = zip(parts, heard[1:] or [None] * len(parts), strict=True)
                of_parts = [self._part_asks_diagnosis(part, of_part) for part, of_part in pairs]
                asks = self._asks_diagnosis(text, judged) or any(of_parts)
            message.set(ASKS_DIAGNOSIS, asks)
            message.set(PARTS_ASK_DIAGNOSIS, of_parts)
        return messages

    def _found(self, message: Message, text: str, judged: Judgement | None) -> dict[str, str] | None:
        seen = self._rules.look(text)
        config = self._in_story if sentences(text) else self._config
        if seen.hit is not None and not self._overruled(text, judged, config):
            return {"kind": seen.hit.kind, "sign": seen.hit.sign, "words": seen.hit.words}
        if judged is None:
            return None
        needed: float = config["danger"] + (config["excused"] if seen.excused else 0.0)
        believed = dict(message.get(PROBABILITIES) or ())
        if believed and sum(believed.get(kind, 0.0) for kind in SAFETY_INTENTS) < config["likely"]:
            needed += config["unlikely"][judged.kind]
        return {"kind": judged.kind, "sign": "", "words": ""} if judged.danger >= needed else None

    def _overruled(self, text: str, judged: Judgement | None, config: dict[str, Any]) -> bool:
        """Return whether the net is so sure of the whole message, and of each piece, that the rules' sign is none."""
        if judged is None or judged.danger >= config["overruled"]:
            return False
        least: float = config["pieces"]
        return self._net.danger_within(text) < least
