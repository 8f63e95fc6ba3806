"""Every code of the answers' checks, each with a file that is wrong in that one way."""

from pathlib import Path

import pytest

from family_guide.answers import Answer, AnswerLibrary, Page
from family_guide.answers.checks import check_answers, load_and_check
from family_guide.answers.library import LibraryError, read_page
from family_guide.content import DATA, SOURCES

PAGE = Page("Title", "Publisher", {"W01": "It grows."}, {"W01": "Heading"})
GOOD = {
    "topic": "faq/a",
    "text": "It grows slowly. Ask the care team.",
    "title": "How it grows",
    "facts": ("W01",),
    "heading": "Heading",
    "related": (),
    "follow_ups": {},
    "covered": True,
    "file": Path("a.yml"),
    "phrasings": tuple(f"how {i}" for i in range(40)),
}


def codes(page_text=None, page=PAGE, **changes):
    return {p.code for p in check_answers(AnswerLibrary([Answer(**{**GOOD, **changes})], page), page_text)}


def test_a_good_answer_has_no_problem():
    assert codes() == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facts": ("W01", "X99")}, "A001"),
        ({"page": Page("T", "P", {"W01": "a", "W02": "b"}, {"W01": "Heading", "W02": "Heading"})}, "A002"),
        ({"facts": ()}, "A003"),
        ({"heading": "Another"}, "A004"),
        ({"related": ("nothing",)}, "A005"),
        ({"title": ""}, "A006"),
        ({"title": "x" * 41}, "A006"),
        ({"phrasings": ("one",)}, "A007"),
        ({"text": "Notwithstanding multidisciplinary considerations, comprehensive reevaluation necessitates "
                  "extraordinarily sophisticated interdisciplinary collaboration."}, "A009"),
        ({"text": "Don't worry about it."}, "A011"),
        ({"text": "It is probably nothing."}, "A011"),
        ({"text": "Your child has cancer."}, "A012"),
        ({"text": "Call 555 now."}, "A013"),
        ({"text": "It is 80% sure."}, "A013"),
        ({"text": "They do an MRI."}, "A014"),
        ({"text": ""}, "A015"),
        ({"follow_ups": {"why": "nothing"}}, "A017"),
    ],
)  # fmt: skip
def test_each_defect_has_its_code(changes, code):
    assert code in codes(**changes)


def test_a_sentence_of_the_page_is_found():
    page = "The page says that it grows slowly and nobody sees it for a while."
    assert "A016" in codes(page, text="It grows slowly and nobody sees it for a while. So there.")


def test_a_phrasing_under_two_topics_is_found():
    twin = Answer(**{**GOOD, "topic": "faq/b"})
    problems = check_answers(AnswerLibrary([Answer(**GOOD), twin], PAGE))
    assert "A008" in {p.code for p in problems}


def test_a_file_that_is_no_yaml_is_named(tmp_path):
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "bad.yml").write_text("a: [")
    library, problems = load_and_check(tmp_path, SOURCES)
    assert library is None
    assert problems[0].code == "A000"
    assert "bad.yml" in str(problems[0])


def test_a_page_with_a_fact_twice_is_refused(tmp_path):
    (tmp_path / "p.yml").write_text(
        "page: {title: T, publisher: P}\nfacts:\n- {heading: A, statements: {W01: a}}\n"
        "- {heading: B, statements: {W01: b}}\n"
    )
    with pytest.raises(LibraryError, match="W01 stands twice"):
        read_page(tmp_path / "p.yml")


def test_the_real_answers_are_sound_and_use_every_fact():
    library, problems = load_and_check(DATA, SOURCES)
    assert problems == []
    assert {fact for answer in library for fact in answer.facts} == set(library.page.facts)
    assert sum(answer.covered for answer in library) >= 45
    assert sum(not answer.covered for answer in library) >= 15
