"""What staff export from the staff app, read and run by Rasa itself."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.loading import load_data

from family_guide.server import load_assistant
from family_guide.settings import ROOT, Settings
from tests.test_conversations import outcome

STAFF = ROOT / "staff"
SUGGESTIONS = {
    "flibberty wug on tuesdays": "faq/can_it_spread",
    "a [name] with (brackets): quotes \" and ' too": "faq/can_it_spread",
    "two\nlines, a # and {braces}": "faq/angiogram",
    "- a dash, né à Genève, 你好": "faq/angiogram",
    "my son [name](x) has it": "faq/angiogram",
}
EXPORT = """
import sys, json, django
django.setup()
from review.models import Suggestion
from review.nlu_export import conversation_test, nlu_yaml
given = json.load(sys.stdin)
made = [Suggestion(pk=n, text=text, topic=topic) for n, (text, topic) in enumerate(given.items(), 1)]
print(json.dumps([nlu_yaml(made), conversation_test(made)]))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the training data and the conversation test that the staff app makes."""
    folder = tmp_path_factory.mktemp("batch")
    ran = subprocess.run(
        [STAFF / ".venv" / "bin" / "python", "-c", EXPORT],
        cwd=STAFF,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "FAMILY_GUIDE_VAR": str(folder)},
        input=json.dumps(SUGGESTIONS),
        capture_output=True,
        text=True,
        check=True,
    )
    nlu, story = json.loads(ran.stdout)
    (folder / "nlu.yml").write_text(nlu, "utf-8")
    (folder / "test_batch.yml").write_text(story, "utf-8")
    return folder


def test_the_training_data_is_read_by_rasa_word_for_word(exported):
    read = load_data(str(exported / "nlu.yml"))
    examples = {(example.get("text"), example.get_full_intent()) for example in read.intent_examples}
    assert examples == {
        ("flibberty wug on tuesdays", "faq/can_it_spread"),
        ("a [name] with (brackets): quotes \" and ' too", "faq/can_it_spread"),
        ("two lines, a # and {braces}", "faq/angiogram"),
        ("- a dash, né à Genève, 你好", "faq/angiogram"),
        ("my son [name] (x) has it", "faq/angiogram"),
    }
    assert not read.entity_examples


@pytest.fixture
async def agent(model: Path, tmp_path: Path) -> Agent:
    return await load_assistant(model, Settings(var=tmp_path))


async def test_the_conversation_test_fails_until_the_assistant_gives_the_answer(exported, agent, tmp_path):
    counts, failed = await outcome(exported / "test_batch.yml", agent, tmp_path)
    assert counts["total"] == len(SUGGESTIONS)
    assert counts["correct"] == 0
    assert "suggestion 1: faq/can_it_spread" in failed
