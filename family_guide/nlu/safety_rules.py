"""Rasa component: emergency and crisis by rule, before any classifier."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.content import shared_safety_rules
from family_guide.nlu.labels import SAFETY_HIT


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SafetyRulesComponent(GraphComponent):
    """Notes on the message which emergency or crisis sign of `content/safety.yml` it holds, if any.

    The doubt gate, last in the pipeline, lets this win over every classifier.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyRulesComponent:
        """Create the component for training or serving (see GraphComponent)."""
        return cls()

    def __init__(self) -> None:
        self._rules = shared_safety_rules()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Return the data as it is: the rules learn nothing."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the output `safety` to the kind, sign and words found, or to None."""
        for message in messages:
            hit = self._rules.find(message.get(TEXT) or "")
            found = None if hit is None else {"kind": hit.kind, "sign": hit.sign, "words": hit.words}
            message.set(SAFETY_HIT, found, add_to_output=True)
        return messages
