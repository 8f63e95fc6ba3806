"""Rules, net and classifier together: who wins."""

import pytest

from family_guide.nlu.labels import ASKS_DIAGNOSIS, PARTS, PARTS_ASK_DIAGNOSIS, PROBABILITIES, SAFETY_HIT
from family_guide.nlu.safety_rules import SafetyRulesComponent
from family_guide.safety.net import Judgement
from tests.nlu.conftest import message

EMERGENCY, PLAIN, EXCUSED = "my son can't breathe", "what is a sarcoma", "he has no trouble breathing"


class Net:
    """Judges every text alike, but those that it is told of."""

    ready = True

    def __init__(self, danger, within, **diagnosis):
        self._danger, self._within, self._diagnosis = danger, within, diagnosis

    def judge(self, text, heard=()):
        return Judgement("crisis", self._danger, self._diagnosis.get(text.replace(" ", "_"), -9.0))

    def danger_within(self, text):
        return self._within


def processed(text, danger, believed=1.0, within=-9.0, parts=(), **diagnosis):
    component = SafetyRulesComponent(SafetyRulesComponent.get_default_config(), None, None)
    component._net = Net(danger, within, **diagnosis)
    asked = message(text)
    asked.set(PROBABILITIES, [("crisis", believed), ("faq/a", 1 - believed)])
    asked.set(PARTS, list(parts))
    component.process([asked])
    return asked


@pytest.mark.parametrize(
    ("text", "danger", "believed", "within", "kind"),
    [
        (EMERGENCY, -1.9, 0.0, -9.0, "emergency"),
        (EMERGENCY, -9.0, 0.0, 1.1, "emergency"),
        (EMERGENCY, -2.1, 0.0, 0.9, None),
        (PLAIN, -0.7, 1.0, 9.0, "crisis"),
        (PLAIN, -0.9, 1.0, 9.0, None),
        (PLAIN, -0.2, 0.0, 9.0, None),
        (PLAIN, 0.1, 0.0, 9.0, "crisis"),
        (EXCUSED, -0.4, 1.0, 9.0, None),
        (EXCUSED, -0.3, 1.0, 9.0, "crisis"),
    ],
)
def test_who_wins(text, danger, believed, within, kind):
    found = processed(text, danger, believed, within).get(SAFETY_HIT)
    assert (found and found["kind"]) == kind


STORY = ". We live by the sea. We keep hens there, nine of them. My wife drives the school bus and sings on Sundays"


@pytest.mark.parametrize(
    ("text", "danger", "believed", "within", "kind"),
    [
        (EMERGENCY, -0.4, 0.0, 2.9, "emergency"),
        (EMERGENCY, -0.6, 0.0, 3.1, "emergency"),
        (EMERGENCY, -0.6, 0.0, 2.9, None),
        (PLAIN, -0.7, 1.0, 9.0, "crisis"),
        (PLAIN, -0.2, 0.0, 9.0, None),
        (PLAIN, 0.1, 0.0, 9.0, "crisis"),
    ],
)
def test_who_wins_in_a_story(text, danger, believed, within, kind):
    found = processed(f"{text}{STORY}", danger, believed, within).get(SAFETY_HIT)
    assert (found and found["kind"]) == kind


def test_one_part_that_asks_for_a_diagnosis_is_enough():
    asked = processed("a lot and a bit", -9.0, parts=("a lot", "a bit"), a_bit=2.0)
    assert asked.get(PARTS_ASK_DIAGNOSIS) == [False, True]
    assert asked.get(ASKS_DIAGNOSIS)
    assert not processed("a lot and a bit", -9.0, parts=("a lot", "a bit"), a_bit=0.5).get(ASKS_DIAGNOSIS)
