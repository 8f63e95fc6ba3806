"""The net under the rules learns from sentences, keeps what it learned, and says nothing of nothing."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from family_guide.content import SAFETY_EXAMPLES
from family_guide.safety import SafetyRules
from family_guide.safety.model import SafetyFileError
from family_guide.safety.net import (
    CLASSES,
    DIAGNOSIS,
    LONG,
    MOST_SENTENCES,
    NEITHER,
    SafetyNet,
    load_examples,
    sentences,
)

SAID = {
    "emergency": ["he cannot breathe", "she is not breathing", "the bleeding is heavy", "he fainted and is blue"] * 3,
    "crisis": ["i want to end my life", "she hurts herself", "he beats me at home", "i want to die"] * 3,
    NEITHER: ["what is a sarcoma", "where does it start", "how long is the surgery", "thanks a lot"] * 3,
    DIAGNOSIS: ["does my son have it", "is his lump a tumor", "tell me if she has cancer", "so he is fine"] * 3,
}


@pytest.fixture(scope="module")
def net(rules: SafetyRules) -> SafetyNet:
    learned = SafetyNet(rules.meant)
    texts = [text for some in SAID.values() for text in some]
    kinds = [kind for kind, some in SAID.items() for _ in some]
    learned.learn(texts, kinds, [1.0] * len(texts))
    return learned


@pytest.mark.parametrize(
    ("text", "kind"),
    [("help he can't breathe", "emergency"), ("I want to end it, to end my life", "crisis")],
)
def test_net_knows_what_it_learned(net: SafetyNet, text: str, kind: str) -> None:
    judged = net.judge(text)
    assert judged.kind == kind
    assert judged.danger > 0 > judged.diagnosis


def test_net_tells_an_asked_diagnosis(net: SafetyNet) -> None:
    asked, plain = net.judge("tell me, does my son have cancer"), net.judge("where does a sarcoma start")
    assert asked.diagnosis > 0 > asked.danger
    assert plain.diagnosis < 0 > plain.danger


def test_net_finds_one_sentence_in_a_long_story(net: SafetyNet) -> None:
    story = "We moved here last spring and he likes the new school and the football team a lot. " * 4
    assert net.judge(story + "Now he cannot breathe. " + story).danger > net.judge(story).danger + 1


def test_a_long_message_has_sentences_and_a_short_one_has_none() -> None:
    life = "We moved here in spring. Life goes on! ok? "
    assert sentences(life) == []
    told = sentences(life * 5)
    assert told[:3] == ["We moved here in spring.", "Life goes on!", "We moved here in spring."]
    assert sentences("one word after another " * LONG) == []
    assert len(sentences(life * 100)) == MOST_SENTENCES
    assert " ".join(sentences(life * 100)) == " ".join(["We moved here in spring.", "Life goes on!"] * 100)


def test_what_is_heard_of_each_sentence_counts(net: SafetyNet) -> None:
    story = "We moved here last spring and he likes it. His new school has a garden and a football team. " * 2
    calm = np.log(np.full(len(CLASSES), 0.01 / (len(CLASSES) - 1)))
    calm[CLASSES.index(NEITHER)] = np.log(0.99)
    danger = np.roll(calm, CLASSES.index("crisis"))
    pieces = 1 + len(sentences(story))
    quiet = net.judge(story, [calm] * pieces)
    loud = net.judge(story, [*[calm] * (pieces - 1), danger])
    assert loud.danger > quiet.danger + 1
    # What was heard of something else than this message's sentences is not taken for theirs.
    assert net.judge(story, [danger]) == net.judge(story)


def test_net_that_learned_nothing_is_stored_too(rules: SafetyRules, tmp_path: Path) -> None:
    SafetyNet(rules.meant).store(tmp_path)
    again = SafetyNet(rules.meant)
    again.restore(tmp_path)
    assert not again.ready


def test_net_says_the_same_after_storing(net: SafetyNet, rules: SafetyRules, tmp_path: Path) -> None:
    net.store(tmp_path)
    again = SafetyNet(rules.meant)
    assert not again.ready
    again.restore(tmp_path)
    assert again.ready
    for text in ("she is not breathing", "so he is fine", "", "что это", "x" * 9000):
        assert again.judge(text) == net.judge(text)


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=60)
def test_net_judges_any_text(net: SafetyNet, text: str) -> None:
    judged = net.judge(text)
    assert np.isfinite([judged.danger, judged.diagnosis]).all()


def test_shipped_examples_are_each_under_one_kind_and_none_is_a_test_question() -> None:
    import yaml

    examples = load_examples(SAFETY_EXAMPLES)
    texts = [text.lower() for some in examples.values() for text in some]
    assert len(texts) == len(set(texts))
    questions = Path(__file__).parent.parent / "questions"
    for name in ("safety.yml", "safety_stories.yml"):
        asked = yaml.safe_load((questions / name).read_text("utf-8"))["test"]
        assert not set(texts) & {text.lower() for some in asked.values() for text in some}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("emergency: [a]\ncrisis: [b]\n", "neither"),
        ("emergency: [a]\ncrisis: [b]\ndiagnosis: [c]\nneither: [1]\n", "list of texts"),
        ("emergency: [a]\ncrisis: [b]\ndiagnosis: [c]\nneither: [' ']\n", "list of texts"),
        ("emergency: [", "not YAML"),
    ],
)
def test_examples_that_cannot_be_used_are_refused(tmp_path: Path, written: str, says: str) -> None:
    file = tmp_path / "examples.yml"
    file.write_text(written)
    with pytest.raises(SafetyFileError, match=says):
        load_examples(file)
