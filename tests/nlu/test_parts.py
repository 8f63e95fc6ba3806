import pytest

from family_guide.nlu.labels import MOST_PARTS
from family_guide.nlu.parts import parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is it cancer and will he lose his leg?", ["is it cancer", "will he lose his leg?"]),
        ("What is ASPS? Can it spread?", ["What is ASPS?", "Can it spread?"]),
        ("can he eat normally and go to school", ["can he eat normally", "can he go to school"]),
        (
            "I'd like to know how fast it grows and how big they get",
            ["I'd like to know how fast it grows", "how big they get"],
        ),
        ("1) what does it cost 2) who do we call", ["what does it cost", "who do we call"]),
        ("is it rare what about his twin", ["is it rare", "what about his twin"]),
        ("What is an angiogram & a biopsy?", ["What is angiogram?", "What is biopsy?"]),
        ("how big can they be and my husband's question is where they are", ["how big can they be", "where they are"]),
        ("q1 how rare is it q2 is there parking", ["how rare is it", "is there parking"]),
        ("is chemo used, if not what is", ["is chemo used", "if not what is"]),
        ("two things: how big is it, who do we call", ["how big is it", "who do we call"]),
        ("how rare is it and in which limb is it", ["how rare is it", "in which limb is it"]),
        (
            "can we visit him on the ward sorry will he be awake",
            ["can we visit him on the ward sorry", "will he be awake"],
        ),
        ("what does it cost, my wife asks if there is a bus", ["what does it cost", "my wife asks if there is a bus"]),
        ("how rare is it um and like where is it", ["how rare is it um", "where is it"]),
        ("I am not sure how rare it is, nor who does it", ["I am not sure how rare it is", "who does it"]),
        ("First off how rare is it. Who do we call then", ["First off how rare is it.", "Who do we call then"]),
        ("We had a hard week. I do not understand what margins are.", ["I do not understand what margins are."]),
    ],
)
def test_each_question_is_a_part(text, expected):
    assert parts(text) == expected


def test_a_question_that_leans_on_what_was_said_takes_it_along():
    text = "They want to close the vessels first. Why do they do that?"
    assert parts(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "can it spread",
        "can it spread to the lungs and the bones",
        "he fell. he cried.",
        "do you know how long it takes",
        "what side effects will she have",
        "when they open the leg, does it bleed a lot",
        "if the margins are not clear, will they operate again",
        "I wonder why do they wait",
    ],
)
def test_one_question_and_none_have_no_parts(text):
    assert parts(text) == []


def test_of_many_questions_the_last_are_looked_at():
    assert len(parts(" ".join(f"what is number {n}?" for n in range(20)))) == MOST_PARTS
