"""The notation in which content/safety.yml writes its phrasings, and its translation to expressions.

    word            this word, in small letters and without apostrophe
    choke+          the word with its endings: choke, chokes, choked, choking
    a|b|c           one of these words
    (a|two words)   one of these phrases: in brackets a bar parts whole phrases
    [really]        may be there or not; [a|two words] likewise
    ..   ...        up to three, up to seven other words; never over the end of a sentence, nor over
                    a word of denial (`gap_stops`), so that "lips are not blue" is no blue lips
    ~               up to ten words, words of denial too
    a & b           both, in either order, up to seven words between; also a & b & c
    <child>         a word list of that name (`words:`)
    #               any number; `#year` a year, `#fever` a degree of high fever (F or C)
    ^  $  ?         start, end of a sentence, a question mark
    @               the place of the sign that was found (in exceptions only)

Commas never matter. Contractions are written out as the reader (reading.py) does: "can't", "cant"
and "cannot" are `can not`, "he's" is `he s`, "I'm" is `i am`; a word with an entry in `spellings:`
means what the entry says, in a phrasing as in a message.

A message is matched as a string with one character for each word (its letter in the `Alphabet`):
a set of words becomes a character class, so even long lists are matched in one step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from family_guide.safety.endings import endings

COMMA, STOP, ASK, OTHER, HERE = ",", ".", "?", "_", "@"
"""Letters of what is no word of the rules: pauses, ends of sentences, other words, the sign's place."""
NUMBERS = {"#": "#", "#year": "Y", "#fever": "F"}
"""Numbers: of any kind, years, degrees of high fever."""
_YEARS = range(1940, 2100)
_HIGH_FEVER = (*range(104, 109), *range(40, 43))

# CJK ideographs: 20,000 letters without a meaning of their own in an expression, and below U+10000,
# where expressions are fastest.
_FIRST_LETTER = 0x4E00
_LAST_LETTER = 0x9FFF
_GAPS = {"..": 3, "...": 7, "~": 10}
_TOKEN = re.compile(r"\.{2,3}|<[a-z_]+>|#[a-z]*|[a-z0-9]+\+?|[()\[\]|&#@^$?~]|\S")


class NotationError(ValueError):
    """A phrasing that cannot be read; the message says what and where."""


