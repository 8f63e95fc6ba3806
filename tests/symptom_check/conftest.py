from pathlib import Path

import pytest

from family_guide.symptom_check import Engine, Protocol, load_protocol
from family_guide.symptoms.extractor import Extractor

CONTENT = Path(__file__).parent.parent.parent / "content"


@pytest.fixture(scope="session")
def protocol_file() -> Path:
    return CONTENT / "symptom_check.yml"


@pytest.fixture(scope="session")
def protocol(protocol_file) -> Protocol:
    return load_protocol(protocol_file)


@pytest.fixture(scope="session")
def engine(protocol) -> Engine:
    return Engine(protocol)


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    return Extractor(CONTENT / "symptoms.yml")


class Talk:
    """A family and the engine, in turn; every turn's state goes through JSON, as in a slot."""

    def __init__(self, engine, extractor):
        self.engine, self.extract = engine, extractor.extract
        self.turn = None

    def start(self, text=""):
        self.turn = self.engine.start(self.extract(text))
        return self

    def type(self, *texts, asks=False):
        for text in texts:
            self.turn = self.engine.reply(self.state, text, findings=self.extract(text), can_be_question=asks)
        return self

    def press(self, *choices):
        for choice in choices:
            self.turn = self.engine.reply(self.state, "", choice=choice)
        return self

    def command(self, command):
        self.turn = self.engine.reply(self.state, "", command=command)
        return self

    def up_to(self, question):
        """Answer with the most harmless option until a question is open."""
        for _ in range(20):
            if self.open == question:
                return self
            harmless = {"who": "my_child", "warning": "none", "age": "from_5", "lump": "yes"}.get(self.open, "not_sure")
            self.press(f"{self.open}:{harmless}")
        raise AssertionError(f"{question} never came up")

    @property
    def state(self):
        import json

        return json.loads(json.dumps(self.turn.state))

    @property
    def open(self):
        return self.turn.state["open"]

    @property
    def answers(self):
        return {name: answer["option"] for name, answer in self.turn.state["answers"].items()}

    @property
    def text(self):
        return "\n".join(message.text for message in self.turn.messages)


@pytest.fixture
def talk(engine, extractor) -> Talk:
    return Talk(engine, extractor)
