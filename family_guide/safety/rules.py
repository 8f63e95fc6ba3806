"""Emergency and crisis by rule: load the rules once, then ask them about every message."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from family_guide.safety import pipeline
from family_guide.safety.model import Kind, RulesText, read_file
from family_guide.safety.notation import Notation, Phrasing
from family_guide.safety.reading import Reader
from family_guide.words import english_words

logger = logging.getLogger(__name__)

DENIED = "denied"
"""The group of exceptions that never lets go words that deny themselves."""


@dataclass(frozen=True)
class Hit:
    """A sign that a message holds.

    Attributes:
        kind: what it is first of all.
        sign: id of the sign in content/safety.yml.
        words: the very words of the message that led there.
        also: the other kind, when the message holds both.
        also_sign: id of the sign of that other kind.
    """

    kind: Kind
    sign: str
    words: str
    also: Kind | None = None
    also_sign: str | None = None


@dataclass(frozen=True)
class Look:
    """What the rules see in a message.

    Attributes:
        hit: the sign that stands, or None.
        excused: whether signs are said and none stands: each is denied, past, asked about or a figure of speech.
    """

    hit: Hit | None
    excused: bool = False


class SafetyRules:
    """The rules, ready to use; safe to share between threads, keeps nothing of what it reads."""

    def __init__(self, text: RulesText, real_words: frozenset[str] = frozenset()) -> None:
        notation = Notation(text.words, text.gap_stops, text.spellings)
        groups = {DENIED: ()} | {name: _read(notation, group) for name, group in text.exceptions.items()}
        self._signs: dict[str, pipeline.Sign] = {}
        for sign in text.signs:
            apply = [name for name in groups if name not in sign.even_if]
            common = [phrasing for name in apply if name != DENIED for phrasing in groups[name]]
            self._signs[sign.id] = pipeline.Sign(
                sign.id,
                sign.kind,
                sign.reply,
                say=_read(notation, sign.say),
                exceptions=(*_read(notation, sign.unless), *common),
                denials=groups[DENIED] if DENIED in apply else (),
            )
        self._replies = dict(text.replies)
        self._alphabet = notation.alphabet
        self._reader = Reader(notation.alphabet.words, notation.alphabet.spelled, text.spellings, real_words)
        self._nlp = pipeline.build(self._signs.values(), notation.alphabet, text.gap_stops)

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every word the rules name."""
        return self._alphabet.words

    @property
    def spelled(self) -> frozenset[str]:
        """Those of them that a typing error may be mended to."""
        return self._alphabet.spelled

    def meant(self, text: str) -> str:
        """The words of `text` as the rules read them, parted by blanks: small, spelled, contractions written out."""
        return " ".join(word.text for word in self._reader.read(text))

    def find(self, text: str) -> Hit | None:
        """The emergency or crisis in `text`, or None.

        With both kinds in one message the emergency comes first: its danger is counted in
        minutes, and 911 is right for either. `Hit.also` then names the crisis, and `reply` gives
        both numbers. Of several signs of one kind the first in content/safety.yml is named.

        Never raises: on a failure inside it logs (without the text) and returns None, and the
        classifier behind it still sees the message.
        """
        return self.look(text).hit

    def look(self, text: str) -> Look:
        """What `find` returns, and whether signs are said that are none. Never raises, as `find`."""
        try:
            return self._look(text)
        except Exception as error:  # a family's message must never break on the safety rules
            logger.error("safety rules failed: %s", type(error).__name__)
            return Look(None)

    def reply(self, hit: Hit) -> str:
        """The fixed reply to a hit; one with both numbers when the message holds both kinds."""
        if hit.also is not None:
            return self._replies["both"]
        if not hit.sign:
            # Found by the classifier alone.
            return self._replies[hit.kind]
        return self._replies[self._signs[hit.sign].reply]

    def _look(self, text: str) -> Look:
        words = self._reader.read(text)
        doc = self._nlp(pipeline.document(self._nlp, words, self._alphabet))
        first: dict[Kind, tuple[str, str]] = {}
        for span in doc.spans[pipeline.SPANS]:
            start, end = words[span.start].start, words[span.end - 1].end
            first[self._signs[span.label_].kind] = (span.label_, text[start:end])
        kinds: list[Kind] = [kind for kind in ("emergency", "crisis") if kind in first]
        if not kinds:
            return Look(None, excused=doc.user_data[pipeline.SAID])
        sign, said = first[kinds[0]]
        if len(kinds) == 1:
            return Look(Hit(kinds[0], sign, said))
        return Look(Hit(kinds[0], sign, said, also=kinds[1], also_sign=first[kinds[1]][0]))


def _read(notation: Notation, phrasings: tuple[str, ...]) -> tuple[Phrasing, ...]:
    return tuple(notation.read(phrasing) for phrasing in phrasings)


def load_rules(path: str | Path) -> SafetyRules:
    """Load content/safety.yml.

    Raises SafetyFileError or NotationError, both ValueErrors, when the file cannot be used: the
    assistant must not start without its safety rules. `check_safety` says all that is wrong.
    """
    return SafetyRules(read_file(path), english_words())
