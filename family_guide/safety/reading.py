"""Reads a message the way it was meant: words in one spelling, each with its place in the text.

Families type on phones, in a hurry: curly quotes, no apostrophes, letters held down, letters
swapped. Nothing here keeps what was typed: no cache, no vocabulary that grows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz.distance import OSA

from family_guide.safety.notation import ASK, COMMA, STOP

MAX_CHARS = 20_000
"""Longer texts are read up to here; the channel's own limit is far lower."""

_APOSTROPHES = frozenset("'’‘‛`´ʼʹ′＇")
_DASHES = frozenset("‐‑‒–—―")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*(?![^\W_]))"
    r"|(?P<word>[^\W_]+(?:['*@$][^\W_]+)*'?)"
    r"|(?P<end>[.!?;…]+)"
    r"|(?P<pause>[,:()\n\r\"—–]|-(?=\s))"
)
_CONTRACTIONS = {"s": "s", "m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}
_NOT = {"ca": "can", "wo": "will", "ai": "is", "sha": "shall"}
_AUXILIARIES = ("do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "could", "would", "should")
CONTRACTED = {
    **{f"{verb}nt": f"{verb} not" for verb in _AUXILIARIES},
    **{f"{who}s": f"{who} s" for who in ("he", "she", "it", "that", "there", "what", "who", "nobody")},
    **{f"{who}re": f"{who} are" for who in ("you", "they")},
    **{f"{who}ve": f"{who} have" for who in ("i", "you", "they")},
    **{f"{who}ll": f"{who} will" for who in ("they", "you", "it")},
    **dict.fromkeys(("cant", "cannot", "carnt", "cnt"), "can not"),
    **dict.fromkeys(("doesnt", "dosent", "dosnt", "doent"), "does not"),
    **dict.fromkeys(("im", "iam"), "i am"),
    **dict.fromkeys(("gonna", "gona", "gunna", "finna"), "going to"),
    **dict.fromkeys(("wanna", "wana"), "want to"),
    **dict.fromkeys(("isint", "aint"), "is not"),
    "wont": "will not",
    "dnt": "do not",
    "tryna": "trying to",
    "gotta": "got to",
    "u": "you",
    "ur": "your",
    "n": "and",
    "w": "with",
    "bc": "because",
    "cuz": "because",
    "rn": "now",
    "thru": "through",
    "alot": "a lot",
}
"""Contractions as they are typed without the apostrophe, and short forms -> the words they stand for."""
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"})
_SHORTEST_MENDED = 5  # shorter words have too many neighbours: "dying", but not "king"
_SHORTEST_MENDED_TWICE = 8
_LONGEST_MENDED = 15  # the work grows with the square of the length


@dataclass(frozen=True)
class Word:
    """One word as meant, and where it stands in the text as typed (start, end)."""

    text: str
    start: int
    end: int


class Reader:
    """Turns a text into words.

    Args:
        known: every word the rules name.
        spelled: those of them that a typing error may be mended to.
        spellings: typed form -> what is meant, one or more words ("cant" -> "can not").
        real_words: correct words that look like a known one ("breeding"), never mended.
    """

    def __init__(
        self,
        known: Iterable[str],
        spelled: Iterable[str],
        spellings: Mapping[str, str],
        real_words: Iterable[str],
    ) -> None:
        self._known = frozenset(known)
        self._spellings = {typed: tuple(meant.split()) for typed, meant in spellings.items()}
        self._typed = self._known | self._spellings.keys()
        self._real = frozenset(real_words)
        self._near: dict[str, list[str]] = {}
        for word in sorted(spelled):
            if word.isalpha() and len(word) >= _SHORTEST_MENDED:
                for shape in _shapes(word):
                    self._near.setdefault(shape, []).append(word)

    def read(self, text: str) -> list[Word]:
        """The words of `text` (at most MAX_CHARS of it) in order, with pauses and ends of sentences."""
        clean, places = _clean(text[:MAX_CHARS])
        words: list[Word] = []
        for match in _TOKEN.finditer(clean):
            start, end = match.span()
            here, there = (places[start], places[end - 1] + 1) if places else (start, end)
            words.extend(Word(meant, here, there) for meant in self._meant(match))
        return words

    def _meant(self, match: re.Match[str]) -> tuple[str, ...]:
        typed = match.group()
        if match.lastgroup == "pause" or (match.lastgroup == "end" and _is_pause(typed)):
            return (COMMA,)
        if match.lastgroup == "end":
            return (ASK,) if "?" in typed else (STOP,)
        if match.lastgroup == "number":
            return (re.split(r"[.,:]", typed)[0],)
        return self.spell(typed)

    def spell(self, typed: str) -> tuple[str, ...]:
        """What one typed word means: itself, its spelling, or the known word it was to be."""
        if typed in self._spellings:
            return self._spellings[typed]
        if typed in self._known:
            return (typed,)
        if "'" in typed:
            return self._contraction(typed)
        if not typed.isalpha():
            plain = typed.translate(_DISGUISES)
            if plain != typed and (plain in self._known or plain in self._spellings):
                return self.spell(plain)
            if "*" in typed:  # starred out: "s*icide"
                return self.spell(typed.replace("*", ""))
            number = re.match(r"\d+", typed)  # "104f", "10x"
            return (number.group(), typed[number.end() :]) if number else (typed,)
        short = _fewer_letters(typed, self._typed)
        if short != typed:
            return self.spell(short)
        if typed in self._real or not _SHORTEST_MENDED <= len(typed) <= _LONGEST_MENDED:
            return (typed,)
        return self._mend(typed)

    def _contraction(self, typed: str) -> tuple[str, ...]:
        if typed.endswith("n't"):
            base = typed[:-3]
            return (_NOT.get(base, base), "not")
        base, _, ending = typed.rpartition("'")
        if ending in _CONTRACTIONS and base:
            return (*self.spell(base.replace("'", "")), _CONTRACTIONS[ending])
        joined = typed.replace("'", "")
        return self.spell(joined) if joined else (typed,)

    def _mend(self, typed: str) -> tuple[str, ...]:
        reach = 2 if len(typed) >= _SHORTEST_MENDED_TWICE else 1
        near = {word for shape in _shapes(typed) for word in self._near.get(shape, ())}
        best: tuple[int, str] | None = None
        for word in near:
            if word[0] != typed[0] and word[:2] != typed[1::-1]:
                continue
            distance = OSA.distance(typed, word, score_cutoff=reach)
            if distance <= reach and (best is None or (distance, word) < best):
                best = (distance, word)
        if best is not None:
            return (best[1],)
        for at in range(3, len(typed) - 3):  # "cantbreathe"
            left, right = typed[:at], typed[at:]
            if all(half in self._known or half in self._spellings for half in (left, right)):
                return (*self.spell(left), *self.spell(right))
        return (typed,)


def _clean(text: str) -> tuple[str, list[int] | None]:
    """Small letters without accents, invisible characters gone; and the place of each in the text.

    The places are None when they are those of the text itself. Letters pass through upper case
    first: a few have more than one small form, and shouting must change nothing.
    """
    if text.isascii():
        return text.lower().replace("`", "'").replace("n;t", "n't"), None
    characters: list[str] = []
    places: list[int] = []
    pieces: dict[str, str] = {}
    for place, character in enumerate(text):
        if character not in pieces:
            pieces[character] = _plain(character)
        for piece in pieces[character]:
            characters.append(piece)
            places.append(place)
    return "".join(characters).replace("n;t", "n't"), places


def _plain(character: str) -> str:
    """What one character reads as: nothing for an invisible one."""
    if character in _APOSTROPHES:
        return "'"
    if character in _DASHES:
        return "—"
    plain = unicodedata.normalize("NFKD", character.upper().casefold()).casefold()
    return "".join(piece for piece in plain if unicodedata.category(piece) not in ("Mn", "Cf"))


def _is_pause(typed: str) -> bool:
    """Dots that trail off ("he is... not breathing") end no sentence."""
    return ("…" in typed and "?" not in typed) or (len(typed) > 1 and set(typed) == {"."})


def _fewer_letters(typed: str, known: frozenset[str]) -> str:
    """Held-down letters let go: "pleeease", "nooo"; two of a kind are kept where a known word has them."""
    if not re.search(r"(.)\1\1", typed):
        return typed
    twice = re.sub(r"(.)\1{2,}", r"\1\1", typed)
    return twice if twice in known else re.sub(r"(.)\1{2,}", r"\1", typed)


def _shapes(word: str) -> set[str]:
    """`word` with up to one letter left out, up to two in long words: near words share a shape."""
    out = {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
    if len(word) >= _SHORTEST_MENDED_TWICE - 1:
        for first, second in combinations(range(len(word)), 2):
            out.add(word[:first] + word[first + 1 : second] + word[second + 1 :])
    return out
