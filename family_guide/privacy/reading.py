"""A message as words, with what each of them could be: a name, an everyday word, a typing error."""

from __future__ import annotations

import re
from dataclasses import dataclass

from family_guide.privacy.spans import Place
from family_guide.privacy.words import Words
from family_guide.words import english_words, plain

SHORT_FORM = 4
"""Most letters of a short form such as NED or Dr."""

SHORTEST_UNKNOWN = 3
"""Fewest letters of a word that is taken for a name because no dictionary has it."""

_MEDICAL = re.compile(
    r"^(?:emboli|sarcom|oncol|chemo|kemo|radi[ao]|biops|alveol|tumo|metast|surg|angio|anest|immun|hemat|ortho|patho"
    r"|pedia)"
    r"|(?:logist|therap(?:ist|y)|ician|iatrist|iatry|logy|oma|omas|plasty|ectomy|otomy|itis|osis|scopy|gram|grams"
    r"|graphy|mab|nib|cin|platin|amide|azole|statin|mycin|cillin|rubicin|taxel)s?$"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_POSSESSIVE = ("'s", "’s")
_SENTENCE_END = re.compile(r"[.!?\n]")
_FEW_WORDS = 4
"""In so few words capitals never count as shouting."""

_SHOUTED = 0.7
"""Share of words with a capital above which capitals tell nothing."""

_FEW_ODD_CAPITALS = 2
"""So many everyday words with a capital show somebody who adorns words with them."""

_SHORTEST_MISSPELT = 5
_LONGEST_MISSPELT = 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Token:
    """A word of a text.

    Attributes:
        start, end: its place in the text; a possessive 's and the full stop of a sentence are left out.
        text: as it was typed.
        word: in lower case and without accents.
        gap: what stands between it and the word before.
        capital: whether it begins with one.
        first: whether it begins a sentence.
    """

    start: int
    end: int
    text: str
    word: str
    gap: str
    capital: bool
    first: bool


class Reading:
    """A text as words, with what each of them could be.

    Args:
        text: the message.
        taken: places in which no words are read.
        words: the word lists.

    Attributes:
        tokens: the words.
        shouting: whether so many of them have a capital that it tells nothing.
        adorned: whether everyday words have one within a sentence: "My Daughter is Seven and has a Lump".
    """

    def __init__(self, text: str, taken: list[Place], words: Words) -> None:
        self.text = text
        self.words = words
        self.tokens = self._read(taken)
        self._misspelt: dict[str, bool] = {}
        letters = [token for token in self.tokens if len(token.text) > 1]
        capitals = sum(token.capital for token in letters)
        self.shouting = len(letters) > _FEW_WORDS and capitals > _SHOUTED * len(letters)
        odd = sum(self._oddly_capital(token) for token in letters)
        self.adorned = odd >= _FEW_ODD_CAPITALS

    def _read(self, taken: list[Place]) -> list[Token]:
        """Return the words outside the places that are taken and the expressions that are harmless."""
        blocked = sorted(taken + [match.span() for match in self.words.harmless.finditer(self.text)])
        tokens: list[Token] = []
        at = 0
        before = 0
        for match in _WORD.finditer(self.text):
            start, end = match.span()
            while at < len(blocked) and blocked[at][1] <= start:
                at += 1
            if at < len(blocked) and blocked[at][0] < end:
                continue
            text = match[0]
            if text.endswith(".") and len(text) > 2 and plain(text[:-1]) not in self.words.titles:
                text, end = text[:-1], end - 1
            if text.endswith(_POSSESSIVE) and plain(text) not in self.words.pointers | self.words.name_nouns:
                text, end = text[:-2], end - 2
            gap = self.text[before:start]
            first = not tokens or _SENTENCE_END.search(gap) is not None
            tokens.append(Token(start, end, text, plain(text).rstrip("."), gap, text[:1].isupper(), first))
            before = end
        return tokens

    def _oddly_capital(self, token: Token) -> bool:
        """Return whether an everyday word, which names nobody and nothing, has a capital within a sentence."""
        if not token.capital or token.first or token.text.isupper() or token.word not in self.words.common:
            return False
        words = self.words
        return not any(token.word in some for some in (words.never, words.double, words.titles, words.relatives))

    # What a word can be

    def is_never(self, token: Token) -> bool:
        """Return whether a word is known to name no person."""
        if "-" in token.word:
            return not self.words.never.isdisjoint(token.word.split("-"))
        return token.word in self.words.never

    def given(self, token: Token) -> bool:
        """Return whether a word is a given name and seldom anything else."""
        if "-" in token.word:
            first, *_, last = token.word.split("-")
            names = self.words.first_names
            known = first in names or (first in self.words.double and last in names)
        else:
            known = token.word in self.words.first_names
        return known and not self.is_never(token)

    def everyday(self, token: Token) -> bool:
        """Return whether a word is one that everybody uses."""
        return token.word in self.words.common or token.word in self.words.never_after or "n't" in token.word

    def looks_like_name(self, index: int, strong: bool) -> bool:
        """Return whether the word after an introduction is a name."""
        token = self.tokens[index]
        capital = self.telling_capital(token)
        double = token.word in self.words.double
        if capital and double and self.name_goes_on(index):
            return True
        if self.is_never(token) and not double:
            return False
        if token.word in self.words.never_after or "n't" in token.word:
            return False
        if token.word in self.words.relatives or token.word in self.words.titles or self.is_condition(index):
            return False
        if self.given(token):
            return True
        if capital and (strong or not self._is_verb(token)):
            return True
        if double:
            return (strong and not token.capital and self.ends_phrase(index)) or self.name_goes_on(index)
        if self.everyday(token) or len(token.word) == 1:
            return False
        # A rare word of the language ("do kids outgrow it") is a name where a list of names has it.
        rare = token.word in english_words() and token.word not in self.words.capital_names
        return strong or not (rare or self.misspelt(token))

    def is_condition(self, index: int) -> bool:
        """Return whether the next word makes it the name of a disease or a place."""
        following = self.next(index)
        if following is not None and self.possessed(index) and following.word in self.words.patients_have:
            return False
        return following is not None and following.word in self.words.no_person

    def misspelt(self, token: Token) -> bool:
        """Return whether a word is one letter away from an everyday one, as a typing error is."""
        word = token.word
        if not _SHORTEST_MISSPELT <= len(word) <= _LONGEST_MISSPELT or not word.isascii():
            return False
        if word not in self._misspelt:
            self._misspelt[word] = not self.words.common.isdisjoint(_near(word))
        return self._misspelt[word]

    def next(self, index: int) -> Token | None:
        """Return the next word, if there is one."""
        return self.tokens[index + 1] if index + 1 < len(self.tokens) else None

    def before(self, index: int) -> str:
        """Return the word before in lower case; nothing where there is none."""
        return self.tokens[index - 1].word if index else ""

    def name_goes_on(self, index: int) -> bool:
        """Return whether the next word says something about a person ("has", "is")."""
        following = self.next(index)
        return (
            following is not None and following.word in self.words.follows_name and following.gap.strip() in ("", ",")
        )

    def ends_phrase(self, index: int) -> bool:
        """Return whether nothing, a mark or a verb follows."""
        following = self.next(index)
        return following is None or following.gap.strip() != "" or following.word in self.words.follows_name

    def adjacent(self, index: int, marks: str = "") -> bool:
        """Return whether only spaces and these marks lie between a word and the one before."""
        return index < len(self.tokens) and not self.tokens[index].gap.strip(" \t" + marks)

    def possessed(self, index: int) -> bool:
        """Return whether an 's follows."""
        end = self.tokens[index].end
        return self.text[end : end + 2] in _POSSESSIVE

    def telling_capital(self, token: Token) -> bool:
        """Return whether a word has a capital in a text where not everything has one."""
        return token.capital and not self.shouting

    def unknown(self, token: Token) -> bool:
        """Return whether a word stands in no dictionary and has no medical ending."""
        if len(token.word) < SHORTEST_UNKNOWN or self.everyday(token) or token.text[:2].isupper():
            return False
        return token.word not in english_words() and not _MEDICAL.search(token.word)

    def capital_name(self, token: Token) -> bool:
        """Return whether a word with a capital is a name or a word that no dictionary has."""
        if not self.telling_capital(token) or token.text[:2].isupper() or len(token.word) < SHORTEST_UNKNOWN:
            return False
        words = self.words
        if self.adorned and token.word in words.common:
            return False
        if self.is_never(token) or token.word in words.never_after | words.relatives | words.titles | words.no_person:
            return False
        return token.word in words.capital_names or (self.unknown(token) and not self.misspelt(token))

    def is_thing(self, index: int) -> bool:
        """Return whether a word that everybody uses stands behind an article: "the size of a Cherry"."""
        token = self.tokens[index]
        after_article = self.adjacent(index) and self.before(index) in self.words.articles
        return after_article and not self.possessed(index) and token.word in english_words()

    def _is_verb(self, token: Token) -> bool:
        """Return whether a word is a verb ("my mother Survived") and in no list of names."""
        verb = token.word.endswith(("ed", "ing")) and token.word in english_words()
        return verb and token.word not in self.words.all_names

    def common_noun(self, token: Token) -> bool:
        """Return whether a word after a title belongs to no name."""
        return token.word in self.words.no_person or token.word in self.words.relatives


def _near(word: str) -> set[str]:
    """Return what a word becomes when one letter is left out, added, changed or moved by one."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {left + right[1:] for left, right in cuts if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    near |= {left + letter + right for left, right in cuts for letter in _LETTERS}
    return near | {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
