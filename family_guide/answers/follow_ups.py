"""Short messages that lean on the turn before: which they are, and what they ask for."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from spacy.lang.en.stop_words import STOP_WORDS

_MOST_OWN_WORDS = 1
"""With more words that carry meaning a message stands for itself."""

_HOW_COME = re.compile(r"\bhow come\b", re.IGNORECASE)
"""Asks why, and has nothing to do with coming back."""
_NOT = re.compile(r"n'?t$")
_WORD = re.compile(r"[a-z][a-z'-]*")
_WORD_OR_NUMBER = re.compile(r"[a-z0-9][a-z0-9']*")

LAST = -1
"""Place of the last of what was offered."""


class FollowUpsError(ValueError):
    """`content/follow_ups.yml` is not as it should be; says what and how to mend it."""


@dataclass(frozen=True)
class Choosing:
    """How a family picks one of the topics that were offered.

    Attributes:
        places: words for the first place, the second, and so on; `LAST` for the last.
        numbers: words that name a place only after one of `before_numbers`.
        before_numbers: such as "number" and "option".
        around: words that may stand around the place.
    """

    places: Mapping[str, int]
    numbers: Mapping[str, int]
    before_numbers: frozenset[str]
    around: frozenset[str]

    def place(self, text: str) -> int | None:
        """Return which of what was offered a message picks, from 0, `LAST` for the last; None where it picks none.

        Args:
            text: what the family typed.
        """
        words = _WORD_OR_NUMBER.findall(text.lower().replace("’", "'"))
        named = [self.places[word] for word in words if word in self.places]
        for before, word in pairwise(words):
            if before in self.before_numbers and word in self.numbers:
                named.append(self.numbers[word])
        known = self.around | self.places.keys() | (self.numbers.keys() if named else set())
        return named[0] if len(set(named)) == 1 and known.issuperset(words) else None


@dataclass(frozen=True)
class FollowUps:
    """The words of `content/follow_ups.yml`.

    Attributes:
        most_words: a leaning message has no more words than this.
        pointers: words that point back.
        openers: words that it begins with when it points back without saying so.
        subjects: words that name a subject of their own.
        goes_on_with: what a message begins with that goes on from the answer before, whatever it names.
        kinds: what it asks for, with the phrases that say so, in order of precedence.
        choosing: how one of the topics that were offered is picked.
        nearer: how many times likelier a topic is right after the answer to one that is near it.
    """

    most_words: int
    pointers: frozenset[str]
    openers: frozenset[str]
    subjects: frozenset[str]
    goes_on_with: tuple[str, ...]
    kinds: tuple[tuple[str, tuple[str, ...]], ...]
    choosing: Choosing
    nearer: float

    def leans(self, text: str) -> bool:
        """Return whether a message makes no sense without the turn before.

        Args:
            text: what the family typed.
        """
        words = _words(_HOW_COME.sub("why", text))
        if not 0 < len(words) <= self.most_words or self.subjects.intersection(words):
            return False
        little = STOP_WORDS | self.pointers | self.openers
        own = [word for word in words if _NOT.sub("", word) not in little]
        if len(own) > _MOST_OWN_WORDS:
            return False
        return words[0] in self.openers or not self.pointers.isdisjoint(words)

    def points_back(self, text: str) -> bool:
        """Return whether a short message has a word that points back, whatever else it says."""
        words = _words(text)
        return len(words) <= self.most_words and not self.pointers.isdisjoint(words)

    def goes_on(self, text: str) -> bool:
        """Return whether a short message asks about something else in the same breath: "what about for teens"."""
        words = _words(text)
        said = f"{' '.join(words)} "
        return len(words) <= self.most_words and any(said.startswith(f"{begins} ") for begins in self.goes_on_with)

    def kind(self, text: str) -> str | None:
        """Return what a leaning message asks for, such as `why`, or None."""
        said = f" {' '.join(_words(text))} "
        for kind, phrases in self.kinds:
            if any(f" {phrase} " in said for phrase in phrases):
                return kind
        return None

    def in_view_of(self, ranked: Sequence[tuple[str, float]], near: Set[str]) -> list[tuple[str, float]]:
        """Return labels with their probabilities for a message right after an answer, likeliest first.

        Args:
            ranked: labels with their probabilities as if nothing had been said before; the likeliest are enough.
            near: topics such as `faq/can_it_spread` that are near to the answer.
        """
        weighed = [(label, p * (self.nearer if label in near else 1.0)) for label, p in ranked]
        rest = max(0.0, 1.0 - sum(p for _, p in ranked))
        total = rest + sum(p for _, p in weighed)
        return sorted(((label, p / total) for label, p in weighed), key=lambda one: -one[1]) if total else []


def load_follow_ups(path: Path) -> FollowUps:
    """Read `content/follow_ups.yml`.

    Raises:
        FollowUpsError: a key is missing or of another kind.
    """
    content = yaml.safe_load(path.read_text("utf-8")) or {}
    try:
        return FollowUps(
            most_words=int(content["most_words"]),
            pointers=frozenset(content["pointers"]),
            openers=frozenset(content["openers"]),
            subjects=frozenset(content["subjects"].split()),
            goes_on_with=tuple(content["goes_on_with"]),
            kinds=tuple((kind, tuple(phrases)) for kind, phrases in content["kinds"].items()),
            choosing=_choosing(content["choosing"]),
            nearer=float(content["nearer"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FollowUpsError(f"{path}: {error!r}: give each key as in the version before.") from error


def _choosing(content: dict[str, Any]) -> Choosing:
    places = {word: place for place, words in enumerate(content["places"]) for word in words}
    return Choosing(
        places={**places, **dict.fromkeys(content["last"], LAST)},
        numbers={word: place for place, word in enumerate(content["numbers"])},
        before_numbers=frozenset(content["before_numbers"]),
        around=frozenset(content["around"].split()),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))
