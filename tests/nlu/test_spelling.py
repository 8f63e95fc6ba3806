import pytest
from rasa.shared.nlu.training_data.training_data import TrainingData

from family_guide.nlu.spelling import Spelling
from family_guide.words import english_words
from tests.nlu.conftest import message

PHRASES = ["radiation after surgery", "what is rotationplasty", "is the sarcoma growing", "embolization before surgery"]


@pytest.fixture
def spelling(create):
    made = create(Spelling, least_count=1)
    made.train(TrainingData([message(text, "faq/x") for text in PHRASES]))
    return made


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("radiaton", "radiation"),
        ("rotatonplasty", "rotationplasty"),
        ("embolizaton", "embolization"),
        ("sarcomma?", "sarcoma?"),
        ("What is Surgry", "What is surgery"),
    ],
)
def test_an_unknown_word_becomes_the_nearest_known_one(spelling, typed, mended):
    assert spelling.mend(typed) == mended


@pytest.mark.parametrize("word", ["kemo", "goin", "asps", "xyzzyq", "ok", "it's", "dog", "what'll", "that'd"])
def test_what_is_protected_or_near_nothing_stays(spelling, word):
    assert spelling.mend(word) == word


def test_no_english_word_is_changed(spelling):
    changed = [word for word in sorted(english_words()) if spelling.mend(word) != word]
    assert changed == []


def test_the_text_itself_stays_as_it_was_typed(spelling):
    (processed,) = spelling.process([message("radiaton")])
    assert processed.get("text") == "radiaton"
