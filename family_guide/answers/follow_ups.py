"""Short messages that lean on the turn before: which they are, and what they ask for."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from spacy.lang.en.stop_words import STOP_WORDS

_MOST_OWN_WORDS = 1
"""With more words that carry meaning a message stands for itself."""

_WORD = re.compile(r"[a-z][a-z'-]*")


class FollowUpsError(ValueError):
    """`content/follow_ups.yml` is not as it should be; says what and how to mend it."""


@dataclass(frozen=True)
class FollowUps:
    """The words of `content/follow_ups.yml`.

    Attributes:
        most_words: a leaning message has no more words than this.
        pointers: words that point back.
        openers: words that it begins with when it points back without saying so.
        subjects: words that name a subject of their own.
        kinds: what it asks for, with the phrases that say so, in order of precedence.
    """

    most_words: int
    pointers: frozenset[str]
    openers: frozenset[str]
    subjects: frozenset[str]
    kinds: tuple[tuple[str, tuple[str, ...]], ...]

    def leans(self, text: str) -> bool:
        """Return whether a message makes no sense without the turn before.

        Args:
            text: what the family typed.
        """
        words = _words(text)
        if not 0 < len(words) <= self.most_words or self.subjects.intersection(words):
            return False
        own = [word for word in words if word not in STOP_WORDS | self.pointers | self.openers]
        if len(own) > _MOST_OWN_WORDS:
            return False
        return words[0] in self.openers or not self.pointers.isdisjoint(words)

    def kind(self, text: str) -> str | None:
        """Return what a leaning message asks for, such as `why`, or None."""
        said = f" {' '.join(_words(text))} "
        for kind, phrases in self.kinds:
            if any(f" {phrase} " in said for phrase in phrases):
                return kind
        return None


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
            kinds=tuple((kind, tuple(phrases)) for kind, phrases in content["kinds"].items()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FollowUpsError(f"{path}: {error!r}: give each key as in the version before.") from error


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("’", "'"))
