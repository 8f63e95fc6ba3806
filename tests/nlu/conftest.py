"""What the tests of components share."""

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks.understanding import configured

PHRASES = {
    "faq/can_it_spread": ["can it spread", "does it move to other organs", "will it go elsewhere", "has it travelled"],
    "faq/can_it_come_back": ["can it come back", "does it return", "will it grow again later", "relapse after surgery"],
    "faq/chemotherapy": ["does chemo help", "will she need chemotherapy", "why no chemo", "chemo for this sarcoma"],
    "chat/off_topic": ["what is the weather", "who won the game", "order a pizza", "tell me about politics"],
    "check_symptoms": ["he has a lump", "there is a bump on her leg", "check his symptoms", "her knee hurts"],
}


def message(text, label=None):
    data = {TEXT: text}
    if label:
        data[INTENT] = label.split("/")[0]
        if "/" in label:
            data[INTENT_RESPONSE_KEY] = label
    return Message(data)


def training_data():
    return TrainingData([message(text, label) for label, texts in PHRASES.items() for text in texts])


@pytest.fixture
def create(tmp_path: Path):
    """Return a function that creates a component, and one that loads what it stored."""
    (tmp_path / "storage").mkdir()
    storage = LocalModelStorage(tmp_path / "storage")
    context = ExecutionContext(GraphSchema({}), node_name="component")

    def make(component, load=False, **config):
        arguments = ({**configured(component), **config}, storage, Resource(component.__name__), context)
        return component.load(*arguments) if load else component.create(*arguments)

    return make
