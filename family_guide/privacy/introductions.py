"""Names by what introduces them: "my name is", "my son", "I'm", "Mr", "regards"."""

from __future__ import annotations

import re

from family_guide.privacy.reading import SHORT_FORM, SHORTEST_UNKNOWN, Reading, Token
from family_guide.privacy.spans import Place
from family_guide.privacy.words import Words

NUMBER = r"\s{1,2}(?:only |just |about |almost |now )?\d{1,2}\b(?! ?(?:cm|mm|kg|lb|x |/|%|[.,]\d))"
AGE = re.compile(rf"[\s,(]{{0,2}}(?:is|was|turned|turns|aged?|,|\(){NUMBER}|[,(] ?\d{{1,2}}[,)]", re.I)
"""An age right after a name: ", 12," or " is only 4"."""

_AGE_AFTER_SELF = re.compile(r",? (?:and )?(?:i'm |im |i am |age |aged )?\d{1,2}(?! ?(?:cm|mm|kg|/|%))", re.I)
_AT_TEXT_END = 3
"""Most words that follow the end of a letter: a name, and what goes with it."""


class Introductions(Reading):
    """Finds the names of a text that something before them introduces.

    Attributes:
        names: places in `tokens` of the words that are names.
    """

    def __init__(self, text: str, taken: list[Place], words: Words) -> None:
        super().__init__(text, taken, words)
        self.names: set[int] = set()

    def take_introduced(self, index: int) -> None:
        """Take the name that a word introduces, if it does."""
        self._introduced(index)
        self._related(index)
        self._self_named(index)
        self._titled(index)
        self._signed(index)

    def _introduced(self, index: int) -> None:
        """Find "my name is X", "her name's X", "named X", "is called X", "name: X", "we call him X"."""
        word = self.tokens[index].word
        at = index + 1
        if word in self.words.naming_somebody and self.adjacent(at) and self.tokens[at].word in self.words.somebody:
            at += 1
            capital = self.adjacent(at, "\"'“‘") and self.telling_capital(self.tokens[at])
            if capital and self.looks_like_name(at, strong=False):
                self.take(at)
        elif self._introduces(index):
            if word in self.words.name_nouns and self._copula(at):
                at += 1
            if self.adjacent(at, ":,-\"'“‘=") and self.looks_like_name(at, strong=True):
                self.take(at)

    def _introduces(self, index: int) -> bool:
        """Return whether a name, or "is" and a name, can follow a word like "name", "named" or "called"."""
        word, following = self.tokens[index].word, self.next(index)
        if word in self.words.name_nouns:
            return word != "name" or self._copula(index + 1) or (following is not None and ":" in following.gap)
        if word == "called":
            thing = index > 1 and self.tokens[index - 2].word in self.words.things_called
            possible = not thing or following is None or self.given(following)
            return possible and self.before(index) in self.words.before_called
        if word in self.words.foreign_introductions:
            return self.before(index) in self.words.before_foreign
        return word in self.words.naming

    def _copula(self, index: int) -> bool:
        return self.adjacent(index) and self.tokens[index].word in self.words.copulas

    def _related(self, index: int) -> None:
        """Find "my son X", "our daughter, X,", "granddaughter X", and lists of several."""
        if self.tokens[index].word not in self.words.relatives:
            return
        at = index + 1
        if self.adjacent(at) and self.tokens[at].word in self.words.relative_to:
            at += 1
            named = self.adjacent(at) and (self.given(self.tokens[at]) or self.telling_capital(self.tokens[at]))
            if named and self.looks_like_name(at, strong=False):
                self._take_list(at)
            return
        if not self.adjacent(at, ',:-–—("“') or self.possessed(index):
            return
        if not self.looks_like_name(at, strong=False):
            return
        before = self.before(index)
        owned = before in self.words.owners or before in self.words.common
        if (owned and not self.tokens[at].gap.strip()) or self._plainly_name(self.tokens[at]):
            self._take_list(at)

    def _plainly_name(self, token: Token) -> bool:
        """Return whether a word is a name although a comma, or nothing, joins it to a relative."""
        if self.given(token) or self.capital_name(token):
            return True
        if token.capital:
            return not self.everyday(token) or (token.word in self.words.double and not token.first)
        # "my little brother, thulani, he is only 5"
        ends = self.text[token.end : token.end + 1] == "," and len(token.word) > SHORTEST_UNKNOWN
        return ends and self.unknown(token) and not self.misspelt(token)

    def _take_list(self, index: int) -> None:
        """Take a name and the further ones of "Liam, Noah and Zoe"."""
        self.take(index)
        at = index + 1
        while at < len(self.tokens):
            token = self.tokens[at]
            if token.word in self.words.joiners and self.adjacent(at, ","):
                at += 1
                if not self.adjacent(at):
                    return
            elif not (self.adjacent(at, ",&") and set(token.gap) & {",", "&"}):
                return
            if at >= len(self.tokens) or not (
                self.given(self.tokens[at])
                or (self.telling_capital(self.tokens[at]) and not self.everyday(self.tokens[at]))
            ):
                return
            self.take(at)
            at += 1

    def _self_named(self, index: int) -> None:
        """Find "I'm X", "im x", "I am X", "this is X", "it's X"."""
        word = self.tokens[index].word
        at = index + 1
        following = self.next(index)
        if word in self.words.presenting and following is not None and following.word in self.words.presenting_verbs:
            at += 1
        elif word not in self.words.speaker and word not in self.words.pointers:
            return
        if at >= len(self.tokens) or not self.adjacent(at):
            return
        token = self.tokens[at]
        if self.is_never(token) or token.word in self.words.never_after or self.is_condition(at):
            return
        if token.word in self.words.relatives or token.word in self.words.titles:
            return
        if self.given(token) or (token.word in self.words.double and self._presents_itself(at)):
            self.take(at)
        elif self.telling_capital(token) and len(token.word) > 1 and not token.text.isupper():
            if not self.everyday(token) or (token.word in self.words.double and word not in self.words.pointers):
                self.take(at)
        elif not self.everyday(token) and not self.misspelt(token) and self._says_age(at):
            self.take(at)

    def _says_age(self, index: int) -> bool:
        """Return whether an age follows: "kaelith, 12", "kaelith and im 12"."""
        token = self.tokens[index]
        said = AGE.match(self.text, token.end) is not None
        return said or (self.unknown(token) and self._presents_itself(index))

    def _presents_itself(self, index: int) -> bool:
        """Return whether "im 14" or ", 14" follows: "im destiny im 14"."""
        following = self.next(index)
        again = following is not None and following.word in self.words.speaker
        return again or _AGE_AFTER_SELF.match(self.text, self.tokens[index].end) is not None

    def _titled(self, index: int) -> None:
        """Find "Mr X", "Dr. X"."""
        token, following = self.tokens[index], self.next(index)
        if token.word not in self.words.titles or following is None or not self.adjacent(index + 1):
            return
        # The full stop after "doctor" ends a sentence, that after "Dr" does not.
        ends = token.text.endswith(".") and len(token.word) > SHORT_FORM
        if ends or following.word in self.words.never_after or following.word in self.words.never:
            return
        initial = len(following.word) == 1 and following.capital
        if (
            initial
            or (self.telling_capital(following) and not self.common_noun(following))
            or self.given(following)
            or (not self.everyday(following) and not self.misspelt(following))
        ):
            self.take(index + 1)

    def _signed(self, index: int) -> None:
        """Find "regards, X Y", "signed X", "thanks, X" at the end."""
        token = self.tokens[index]
        at = index + 1
        thanks = token.word in self.words.thanks
        if not (token.word in self.words.sign_offs or thanks) or not self.adjacent(at, ",:;-–—\n.!"):
            return
        if thanks and not self.tokens[at].gap.strip(" "):
            return
        left = len(self.tokens) - at
        if left > _AT_TEXT_END:
            return
        following = self.tokens[at]
        double = following.word in self.words.double and following.capital
        full = following.capital and left > 1 and self.tokens[at + 1].capital
        if self.everyday(following) and not double and not full:
            return
        if self.given(following) or (following.capital and not self.is_never(following)):
            self.take(at)

    def take(self, index: int) -> None:
        """Note that a word is a name."""
        self.names.add(index)
