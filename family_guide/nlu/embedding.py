"""Rasa featurizer: one sentence embedding per message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.nlu.sentence_encoder import packaged_folder, shared_encoder
from family_guide.nlu.spelling import KNOWN_AS
from family_guide.settings import settings


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Adds the embedding of the message (as spelled right, where that is known) as its sentence feature.

    Configuration: `weights_sha256`, the SHA-256 that the weights must have;
    `max_tokens`, where a long message is cut off.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults; `weights_sha256` has none and must be given."""
        return {**DenseFeaturizer.get_default_config(), "weights_sha256": "", "max_tokens": 96}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check the configuration.

        Raises:
            InvalidConfigException: `weights_sha256` is not given.
        """
        if not config.get("weights_sha256"):
            raise InvalidConfigException("config.yml: SentenceEmbedding needs weights_sha256.")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """Create the component for training or serving (see GraphComponent)."""
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        folder: Path = settings().weights or packaged_folder()
        self._encoder = shared_encoder(folder, config["weights_sha256"], int(config["max_tokens"]))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the feature to every training example that has text."""
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the feature to each message; an empty text has one too."""
        rows = self._encoder.encode([m.get(KNOWN_AS) or m.get(TEXT) or "" for m in messages])
        for message, row in zip(messages, rows, strict=True):
            message.add_features(Features(row[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages
