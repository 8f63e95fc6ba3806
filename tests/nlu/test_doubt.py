"""What a message is taken for: one question, several, or none that is known; and what is offered beside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.nlu.doubt import DoubtGate, decide, decide_message, in_context, refused_and_asked
from family_guide.nlu.labels import (
    ASKED_BESIDES,
    CLARIFY,
    LEANING,
    MORE,
    PART_PROBABILITIES,
    PARTS,
    PROBABILITIES,
    QUESTIONS,
    SAFETY_HIT,
    UNKNOWN,
)
from family_guide.nlu.offers import MOST_BESIDES, asked_beside_danger, asked_besides
from tests.nlu.conftest import message

CONFIG = {
    **DoubtGate.get_default_config(),
    "answer": 0.6,
    "talk": 0.5,
    "emergency": 0.5,
    "crisis": 0.5,
    "unknown": 0.3,
    "known": 0.3,
    "not_covered": 0.4,
    "refuse": 0.35,
    "part": 0.8,
    "part_beside": 0.6,
    "long": 30,
    "unknown_labels": ["chat/off_topic"],
}


SURE_A, SURE_B = [("faq/a", 0.99)], [("faq/b", 0.95)]


@pytest.mark.parametrize(
    ("ranked", "expected"),
    [
        ([("faq/a", 0.9), ("faq/b", 0.1)], "faq/a"),
        ([("faq/a", 0.5), ("faq/b", 0.4), ("chat/off_topic", 0.1)], CLARIFY),
        ([("faq/a", 0.5), ("chat/off_topic", 0.4)], UNKNOWN),
        ([("affirm", 0.4), ("deny", 0.4), ("faq/a", 0.2)], UNKNOWN),
        ([("chat/thanks", 0.6), ("faq/a", 0.4)], "chat/thanks"),
        ([("emergency", 0.6), ("faq/a", 0.4)], "emergency"),
        ([("emergency", 0.4), ("faq/a", 0.35), ("faq/b", 0.25)], CLARIFY),
        ([], UNKNOWN),
    ],
)
def test_what_one_question_is(ranked, expected):
    label, confidence = decide(ranked, CONFIG)
    assert label == expected
    assert 0 <= confidence <= 1


@pytest.mark.parametrize(
    ("topic", "expected"), [("faq/can_it_spread", CLARIFY), ("faq/diet", "faq/diet"), ("chat/thanks", UNKNOWN)]
)
def test_each_kind_of_topic_has_its_own_threshold(topic, expected):
    assert decide([(topic, 0.45), ("crisis", 0.4)], {**CONFIG, "known": 0.4})[0] == expected


def test_doubt_about_a_diagnosis_is_refused_rather_than_offered_topics():
    assert decide([("faq/a", 0.5), ("chat/ask_diagnosis", 0.4)], CONFIG)[0] == "chat/ask_diagnosis"
    assert decide([("faq/a", 0.5), ("chat/ask_diagnosis", 0.3)], CONFIG)[0] == CLARIFY


def test_several_sure_questions_are_all_answered_in_order():
    label, _, asked = decide_message([("faq/b", 0.6)], [SURE_A, SURE_B, SURE_A], 12, CONFIG)
    assert (label, asked) == (QUESTIONS, ["faq/a", "faq/b"])


def test_beside_a_sure_question_another_needs_less_to_be_answered_too():
    doubtful, vague = [("faq/b", 0.7), ("faq/c", 0.3)], [("faq/d", 0.5)]
    for parts in ([SURE_A, doubtful], [SURE_A, vague, doubtful]):
        assert decide_message(SURE_A, parts, 12, CONFIG) == (QUESTIONS, 0.7, ["faq/a", "faq/b"])
    # Two that are both doubtful say nothing of what else the message is about.
    label, _, asked = decide_message([("faq/c", 0.5), ("faq/a", 0.4)], [doubtful, doubtful], 12, CONFIG)
    assert (label, asked) == (CLARIFY, [])


def test_the_one_question_in_a_long_story_counts():
    assert decide_message([("chat/distress", 0.9)], [SURE_A], 60, CONFIG)[0] == "faq/a"
    assert decide_message([("chat/distress", 0.9)], [SURE_A], 8, CONFIG)[0] == "chat/distress"


def test_a_part_settles_doubt_only_between_what_the_whole_may_mean():
    assert decide_message([("faq/b", 0.5), ("faq/a", 0.4)], [SURE_A], 8, CONFIG)[0] == "faq/a"
    assert decide_message([("faq/b", 0.5), ("faq/c", 0.4)], [SURE_A], 8, CONFIG)[0] == CLARIFY
    assert decide_message([("chat/off_topic", 0.4), ("faq/a", 0.4)], [SURE_A], 8, CONFIG)[0] == UNKNOWN


@pytest.mark.parametrize("label", ["chat/ask_diagnosis", "emergency"])
def test_refusals_and_safety_win_over_questions_in_the_same_message(label):
    assert decide_message([(label, 0.9)], [SURE_A, SURE_B], 12, CONFIG)[0] == label


@pytest.mark.parametrize(
    ("text", "ranked", "safety", "intent"),
    [
        ("the second one", SURE_A, None, MORE),
        ("2", [("chat/nonsense", 0.9)], None, MORE),
        ("why?", SURE_A, None, MORE),
        ("the second one", SURE_A, {"kind": "emergency", "sign": ""}, "emergency"),
        ("a second opinion", SURE_A, None, "faq"),
    ],
)
def test_what_picks_or_leans_is_left_to_the_turn_before(text, ranked, safety, intent):
    asked = message(text)
    asked.set(PROBABILITIES, ranked)
    asked.set(SAFETY_HIT, safety)
    (processed,) = DoubtGate(CONFIG).process([asked])
    assert processed.get("intent")["name"] == intent


REFUSAL = "chat/ask_diagnosis"


@pytest.mark.parametrize(
    ("parts", "refused", "expected"),
    [
        ([SURE_A, SURE_B], [True, False], [REFUSAL, "faq/b"]),
        ([SURE_A, SURE_B], [False, True], ["faq/a", REFUSAL]),
        ([SURE_A, [("faq/b", 0.5)]], [True, False], []),
        ([SURE_A, SURE_B], [True, True], []),
        ([SURE_A, SURE_B], [False, False], []),
        ([SURE_A, [("chat/thanks", 0.99)]], [True, False], []),
        # Beside "I cannot tell what it is" this would sound like an answer about the child.
        ([[("faq/is_it_cancer", 0.99)], SURE_B], [False, True], []),
        ([[("faq/is_it_cancer", 0.99)], SURE_A, SURE_B], [False, False, True], ["faq/a", REFUSAL]),
        ([], [], []),
    ],
)
def test_what_is_refused_and_what_is_answered_beside_it(parts, refused, expected):
    assert refused_and_asked(parts, refused, CONFIG) == expected


EMBOLIZATION = [("faq/embolization_what", 0.95)]


@pytest.mark.parametrize(
    ("text", "alone", "expected"),
    [
        # What it asks for is known, whatever it would be alone.
        ("who does it", [("faq/doctors_names", 0.9)], "faq/embolization_who"),
        ("and does it come before or after they operate", [("faq/radiation_when", 0.5)], "faq/embolization_when"),
        # It leans, and what it asks for is not known: the near one.
        ("is it so", [("faq/diet", 0.4), ("faq/angiogram", 0.35)], "faq/angiogram"),
        # It stands for itself.
        ("what should he eat before the day", [("faq/diet", 0.9)], "faq/diet"),
    ],
)
def test_a_part_is_read_in_the_light_of_the_part_before(text, alone, expected):
    known = in_context([EMBOLIZATION, alone], ["what is embolization", text], CONFIG)
    assert known[0] == EMBOLIZATION
    assert known[1][0][0] == expected
    assert in_context([[("faq/embolization_what", 0.3)], alone], ["what is it", text], CONFIG)[1] == alone


def test_without_a_classifier_there_are_no_parts_to_read():
    assert in_context([], ["what is it", "who does it"], CONFIG) == []


SURE_AND_NEAR = [("faq/a", 0.9), ("faq/b", 0.08)]


@pytest.mark.parametrize(
    ("parts", "answered", "offered"),
    [
        # In doubt: what it may be about, the likeliest first.
        ([SURE_A, [("faq/b", 0.3), ("faq/c", 0.4)]], ["faq/a"], ["faq/c", "faq/b"]),
        # What is answered is not offered again, nor what is unlikely.
        ([SURE_A, [("faq/b", 0.5), ("faq/a", 0.3), ("faq/c", 0.1)]], ["faq/a"], ["faq/b"]),
        ([SURE_A, SURE_AND_NEAR], ["faq/a"], []),
        ([SURE_A, SURE_B], ["faq/a", "faq/b"], []),
        # Surely no question about ASPS.
        ([SURE_A, [("chat/thanks", 0.6), ("faq/b", 0.3)]], ["faq/a"], []),
        # Two at most, over all parts.
        ([[("faq/b", 0.5)], [("faq/c", 0.4)], [("faq/d", 0.3)]], ["faq/a"], ["faq/b", "faq/c"]),
        ([], ["faq/a"], []),
    ],
)
def test_what_another_part_may_be_about_is_offered(parts, answered, offered):
    assert asked_besides(parts, answered) == offered


_LABELS = st.sampled_from(["faq/a", "faq/b", "faq/c", "chat/thanks", "chat/off_topic", "emergency"])
_RANKED = st.lists(st.tuples(_LABELS, st.floats(0, 1)), min_size=1, max_size=5).map(
    lambda ranked: sorted(dict(ranked).items(), key=lambda one: -one[1])
)


@given(parts=st.lists(_RANKED, max_size=4), answered=st.sets(_LABELS, max_size=3))
def test_only_topics_that_are_not_answered_are_offered_and_few_of_them(parts, answered):
    offered = asked_besides(parts, answered)
    assert len(offered) == len(set(offered)) <= MOST_BESIDES
    assert all(label.startswith("faq/") for label in offered)
    assert not set(offered) & answered


def decided(text, ranked, parts=(), **more):
    """Return what the gate makes of a message with parts: pairs of a text and its labels."""
    asked = message(text)
    asked.set(PROBABILITIES, ranked)
    asked.set(PARTS, [part for part, _ in parts])
    asked.set(PART_PROBABILITIES, [labels for _, labels in parts])
    for name, value in more.items():
        asked.set(name, value)
    return DoubtGate(CONFIG).process([asked])[0]


TWO = [("why no chemo", SURE_A), ("what do you give instead", [("faq/b", 0.4), ("faq/c", 0.2)])]


def test_beside_the_one_question_that_is_sure_the_other_is_offered():
    found = decided("why no chemo, and what do you give instead", SURE_A, TWO)
    assert found.get("intent")["name"] == QUESTIONS
    assert found.get(QUESTIONS) == ["faq/a"]
    assert found.get(ASKED_BESIDES) == ["faq/b", "faq/c"]


def test_one_question_alone_is_answered_as_ever():
    found = decided("why no chemo", SURE_A)
    assert found.get("intent")["name"] == "faq"
    assert found.get(ASKED_BESIDES) is None


@pytest.mark.parametrize(
    ("ranked", "more"),
    [
        ([("chat/ask_diagnosis", 0.9)], {}),
        ([("chat/off_topic", 0.9)], {}),
        (SURE_A, {"family_guide_asks_diagnosis": True}),
    ],
)
def test_beside_what_is_no_answer_nothing_is_offered(ranked, more):
    found = decided("why no chemo, and what do you give instead", ranked, TWO, **more)
    assert found.get("intent")["name"] not in ("faq", QUESTIONS)
    assert found.get(ASKED_BESIDES) is None


@pytest.mark.parametrize(
    ("ranked", "more"),
    [
        ([("crisis", 0.999)], {}),
        (SURE_A, {"safety": {"kind": "emergency", "sign": ""}}),
        (SURE_A, {"safety": {"kind": "emergency", "sign": "not_breathing"}}),
    ],
)
def test_below_a_safety_message_stands_what_was_surely_asked(ranked, more):
    found = decided(
        "can it spread? he is choking", ranked, [("can it spread", SURE_B), ("is he", [("faq/a", 0.5)])], **more
    )
    assert found.get("intent")["name"] in ("emergency", "crisis")
    assert found.get(ASKED_BESIDES) == ["faq/b"]
    assert found.get(QUESTIONS) == []


@pytest.mark.parametrize(
    ("whole", "parts", "told_plainly", "offered"),
    [
        ([("faq/a", 0.7)], [], False, ["faq/a"]),
        ([("faq/a", 0.5)], [], False, []),
        ([("faq/a", 0.9)], [], True, []),
        ([("chat/thanks", 0.9)], [], False, []),
        ([("faq/a", 0.9)], [[("faq/b", 0.9)], [("faq/b", 0.8)]], True, ["faq/b"]),
        ([], [[("faq/a", 0.9)], [("faq/b", 0.8)], [("faq/c", 0.7)]], False, ["faq/b", "faq/c"]),
        ([], [[("check_symptoms", 0.9)]], False, []),
        ([], [], False, []),
    ],
)
def test_what_is_offered_below_a_safety_message(whole, parts, told_plainly, offered):
    assert asked_beside_danger(whole, parts, told_plainly) == offered


@pytest.mark.parametrize(
    ("text", "ranked", "leaning"),
    [
        ("what if that doesn't work", [("chat/not_helpful", 0.95)], True),
        ("that doesn't work", [("chat/not_helpful", 0.7)], True),
        ("that doesn't work", [("chat/not_helpful", 0.95)], False),
        ("thanks so much for that", [("chat/thanks", 0.7)], False),
        ("why is that", [("chat/ask_diagnosis", 0.7)], False),
    ],
)
def test_small_talk_that_asks_about_the_turn_before_leans_on_it(text, ranked, leaning):
    found = decided(text, ranked)
    assert (found.get("intent")["name"] == MORE) == leaning
    assert found.get(LEANING) == (ranked[0][0] if leaning else None)


STORY = "we live by the sea and " * 8 + "i would love to know how that goes"


def test_of_a_story_in_doubt_what_it_asks_is_offered_and_not_what_it_tells():
    part = [("faq/b", 0.6), ("faq/a", 0.3)]
    found = decided(
        STORY,
        [("chat/off_topic", 0.4), ("faq/c", 0.2)],
        [("how that goes", part), ("who we are", [("chat/joke", 0.9)])],
    )
    assert found.get("intent")["name"] == CLARIFY
    assert [entry["name"] for entry in found.get("intent_ranking")] == ["faq/b", "faq/a"]


def test_of_a_story_no_part_in_doubt_is_answered():
    found = decided(STORY, [("chat/off_topic", 0.4)], [("how that goes", [("faq/b", 0.69)])])
    assert found.get("intent")["name"] == CLARIFY


def test_a_refused_story_offers_what_it_asks():
    found = decided(STORY, [("crisis", 0.5)], [("how that goes", [("faq/b", 0.6)])], family_guide_asks_diagnosis=True)
    assert found.get("intent")["name"] == "chat"
    assert found.get("intent_ranking")[0]["name"] == "faq/b"


def test_of_a_short_message_the_whole_is_offered():
    found = decided(
        "is radiation given or surgery", [("faq/c", 0.5), ("faq/a", 0.3)], [("is radiation given", [("faq/b", 0.6)])]
    )
    assert found.get("intent")["name"] == CLARIFY
    assert found.get("intent_ranking") is None