class Alphabet:
    """Gives every word of the rules a character of its own."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}
        self._loose: set[str] = set()

    def __contains__(self, word: str) -> bool:
        return word in self._letters

    @property
    def words(self) -> frozenset[str]:
        """Every word that some phrasing names."""
        return frozenset(self._letters)

    @property
    def spelled(self) -> frozenset[str]:
        """The words that are spelled right: what a typing error may be mended to."""
        return frozenset(self._letters) - self._loose

    def add(self, word: str, loose: bool = False) -> str:
        """The letter of `word`, a new one if it has none yet; `loose` for a form that may be no word."""
        if not loose:
            self._loose.discard(word)
        elif word not in self._letters:
            self._loose.add(word)
        if word not in self._letters:
            code = _FIRST_LETTER + len(self._letters)
            if code > _LAST_LETTER:
                raise NotationError(f"more than {_LAST_LETTER - _FIRST_LETTER} different words")
            self._letters[word] = chr(code)
        return self._letters[word]

    def letter(self, word: str) -> str:
        """The letter of one word of a message; `OTHER` for words no phrasing names."""
        known = self._letters.get(word)
        if known is not None:
            return known
        return NUMBERS.get(self.stand_in(word), word if word in (COMMA, STOP, ASK, HERE) else OTHER)

    def stand_in(self, word: str) -> str:
        """`word` itself when the rules know it, else the kind of number it is, or `OTHER`."""
        if word in self._letters or word in NUMBERS or word in (COMMA, STOP, ASK, HERE):
            return word
        if not word.isdecimal():
            return OTHER
        value = int(word[:9])
        return "#year" if value in _YEARS else "#fever" if value in _HIGH_FEVER else "#"


@dataclass(frozen=True)
class Phrasing:
    """One phrasing, ready to match.

    `needs` are sets of letters of which a message must hold at least one each: a cheap test that
    spares most messages most expressions.
    """

    source: str
    expression: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    has_place: bool

    def possible(self, letters: frozenset[str]) -> bool:
        """Whether a message with these letters may match at all."""
        return not any(need.isdisjoint(letters) for need in self.needs)


@dataclass
class _Part:
    """A piece of an expression, and what it needs."""

    expression: str
    needs: list[frozenset[str]] = field(default_factory=list)
    letters: str | None = None  # set when the piece is one word or a set of words


class Notation:
    """Reads phrasings against named word lists, and collects their words in an alphabet."""

    def __init__(
        self,
        lists: Mapping[str, str],
        gap_stops: Iterable[str] = (),
        spellings: Mapping[str, str] | None = None,
    ) -> None:
        self.alphabet = Alphabet()
        self._lists = dict(lists)
        self._spellings = dict(spellings or {})
        self._open: list[str] = []
        self._parts: dict[str, _Part] = {}
        stops = "".join(self.alphabet.add(word) for word in gap_stops)
        self._gap_word = {
            "..": f"[^.?,{stops}]",
            "...": f"[^.?,{stops}]",
            "~": "[^.?,]",
        }

    def read(self, source: str) -> Phrasing:
        """Translate one phrasing; raises NotationError when it cannot be read."""
        tokens = _TOKEN.findall(source)
        part, rest = self._both(tokens, source)
        if rest:
            raise NotationError(f"unexpected {rest[0]!r} in {source!r}")
        if all(need == {HERE} for need in part.needs):
            raise NotationError(f"{source!r} names no word that must be there")
        places = tokens.count(HERE)
        if places > 1:
            raise NotationError(f"more than one @ in {source!r}")
        if places and frozenset(HERE) not in part.needs:
            raise NotationError(f"@ must be there in any case, in {source!r}")
        needs = tuple(sorted(part.needs, key=len))
        return Phrasing(source, re.compile(part.expression), needs, places == 1)

    def _both(self, tokens: list[str], source: str, inside: bool = False) -> tuple[_Part, list[str]]:
        left, tokens = self._sequence(tokens, source, inside)
        while tokens and tokens[0] == "&":
            right, tokens = self._sequence(tokens[1:], source, inside)
            gap = self._gap("...")
            left = _Part(
                f"(?:{left.expression}{gap}{right.expression}|{right.expression}{gap}{left.expression})",
                left.needs + right.needs,
            )
        return left, tokens

    def _phrases(self, tokens: list[str], source: str) -> tuple[_Part, list[str]]:
        """What stands in brackets, and what follows: phrases parted by bars."""
        part, tokens = self._both(tokens, source, inside=True)
        branches = [part]
        while tokens and tokens[0] == "|":
            part, tokens = self._both(tokens[1:], source, inside=True)
            branches.append(part)
        return _one_of(branches), tokens

    def _sequence(self, tokens: list[str], source: str, inside: bool) -> tuple[_Part, list[str]]:
        parts: list[_Part] = []
        while tokens and tokens[0] not in (")", "]", "&", "|"):
            if tokens[0] == "[":
                inner, tokens = self._phrases(tokens[1:], source)
                tokens = _expect("]", tokens, source)
                parts.append(_Part(f"(?:{inner.expression})?"))
            elif tokens[0] in _GAPS:
                parts.append(_Part(self._gap(tokens[0])))
                tokens = tokens[1:]
            else:
                part, tokens = self._unit(tokens, source) if inside else self._choice(tokens, source)
                parts.append(part)
        if not parts:
            raise NotationError(f"nothing between brackets or beside & or | in {source!r}")
        needs = [need for part in parts for need in part.needs]
        letters = parts[0].letters if len(parts) == 1 else None
        return _Part("".join(part.expression for part in parts), needs, letters), tokens

    def _choice(self, tokens: list[str], source: str) -> tuple[_Part, list[str]]:
        branches: list[_Part] = []
        while True:
            part, tokens = self._unit(tokens, source)
            branches.append(part)
            if not tokens or tokens[0] != "|":
                return _one_of(branches), tokens
            tokens = tokens[1:]

    def _unit(self, tokens: list[str], source: str) -> tuple[_Part, list[str]]:
        if not tokens:
            raise NotationError(f"{source!r} ends too early")
        token, rest = tokens[0], tokens[1:]
        if token == "(":
            part, rest = self._phrases(rest, source)
            return part, _expect(")", rest, source)
        if token.startswith("<") and len(token) > 1:
            return self._list(token[1:-1], source), rest
        if token == "^":
            return _Part(r"(?:\A|(?<=[.?]))"), rest
        if token == "$":
            return _Part(r"(?=[.?]|\Z)"), rest
        if token == ASK:
            return _Part(r"\?", [frozenset(ASK)]), rest
        if token == "#":
            return _word_set("".join(NUMBERS.values())), rest
        if token in NUMBERS or token == HERE:
            return _word_set(NUMBERS.get(token, token)), rest
        if token in self._spellings:
            meant = self._spellings[token].split()
            letters = [self.alphabet.add(word) for word in meant]
            if len(letters) == 1:
                return _word_set(letters[0]), rest
            parts = [_word_set(letter) for letter in letters]
            needs = [need for part in parts for need in part.needs]
            return _Part("".join(part.expression for part in parts), needs), rest
        if re.fullmatch(r"[a-z0-9]+\+?", token):
            right, loose = endings(token[:-1]) if token.endswith("+") else ([token], [])
            letters = [self.alphabet.add(form) for form in right]
            letters += [self.alphabet.add(form, loose=True) for form in loose]
            return _word_set("".join(letters)), rest
        raise NotationError(f"unexpected {token!r} in {source!r}")

    def _list(self, name: str, source: str) -> _Part:
        if name not in self._lists:
            raise NotationError(f"no word list <{name}>, in {source!r}")
        if name in self._open:
            raise NotationError(f"word list <{name}> names itself")
        if name not in self._parts:
            self._open.append(name)
            text = self._lists[name]
            part, rest = self._phrases(_TOKEN.findall(text), text)
            self._open.pop()
            if rest:
                raise NotationError(f"unexpected {rest[0]!r} in word list <{name}>")
            self._parts[name] = part
        return self._parts[name]

    def _gap(self, token: str) -> str:
        return f"(?:{self._gap_word[token]},*){{0,{_GAPS[token]}}}?"


def _expect(closing: str, tokens: list[str], source: str) -> list[str]:
    if not tokens or tokens[0] != closing:
        raise NotationError(f"{closing!r} is missing in {source!r}")
    return tokens[1:]


def _word_set(letters: str) -> _Part:
    return _Part(f"[{letters}],*", [frozenset(letters)], letters)


def _one_of(branches: list[_Part]) -> _Part:
    """One piece for several branches; single words become one character class."""
    if len(branches) == 1:
        return branches[0]
    single = "".join(branch.letters for branch in branches if branch.letters is not None)
    longer = [branch.expression for branch in branches if branch.letters is None]
    if not longer:
        return _word_set("".join(dict.fromkeys(single)))
    # Longer branches first: "passed out" before "passed".
    choices = longer + ([f"[{single}],*"] if single else [])
    needs: list[frozenset[str]] = []
    if all(branch.needs for branch in branches):
        # Of each branch its rarest need: the message must hold a word of one of them.
        needs = [frozenset().union(*(min(branch.needs, key=len) for branch in branches))]
    return _Part(f"(?:{'|'.join(choices)})", needs)
