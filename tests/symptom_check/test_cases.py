"""The table of typical families in content/, played through the engine."""

from pathlib import Path

import pytest
import yaml

from family_guide.symptom_check.loader import PlainLoader

TABLE = yaml.load(
    (Path(__file__).parent.parent.parent / "content" / "symptom_check_cases.yml").read_text("utf-8"), Loader=PlainLoader
)
CASES = TABLE["cases"]


def test_there_are_enough_cases_and_every_outcome_has_some(protocol):
    assert len(CASES) >= 30
    assert {case["told"] for case in CASES} == set(protocol.outcomes_by_id)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_family_is_told_what_the_table_says(talk, protocol, case):
    answers = {**TABLE["otherwise"], **case["given"]}
    talk.start()
    asked = set()
    while talk.turn.kind == "question":
        asked.add(talk.open)
        talk.press(f"{talk.open}:{answers[talk.open]}")
    assert set(case["given"]) <= asked, "a given answer was never asked for"
    outcome = talk.turn.messages[0]
    assert outcome.data["outcome"] == case["told"]
    for words in case["says"]:
        assert words in outcome.text
    reasons = [line for line in outcome.data["reasons"] if line.startswith("You told me")]
    assert len(reasons) == len(case["because"])
    for name, line in zip(case["because"], reasons, strict=True):
        option = protocol.questions_by_id[name].option(answers[name])
        assert any(
            wording.replace("{who}", who) in line
            for wording in option.states.all()
            for who in ("your child", "you", "this person")
        )
