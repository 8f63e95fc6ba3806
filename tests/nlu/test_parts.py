import pytest

from family_guide.nlu.labels import MOST_PARTS
from family_guide.nlu.parts import STORY, parts


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wats a margin and wen is it big", ["wats a margin", "wen is it big"]),
        (
            "no one has told us whether rays are used, nor for how long she is seen after",
            ["no one has told us whether rays are used", "for how long she is seen after"],
        ),
        (
            "I am not clear about why they cut first or what the edges are for",
            ["I am not clear about why they cut first", "what the edges are for"],
        ),
        (
            "is it a very rare cancer do they often find it late",
            ["is it a very rare cancer", "do they often find it late"],
        ),
        ("how is it found and after the tests what then", ["how is it found", "after the tests what then"]),
        ("what is it and whose decision is the plan", ["what is it", "whose decision is the plan"]),
        (
            "We would like to book a visit; we would also like to know where to park.",
            ["We would like to book a visit;", "we would also like to know where to park."],
        ),
    ],
)
def test_questions_that_are_asked_round_about_are_parts(text, expected):
    assert parts(text) == expected


TOLD = "We live by the sea and keep nine hens, and my wife drives the school bus. "


@pytest.mark.parametrize(
    ("tells", "asks"),
    [
        ("My sister, who is a vet, comes along. ", "I promised him I'd find out if he can be a dad one day."),
        ("He has a friend, has known her for years. ", "What I can't get past is how it could sit there unseen."),
        ("So when he fell we laughed. ", "I would love to tell her what the doctor looks at in the exam."),
        ("We went to the one in town, which I liked. ", "How rare is this cancer?"),
    ],
)
def test_of_a_story_what_it_asks_is_a_part_and_not_what_it_tells(tells, asks):
    story = TOLD + tells + asks
    assert len(story.split()) >= STORY
    assert parts(story) == [asks]


def test_what_has_a_question_mark_counts_before_what_has_none():
    passing = "She asked me why I went. He asked me why I stayed. They asked how we came. You asked where we sat. "
    story = f"{TOLD}How rare is this cancer? {passing}"
    assert len(parts(story)) == MOST_PARTS
    assert parts(story)[0] == "How rare is this cancer?"


def test_who_does_not_know_what_to_do_asks_no_question():
    assert parts("the lump is there. I don't know what to do. he limps") == []


@pytest.mark.parametrize(
    "text",
    [
        "when they say margin do they mean the edge",
        "where in the world do they treat this",
        "if it is deep do they operate",
    ],
)
def test_half_a_question_is_not_cut_off(text):
    assert parts(text) == []
