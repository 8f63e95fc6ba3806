"""The stories of tests/conversations, run against the trained model by Rasa's own machinery for end-to-end tests."""

import json
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.core.test import FAILED_STORIES_FILE, REPORT_STORIES_FILE
from rasa.core.test import test as run_stories

from family_guide.server import endpoints, load_assistant
from family_guide.settings import Settings

STORIES = Path(__file__).parent / "conversations"


@pytest.fixture
async def agent(model: Path, tmp_path: Path) -> Agent:
    return await load_assistant(model, Settings(var=tmp_path))


async def outcome(stories: Path, agent: Agent, folder: Path) -> tuple[dict[str, int], str]:
    """Return how many stories there are and how many were as expected, and those that were not."""
    await run_stories(str(stories), agent, out_directory=str(folder), e2e=True, disable_plotting=True, warnings=False)
    counts = json.loads((folder / REPORT_STORIES_FILE).read_text("utf-8"))["conversation_accuracy"]
    return counts, (folder / FAILED_STORIES_FILE).read_text("utf-8")


async def test_every_story_goes_as_written(agent, tmp_path):
    stories = sum(file.read_text("utf-8").count("  - story: ") for file in STORIES.glob("test_*.yml"))
    counts, failed = await outcome(STORIES, agent, tmp_path)
    assert counts["correct"] == counts["total"], f"These stories went otherwise:\n{failed}"
    assert counts["total"] == stories


async def test_a_story_that_goes_otherwise_is_named(agent, tmp_path):
    wrong = tmp_path / "test_wrong.yml"
    wrong.write_text(
        'version: "3.1"\nstories:\n- story: A question that starts the check\n  steps:\n'
        "  - user: what is asps\n    intent: faq/what_is_asps\n  - action: action_symptom_check\n"
    )
    counts, failed = await outcome(wrong, agent, tmp_path)
    assert counts["correct"] == 0
    assert "A question that starts the check" in failed
    assert "utter_faq" in failed


async def test_conversations_are_kept_where_the_settings_say(agent, tmp_path):
    assert agent.tracker_store.engine.url.database == str(tmp_path / "conversations.db")


def test_the_order_of_messages_is_kept_where_the_settings_say():
    assert endpoints(Settings(redis_url="redis://127.0.0.1:1/0")).lock_store.url == "redis://127.0.0.1:1/0"
    assert not endpoints(Settings(redis_url="")).lock_store.url
