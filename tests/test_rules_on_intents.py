"""The rules are looked through once, where none is on a text."""

import json
from types import SimpleNamespace

import pytest
from rasa.core.policies.rule_policy import RULES, RulePolicy

from family_guide.rules_on_intents import RulesOnIntents, look_once

ON_INTENT = json.dumps([{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "greet"}}])
ON_TEXT = json.dumps([{"prev_action": {"action_name": "action_listen"}, "user": {"text": "hello"}}])


def policy(*rules: str) -> RulePolicy:
    made = RulePolicy.__new__(RulePolicy)
    made.lookup = {RULES: dict.fromkeys(rules, "utter_greet")}
    return made


@pytest.mark.parametrize(
    ("rules", "kind"), [([ON_INTENT], RulesOnIntents), ([ON_INTENT, ON_TEXT], RulePolicy), ([], RulesOnIntents)]
)
def test_only_rules_on_intents_are_looked_through_once(rules: list[str], kind: type) -> None:
    made = policy(*rules)
    look_once({"rules": SimpleNamespace(_component=made), "other": SimpleNamespace(_component=object())})
    assert type(made) is kind


def test_the_look_for_texts_finds_what_rasas_own_finds_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def rasas(self, tracker, domain, use_text_for_last_user_input):
        asked.append(use_text_for_last_user_input)
        return "utter_greet", "rule", False

    monkeypatch.setattr(RulePolicy, "_find_action_from_rules", rasas)
    made = policy(ON_INTENT)
    look_once({"rules": SimpleNamespace(_component=made)})
    assert made._find_action_from_rules(None, None, True) == (None, None, False)
    assert made._find_action_from_rules(None, None, False) == ("utter_greet", "rule", False)
    assert asked == [False]
