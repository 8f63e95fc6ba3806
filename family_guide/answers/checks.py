"""Checks of the curated answers, with stable codes that an editor can look up."""

import re
from collections.abc import Iterator
from pathlib import Path

from family_guide.answers.library import Answer, AnswerLibrary, LibraryError
from family_guide.answers.reading import grade
from family_guide.problem import Problem

HIGHEST_GRADE = 8.0
HIGHEST_AVERAGE_GRADE = 6.0
LEAST_PHRASINGS = {True: 40, False: 25}
"""Phrasings for a topic that the page covers, and for one that it does not."""
MOST_RELATED = 3
LONGEST_TITLE = 40
COPIED_WORDS = 8
"""A run of this many words in common with another text is a copy."""

_REASSURES = re.compile(
    r"don.t worry|do not worry|no need to (?:worry|panic)|nothing to worry|probably (?:nothing|fine|harmless|benign)"
    r"|good news|will be (?:fine|ok|okay|all right)|everything will|most likely (?:benign|harmless)|rest assured",
    re.IGNORECASE,
)
_DIAGNOSES = re.compile(
    r"\b(?:your (?:child|son|daughter)|you|he|she) (?:has|have|does not have|do not have|doesn.t have|don.t have|"
    r"probably has|may have|might have|could have) (?:asps|cancer|a tumor|this cancer|this disease|a sarcoma)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{3,}|\d+ ?%|\bpercent\b", re.IGNORECASE)
_ALLOWED_NUMBERS = ("911", "988")
_TESTS = re.compile(
    r"\b(?:MRI|CT|PET|ultrasound|biops\w*|blood test\w*|bone scan\w*|X-ray of|magnetic resonance)\b", re.IGNORECASE
)


def check_answers(library: AnswerLibrary, page_text: str | None = None) -> list[Problem]:
    """Return everything wrong with the answers; empty when all is well.

    Codes: A001 fact unknown, A002 fact unused, A003 no fact named, A004 heading is
    not one of the page's, A005 related topic unknown, or too many, A006 title missing
    or too long, A007 too few phrasings, A008 phrasing stands twice, A009 reads too
    hard, A010 average reads too hard, A011 reassures, A012 diagnoses, A013 a number
    that the page does not give, A014 a test named that the page does not name,
    A015 text missing, A016 a sentence copied from the page, A017 follow-up leads to no topic.

    Args:
        library: the answers and the page's facts.
        page_text: the page itself, where it is at hand, to find copied sentences.
    """
    problems: list[Problem] = []
    used: set[str] = set()
    seen: dict[str, Answer] = {}
    grades = []
    for answer in library:
        used.update(answer.facts)
        problems += _check_metadata(answer, library)
        problems += _check_phrasings(answer, seen)
        if not answer.text:
            problems.append(_problem("A015", answer, "text", "is empty. Write the answer."))
            continue
        grades.append(grade(answer.text))
        problems += _check_words(answer, page_text, library.page.publisher)
    facts = library.page.facts
    for fact in sorted(facts.keys() - used):
        problems.append(
            Problem("A002", f"content/sources: {fact}", "is used by no answer. Name it in the answer that says it.")
        )
    if grades and sum(grades) / len(grades) > HIGHEST_AVERAGE_GRADE:
        average = sum(grades) / len(grades)
        problems.append(
            Problem("A010", "data/faq", f"the average grade is {average:.1f}. Use shorter words and sentences.")
        )
    return problems


def load_and_check(data: Path, sources: Path) -> tuple[AnswerLibrary | None, list[Problem]]:
    """Read and check the answers; code A000 where a file cannot be read."""
    try:
        library = AnswerLibrary.load(data, sources)
    except LibraryError as error:
        return None, [Problem("A000", "data/faq", str(error))]
    return library, check_answers(library)


def _problem(code: str, answer: Answer, key: str, message: str) -> Problem:
    return Problem(code, f"{answer.file.name}: {answer.topic}: {key}", message)


def _check_metadata(answer: Answer, library: AnswerLibrary) -> Iterator[Problem]:
    facts = library.page.facts
    for fact in answer.facts:
        if fact not in facts:
            yield _problem("A001", answer, "facts", f"{fact} is no fact of content/sources. Mend the id.")
    if answer.covered and not answer.facts:
        yield _problem("A003", answer, "facts", "is empty. Name the facts, or set not_covered: true.")
    named = answer.heading is not None or answer.covered
    if named and answer.heading not in set(library.page.headings.values()):
        yield _problem("A004", answer, "heading", "is not one of the page's. Copy it from content/sources.")
    for related in answer.related:
        if library.get(f"faq/{related}") is None or related == answer.id:
            yield _problem("A005", answer, "related", f"{related} is no other topic. Mend the name.")
    for kind, topic in answer.follow_ups.items():
        if library.get(f"faq/{topic}") is None:
            yield _problem("A017", answer, f"follow_ups.{kind}", f"{topic} is no topic. Mend the name.")
    if len(answer.related) > MOST_RELATED:
        yield _problem("A005", answer, "related", f"has more than {MOST_RELATED} topics. Keep the nearest.")
    if not 0 < len(answer.title) <= LONGEST_TITLE:
        yield _problem("A006", answer, "title", f"must have 1 to {LONGEST_TITLE} characters.")


def _check_phrasings(answer: Answer, seen: dict[str, Answer]) -> Iterator[Problem]:
    least = LEAST_PHRASINGS[answer.covered]
    if len(answer.phrasings) < least:
        yield _problem("A007", answer, "nlu", f"has {len(answer.phrasings)} phrasings. Add some, up to {least}.")
    for phrasing in answer.phrasings:
        key = " ".join(re.findall(r"\w+", phrasing.lower()))
        other = seen.setdefault(key, answer)
        if other is not answer:
            yield _problem("A008", answer, "nlu", f"{phrasing!r} stands under {other.topic} too. Keep one.")


def _check_words(answer: Answer, page_text: str | None, publisher: str) -> Iterator[Problem]:
    found = grade(answer.text)
    if found > HIGHEST_GRADE:
        yield _problem("A009", answer, "text", f"reads at grade {found:.1f}. Use shorter words and sentences.")
    for code, pattern, what in (
        ("A011", _REASSURES, "reassures"),
        ("A012", _DIAGNOSES, "says or implies a diagnosis"),
        ("A014", _TESTS, "names a test that the page does not name"),
    ):
        match = pattern.search(answer.text)
        if match:
            yield _problem(code, answer, "text", f"{match.group()!r} {what}. Say it without.")
    for match in _NUMBER.finditer(answer.text):
        if match.group() not in _ALLOWED_NUMBERS:
            yield _problem(
                "A013", answer, "text", f"{match.group()!r} is a number the page does not give. Take it out."
            )
    if page_text is not None:
        copied = _copied(answer.text.replace(publisher, ""), page_text)
        if copied:
            yield _problem("A016", answer, "text", f"{copied!r} is the page's own wording. Say it in other words.")


def _copied(text: str, page: str) -> str | None:
    """Return a run of words that a text has in common with the page, or None."""
    words, other = (re.findall(r"[a-z0-9']+", t.lower()) for t in (text, page))
    runs = {tuple(other[i : i + COPIED_WORDS]) for i in range(len(other) - COPIED_WORDS + 1)}
    for i in range(len(words) - COPIED_WORDS + 1):
        if tuple(words[i : i + COPIED_WORDS]) in runs:
            return " ".join(words[i : i + COPIED_WORDS])
    return None
