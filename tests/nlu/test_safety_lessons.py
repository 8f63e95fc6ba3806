"""What the safety net learns from."""

import pytest

from family_guide.nlu import safety_lessons
from family_guide.nlu.safety_lessons import lessons
from family_guide.safety.net import NEITHER

STORY = (
    "We have two dogs and a garden behind the house. My son is nine and plays the drums all day. "
    "He will be ten years old in the month of May."
)


class Data:
    intent_examples = ()


@pytest.mark.parametrize(("kind", "learned"), [(NEITHER, 4), ("crisis", 1)])
def test_each_sentence_of_a_harmless_story_is_harmless_and_of_no_other(monkeypatch, kind, learned):
    examples = {"emergency": (), "crisis": (), NEITHER: (), "diagnosis": ()} | {kind: (STORY,)}
    monkeypatch.setattr(safety_lessons, "shared_safety_examples", lambda: examples)
    found = lessons(Data())
    assert len(found.texts) == learned
    assert found.texts[0] == STORY
    assert set(found.kinds) == {kind}
    assert found.phrases == 0
