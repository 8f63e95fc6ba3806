"""The spaCy pipeline: one component marks the signs, the next lets go those that are none.

    text -> words (reading.py) -> safety_signs -> safety_exceptions -> doc.spans["safety"]

The Doc holds the words of the rules only; any other word stands in it as "_". spaCy keeps every
word it sees for as long as it lives, and what families type must not be kept.

negspacy is not used for the negation: its scope runs from any "no" or "not" to the end of the
sentence, so that "no he is bleeding badly" or "I don't know what to do she can't breathe" would
be no emergency. Here a denial counts only where its phrasing says so (`exceptions.denied`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Without `from __future__ import annotations`: spaCy reads the annotations of its factories.
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from family_guide.safety.model import Kind
from family_guide.safety.notation import COMMA, HERE, Alphabet, Phrasing
from family_guide.safety.reading import Word

SPANS = "safety"
SAID = "safety_said"
"""Key of a Doc's `user_data`: whether any sign is said, whether or not it stands."""
_SIGHT = 40  # words before and after a sign in which its exceptions are looked for
_CUT = "\x00"  # stands where the sight ends: neither a word nor the start of a sentence
_MOST_HITS = 60  # per sign; a message that repeats itself says nothing new


@dataclass(frozen=True)
class Sign:
    """One sign, ready to find: its phrasings and its own and common exceptions."""

    id: str
    kind: Kind
    reply: str
    say: tuple[Phrasing, ...]
    exceptions: tuple[Phrasing, ...]
    denials: tuple[Phrasing, ...]
    """Exceptions by denial: none for words that deny themselves ("not breathing")."""


class Signs:
    """Pipeline component: marks every place where a sign is said."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[tuple[Phrasing, Sign]]] = {}
        self.alphabet = Alphabet()

    def add(self, signs: Iterable[Sign], alphabet: Alphabet) -> None:
        """Take the signs to look for; each phrasing is kept under its rarest needed words."""
        self.alphabet = alphabet
        uses: dict[str, int] = {}
        both = [(phrasing, sign) for sign in signs for phrasing in sign.say]
        for phrasing, _ in both:
            for need in phrasing.needs:
                for letter in need:
                    uses[letter] = uses.get(letter, 0) + 1
        for phrasing, sign in both:
            rarest = min(phrasing.needs, key=lambda need: sum(uses[letter] for letter in need))
            for letter in rarest:
                self._by_word.setdefault(letter, []).append((phrasing, sign))

    def __call__(self, doc: Doc) -> Doc:
        """Set doc.spans["safety"] to every sign said, labelled with its id."""
        text = letters_of(doc, self.alphabet)
        letters = frozenset(text)
        found: dict[tuple[int, int, str], None] = {}
        tried: set[int] = set()
        for letter in letters:
            for phrasing, sign in self._by_word.get(letter, ()):
                if id(phrasing) in tried:
                    continue
                tried.add(id(phrasing))
                if phrasing.possible(letters):
                    for number, match in enumerate(phrasing.expression.finditer(text)):
                        if number == _MOST_HITS:
                            break
                        end = match.start() + len(match.group().rstrip(COMMA))
                        if end > match.start():
                            found[match.start(), end, sign.id] = None
        doc.spans[SPANS] = [Span(doc, start, end, label=sign) for start, end, sign in sorted(found)]
        doc.user_data[SAID] = bool(found)
        return doc


class Exceptions:
    """Pipeline component: lets go the signs that are denied, long past, asked about or a figure of speech."""

    def __init__(self) -> None:
        self._signs: Mapping[str, Sign] = {}
        self._deniers: frozenset[str] = frozenset()
        self.alphabet = Alphabet()

    def add(self, signs: Iterable[Sign], alphabet: Alphabet, deniers: Iterable[str] = ()) -> None:
        """Take the signs with their exceptions, and the words of denial."""
        self._signs = {sign.id: sign for sign in signs}
        self.alphabet = alphabet
        self._deniers = frozenset(alphabet.letter(word) for word in deniers)

    def __call__(self, doc: Doc) -> Doc:
        """Leave in doc.spans["safety"] of each kind the first sign, in the order of the file, that stands."""
        text = letters_of(doc, self.alphabet)
        letters = frozenset(text) | {HERE}
        order = list(self._signs)
        kept: dict[Kind, Span] = {}
        excused: dict[tuple[str, str], bool] = {}
        possible: dict[str, list[tuple[Phrasing, bool]]] = {}
        # Longer spans first: they show best what led there.
        for span in sorted(doc.spans[SPANS], key=lambda s: (order.index(s.label_), s.start, -s.end)):
            sign = self._signs[span.label_]
            if sign.kind in kept:
                continue
            if sign.id not in possible:
                possible[sign.id] = [
                    (phrasing, denial)
                    for phrasings, denial in ((sign.exceptions, False), (sign.denials, True))
                    for phrasing in phrasings
                    if phrasing.possible(letters)
                ]
            before, here, after = _around(text, span.start, span.end)
            key = (sign.id, f"{before}{HERE}{here}{HERE}{after}")
            if key not in excused:
                excused[key] = self._excused(possible[sign.id], before, here, after)
            if not excused[key]:
                kept[sign.kind] = span
        doc.spans[SPANS] = list(kept.values())
        return doc

    def _excused(self, phrasings: list[tuple[Phrasing, bool]], before: str, here: str, after: str) -> bool:
        seen = frozenset(before) | frozenset(here) | frozenset(after) | {HERE}
        denies = not self._deniers.isdisjoint(here)
        return any(
            phrasing.possible(seen) and _excuses(phrasing, before, here, after)
            for phrasing, denial in phrasings
            if not (denial and denies and phrasing.has_place)
        )


def _around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The letters before, in and after a sign, as far as its exceptions see."""
    low, high = max(0, start - _SIGHT), end + _SIGHT
    before = (_CUT if low else "") + text[low:start]
    after = text[end:high] + (_CUT if high < len(text) else "")
    return before, text[start:end], after


def _excuses(phrasing: Phrasing, before: str, here: str, after: str) -> bool:
    if phrasing.has_place:
        return phrasing.expression.search(before + HERE + after) is not None
    start, end = len(before), len(before) + len(here)
    return any(
        match.start() < end and match.end() > start for match in phrasing.expression.finditer(before + here + after)
    )


def letters_of(doc: Doc, alphabet: Alphabet) -> str:
    """The message as a string with one character for each word."""
    return "".join([alphabet.letter(token.text) for token in doc])


@Language.factory("safety_signs")
def _signs(nlp: Language, name: str) -> Signs:
    return Signs()


@Language.factory("safety_exceptions")
def _exceptions(nlp: Language, name: str) -> Exceptions:
    return Exceptions()


def build(signs: Iterable[Sign], alphabet: Alphabet, deniers: Iterable[str]) -> Language:
    """The pipeline for these signs; `deniers` are the words of denial."""
    nlp = spacy.blank("en")
    marked = list(signs)
    finder: Any = nlp.add_pipe("safety_signs")
    finder.add(marked, alphabet)
    excuser: Any = nlp.add_pipe("safety_exceptions")
    excuser.add(marked, alphabet, deniers)
    return nlp


def document(nlp: Language, words: Iterable[Word], alphabet: Alphabet) -> Doc:
    """A Doc of the words the rules know, with stand-ins for all others and for numbers."""
    return Doc(nlp.vocab, words=[alphabet.stand_in(word.text) for word in words])
