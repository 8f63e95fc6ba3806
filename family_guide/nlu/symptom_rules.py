"""Rasa component: symptoms, denied or not, where, and since when, by rule."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from family_guide.content import shared_extractor
from family_guide.symptoms import Finding

EXTRACTOR = "symptom_rules"
FINDING = "finding"
"""Key of an entity that holds the whole finding, as a dictionary."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SymptomRules(GraphComponent):
    """Adds what the rules of `content/symptoms.yml` find in a message to its entities."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SymptomRules:
        """Create the component (see GraphComponent)."""
        return cls()

    def __init__(self) -> None:
        self._extractor = shared_extractor()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add one entity for each finding: its kind, name, place in the text, and the whole of it."""
        for message in messages:
            found = [_entity(finding) for finding in self._extractor.extract(message.get(TEXT) or "")]
            message.set(ENTITIES, [*(message.get(ENTITIES) or []), *found], add_to_output=True)
        return messages


def _entity(finding: Finding) -> dict[str, Any]:
    return {
        "entity": finding.kind,
        "value": finding.name,
        "start": finding.start,
        "end": finding.end,
        "extractor": EXTRACTOR,
        FINDING: finding.to_dict(),
    }
