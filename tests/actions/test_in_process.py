"""Actions in the assistant's own process: whatever one does, there is a reply that claims nothing."""

import time

import pytest
from rasa_sdk import Action

from family_guide.actions_in_process import ActionsInProcess
from family_guide.wording import WENT_WRONG


class Hangs(Action):
    def name(self):
        return "action_hangs"

    def run(self, dispatcher, tracker, domain):
        time.sleep(1)
        dispatcher.utter_message(text="Saved.")
        return [{"event": "slot", "name": "check_active", "value": True}]


class Raises(Action):
    def name(self):
        return "action_raises"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Saved.")
        raise RuntimeError("secret words of a family")


class Works(Action):
    def name(self):
        return "action_works"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Done.")
        return []


@pytest.fixture
def actions():
    endpoint = ActionsInProcess("actions", seconds=0.2)
    for action in (Hangs, Raises, Works):
        endpoint._executor.register_action(action)
    return endpoint


def call(name):
    tracker = {
        "sender_id": "family",
        "slots": {},
        "latest_message": {},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": name, "sender_id": "family", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.mark.parametrize("name", ["action_hangs", "action_raises", "action_unknown"])
async def test_a_failing_action_gives_the_safe_reply_and_changes_nothing(actions, name):
    result = await actions.request(json=call(name))
    assert result["events"] == []
    assert [response["text"] for response in result["responses"]] == [WENT_WRONG]
    assert "911" in WENT_WRONG


async def test_a_call_that_is_none_gives_the_safe_reply(actions):
    assert (await actions.request())["events"] == []


async def test_an_action_that_hangs_does_not_hold_up_another(actions):
    await actions.request(json=call("action_hangs"))
    result = await actions.request(json=call("action_works"))
    assert [response["text"] for response in result["responses"]] == ["Done."]
