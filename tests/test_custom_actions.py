"""Results of custom actions are checked as Rasa checks them."""

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction

from family_guide.actions_in_process import ActionsInProcess
from family_guide.custom_actions import CustomAction

GOOD = (
    {},
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "Hello", "buttons": []}]},
)
BAD = (
    [],
    {"events": "none"},
    {"events": [{"name": "without an event"}]},
    {"responses": ["text"]},
    {"responses": None},
)


@pytest.mark.parametrize("kind", [RemoteAction, CustomAction])
@pytest.mark.parametrize("result", GOOD)
def test_a_result_of_the_right_form_passes(kind, result):
    assert kind("action_a", None)._validate_action_result(result)


@pytest.mark.parametrize("kind", [RemoteAction, CustomAction])
@pytest.mark.parametrize("result", BAD)
def test_a_result_of_another_form_is_refused(kind, result):
    with pytest.raises(ValidationError):
        kind("action_a", None)._validate_action_result(result)


def test_what_the_executor_in_this_process_returns_is_not_looked_at(monkeypatch):
    endpoint = ActionsInProcess("actions", 5)
    monkeypatch.setattr("family_guide.custom_actions._validator", lambda: pytest.fail("it was looked at"))
    assert CustomAction("action_a", endpoint)._validate_action_result(GOOD[2])
