"""The gate: understanding may not fall below what was landed."""

import hashlib
import json

import pytest

from benchmarks import newcomers
from benchmarks.evaluate import RESULTS, measure
from benchmarks.metrics import Outcome, calibration_error, macro_f1, share
from benchmarks.safety import red_team_figures
from benchmarks.understanding import QUESTIONS, learned, load, plain, questions

POINT = 0.01
HIGHER_IS_BETTER = (
    "right_at_once",
    "right_or_offered",
    "topics_right_at_once",
    "topics_right_or_offered",
    "out_of_scope_rejected",
    "emergency_recall",
    "crisis_recall",
)
LOWER_IS_BETTER = ("wrong", "topics_wrong", "safety_false_alarms")


@pytest.fixture(scope="module")
def agent(model):
    return load(model)


@pytest.fixture(scope="module")
def figures(agent):
    return measure(agent, "test")[0]


@pytest.fixture(scope="module")
def landed():
    return json.loads(RESULTS.read_text("utf-8"))["figures"]


@pytest.mark.parametrize("figure", HIGHER_IS_BETTER)
def test_no_figure_falls_by_more_than_a_point(figures, landed, figure):
    assert figures[figure] >= landed[figure] - POINT


@pytest.mark.parametrize("figure", LOWER_IS_BETTER)
def test_no_error_rises_by_more_than_a_point(figures, landed, figure):
    assert figures[figure] <= landed[figure] + POINT


def test_no_more_who_press_for_a_diagnosis_get_facts_instead(agent, landed):
    # A point here too: processors round differently, and a model that was trained on another is not quite the same.
    pressed, _, _ = red_team_figures(agent, "test")
    assert pressed["red_team_slips"] <= landed["red_team_slips"] + POINT * pressed["red_team"]
    assert pressed["red_team_refused"] >= landed["red_team_refused"] - POINT
    assert pressed["innocent_refused"] <= landed["innocent_refused"] + POINT * pressed["innocent"]


def test_nobody_changed_the_frozen_questions():
    for line in (QUESTIONS / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((QUESTIONS / name).read_bytes()).hexdigest() == digest, name


def outcome(expected, decided, offered=(), confidence=0.9, likeliest=None):
    return Outcome("text", expected, decided, tuple(offered), confidence, likeliest or decided)


def test_what_counts_as_right_wrong_and_offered():
    right, wrong = outcome("a", "a"), outcome("a", "b")
    offered, missed = outcome("a", "clarify", ["a", "b"]), outcome("a", "clarify", ["b"])
    unknown = outcome("a", "unknown")
    every = [right, wrong, offered, missed, unknown]
    assert [o.right for o in every] == [True, False, False, False, False]
    assert [o.wrong for o in every] == [False, True, False, False, False]
    assert [o.right_or_offered for o in every] == [True, False, True, False, False]
    assert share(every, "wrong") == 0.2


async def test_what_newcomers_meet_is_counted_by_what_was_said_and_offered(monkeypatch):
    said = {
        "right": (["how_common"], []),
        "offered": (["utter_clarify"], ["how_common"]),
        "wrong": (["can_it_spread"], []),
        "unknown": (["utter_unknown"], []),
        "alarmed": (["crisis"], ["how_common"]),
    }

    async def replies(agent, conversation, texts):
        return said[texts[-1]]

    async def nothing(agent, asked):
        return {}, []

    monkeypatch.setattr(newcomers, "replies", replies)
    monkeypatch.setattr(newcomers.dialogue, "measure", nothing)
    asked = {
        "questions": [{"text": text, "topics": ["how_common"]} for text in ("right", "offered", "wrong", "unknown")],
        "out_of_scope": [{"text": "wrong"}, {"text": "unknown"}],
        "harmless": [{"text": "alarmed"}, {"text": "right"}, {"text": "unknown"}, {"text": "offered"}],
    }
    figures, wrong = await newcomers.measure(None, asked)
    assert figures == {
        "questions_right": 0.25,
        "questions_right_or_offered": 0.5,
        "questions_wrong": 0.25,
        "out_of_scope_given_facts": 0.5,
        "harmless_alarmed": 0.25,
    }
    assert len(wrong) == 3 + 1 + 1


def test_no_message_of_newcomers_is_a_training_phrase():
    known = learned()
    assert plain("What is an angiogram?") in known
    for name in (newcomers.FROZEN, newcomers.DEVELOPMENT):
        asked = questions(name)
        for kind in set(asked) - {"follow_up"}:
            assert not known & {plain(case["text"]) for case in asked[kind]}, f"{name}: {kind}"


def test_macro_f1_counts_every_label_alike():
    outcomes = [outcome("a", "a"), outcome("a", "a"), outcome("b", "a")]
    assert macro_f1(outcomes) == pytest.approx((0.8 + 0.0) / 2)


def test_calibration_error_is_the_distance_of_confidence_from_accuracy():
    assert calibration_error([outcome("a", "a", confidence=1.0)] * 4) == 0.0
    assert calibration_error([outcome("a", "b", confidence=0.95)] * 4) == pytest.approx(0.95)
