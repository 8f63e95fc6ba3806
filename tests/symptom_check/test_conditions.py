import pytest
from pydantic import ValidationError

from family_guide.symptom_check.conditions import Condition

LUMP = {"question": "lump", "is": "yes"}
PAIN = {"question": "pain", "is": ["yes", "not_sure"]}


def holds(raw, **chosen):
    return Condition.parse_obj(raw).holds(chosen)


def test_a_question_without_an_answer_leaves_the_condition_open():
    assert holds(LUMP) is None
    assert holds(LUMP, lump="yes") is True
    assert holds(LUMP, lump="no") is False


def test_all_is_decided_by_the_first_part_that_does_not_hold():
    both = {"all": [LUMP, PAIN]}
    assert holds(both, pain="no") is False
    assert holds(both, pain="yes") is None
    assert holds(both, lump="yes", pain="not_sure") is True


def test_any_is_decided_by_the_first_part_that_holds():
    either = {"any": [LUMP, PAIN]}
    assert holds(either, pain="yes") is True
    assert holds(either, pain="no") is None
    assert holds(either, lump="no", pain="no") is False


def test_not_turns_a_condition_round_and_leaves_an_open_one_open():
    assert holds({"not": LUMP}) is None
    assert holds({"not": LUMP}, lump="no") is True


def test_reasons_are_the_questions_that_made_it_hold():
    condition = Condition.parse_obj({"any": [LUMP, {"all": [PAIN, {"question": "limp", "is": "yes"}]}]})
    assert condition.reasons({"lump": "no", "pain": "yes", "limp": "yes"}) == ["pain", "limp"]
    assert condition.reasons({"lump": "no", "pain": "yes", "limp": "no"}) == []


def test_a_shared_condition_is_put_in_the_place_of_its_name():
    shared = {"sign": Condition.parse_obj({"any": [LUMP, PAIN]})}
    assert Condition.parse_obj({"not": {"named": "sign"}}).resolved(shared).holds({"lump": "yes"}) is False


def test_a_shared_condition_that_holds_itself_is_refused():
    shared = {"sign": Condition.parse_obj({"not": {"named": "sign"}})}
    with pytest.raises(KeyError):
        shared["sign"].resolved(shared)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"question": "lump"},
        {"question": "lump", "is": []},
        {"all": []},
        {"is": "yes"},
        {**LUMP, "any": [PAIN]},
        {"or": [LUMP]},
    ],
)
def test_a_condition_has_exactly_one_operator_of_the_closed_set(raw):
    with pytest.raises(ValidationError):
        Condition.parse_obj(raw)
