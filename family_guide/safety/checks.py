"""Checks of content/safety.yml, with stable codes that an editor can look up.

S001  the file cannot be read, or has not the form the rules need
S002  a reply is missing
S003  a reply reads harder than US grade 6
S004  a reply lacks the number it must give
S005  a reply holds a phone number that is neither 911 nor 988
S006  a sign's id is used twice
S007  a sign names a reply or a group of exceptions that does not exist
S008  a phrasing cannot be read
S009  a sign's phrasing holds @, which belongs to exceptions
S010  a phrasing is written twice
S011  a spelling means a word that is itself respelled
S012  a reply is not marked `clinical_review:`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from family_guide.safety.model import REPLIES, RulesText, SafetyFileError, read_file
from family_guide.safety.notation import Notation, NotationError

HIGHEST_GRADE = 6.0
_NUMBERS = {
    "emergency": ("911",),
    "crisis": ("988", "911"),
    "crisis_abuse": ("911",),
    "both": ("911", "988"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the rules: a stable code, where it is, what it is and how to mend it."""

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.where}: {self.message}"


def check_safety(path: str | Path) -> list[Problem]:
    """Everything wrong with content/safety.yml, in the order of the file; empty when all is well."""
    try:
        text = read_file(path)
        marks = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["replies"]
    except (SafetyFileError, OSError) as error:
        return [Problem("S001", str(path), str(error))]
    problems = list(_replies(text))
    for name, reply in marks.items():
        if not reply.get("clinical_review"):
            problems.append(Problem("S012", f"replies.{name}", "add clinical_review: awaiting"))
    problems += _signs(text)
    problems += _phrasings(text)
    return problems


def _replies(text: RulesText) -> Iterator[Problem]:
    for name in REPLIES:
        where = f"replies.{name}"
        reply = text.replies.get(name)
        if not reply:
            yield Problem("S002", where, "add the reply's text")
            continue
        grade = _grade(reply)
        if grade is not None and grade > HIGHEST_GRADE:
            yield Problem("S003", where, f"grade {grade:.1f}; use shorter words and sentences")
        numbers = re.findall(r"\d[\d\-. ()]*\d|\d", reply)
        for number in _NUMBERS[name]:
            if number not in numbers:
                yield Problem("S004", where, f"must give {number}")
        for number in numbers:
            if number not in ("911", "988"):
                yield Problem("S005", where, f"take out {number!r}")


def _grade(reply: str) -> float | None:
    """Flesch-Kincaid grade; None where textstat, a tool of development, is not installed."""
    try:
        import textstat
    except ImportError:
        return None
    return float(textstat.flesch_kincaid_grade(reply))


def _signs(text: RulesText) -> Iterator[Problem]:
    seen: set[str] = set()
    for sign in text.signs:
        where = f"signs.{sign.id}"
        if sign.id in seen:
            yield Problem("S006", where, "give it another id")
        seen.add(sign.id)
        if sign.reply not in text.replies:
            yield Problem("S007", where, f"no reply {sign.reply!r}")
        for group in sign.even_if:
            if group not in text.exceptions:
                yield Problem("S007", where, f"no exceptions {group!r}")
        for phrasing in sign.say:
            if "@" in phrasing:
                yield Problem("S009", where, f"{phrasing!r}: write it under unless")


def _phrasings(text: RulesText) -> Iterator[Problem]:
    notation = Notation(text.words, text.gap_stops, text.spellings)
    groups = [(f"exceptions.{name}", group) for name, group in text.exceptions.items()]
    for sign in text.signs:
        groups += [(f"signs.{sign.id}.say", sign.say), (f"signs.{sign.id}.unless", sign.unless)]
    for where, phrasings in groups:
        for phrasing in phrasings:
            try:
                notation.read(phrasing)
            except NotationError as error:
                yield Problem("S008", where, str(error))
            if phrasings.count(phrasing) > 1:
                yield Problem("S010", where, f"{phrasing!r}: keep one")
    for meant in dict.fromkeys(text.spellings.values()):
        for word in meant.split():
            if text.spellings.get(word, word) != word:
                right = text.spellings[word]
                yield Problem("S011", f"spellings.{meant}", f"write {right!r} in place of {word!r}")
