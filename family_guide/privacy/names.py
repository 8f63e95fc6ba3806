"""Names of people, by what stands around them and by lists of given names; no model.

Rules of three strengths: an introduction ("my name is") takes any word that is not an everyday one; a relative
("my son") or "I'm" asks more of the word; a word on its own must be a given name and nothing else, or carry a
capital within a sentence and be in no dictionary.
"""

from __future__ import annotations

import re

from family_guide.privacy.introductions import AGE, NUMBER, Introductions
from family_guide.privacy.reading import SHORT_FORM, SHORTEST_UNKNOWN, Token
from family_guide.privacy.spans import Place, Span
from family_guide.privacy.words import shared_words

_AGE_SAID = re.compile(rf"\s{{1,2}}(?:is|was|turned|turns){NUMBER}", re.I)
_MOST_PARTICLES = 3
_SHORTEST_IN_LOWER_CASE = 4
"""Fewest letters of a given name that is one without a capital and with nothing said around it."""


class _Finder(Introductions):
    """Looks for names in one text."""

    def find(self) -> list[Span]:
        """Return the names as spans."""
        for index in range(len(self.tokens)):
            self.take_introduced(index)
            self._described(index)
            self._framed(index)
            self._capitalised(index)
            self._alone(index)
        self._begin_earlier()
        end = 0
        for index in sorted(self.names):
            if index >= end:
                end = self._extend(index)
        self._repeated()
        return self._spans()

    def _described(self, index: int) -> None:
        """Find "X is my daughter", "X's mom", "X, 12,", "X is 12"."""
        token = self.tokens[index]
        if self.is_never(token) or token.word in self.words.relatives:
            return
        double = token.word in self.words.double and token.capital and not token.first
        if self._owns(index) and (double or (self.unknown(token) and not self.misspelt(token))):
            self.take(index)
        if token.word in self.words.never_after:
            return
        possible = self.given(token) or (
            self.telling_capital(token)
            and not token.text.isupper()
            and (not self.everyday(token) or token.word in self.words.double)
        )
        following = self.next(index)
        if following is not None and following.word == "family" and self._names_family(token):
            self.take(index)
        if self.possessed(index):
            related = following is not None and following.word in self.words.relatives
            if related and (possible or (not self.everyday(token) and len(token.word) >= SHORTEST_UNKNOWN)):
                self.take(index)
            return
        if not possible:
            return
        endeared = token.capital and self.before(index) in self.words.endearing and self.name_goes_on(index)
        age = _AGE_SAID if token.word in self.words.double else AGE
        aged = age.match(self.text, token.end) is not None
        if endeared or aged or self._is_relative(index) or self._acts(index):
            self.take(index)

    def _acts(self, index: int) -> bool:
        """Return whether an unknown word does what only people do, or presents itself: "Treyvon limps"."""
        token, following = self.tokens[index], self.next(index)
        if following is None or following.gap.strip() or not self.unknown(token):
            return False
        return following.word in self.words.person_verbs or (following.word == "here" and self.ends_phrase(index + 1))

    def _owns(self, index: int) -> bool:
        """Return whether what a person has follows: "Faith's second operation"."""
        nearby = {token.word for token in self.tokens[index + 1 : index + 3]}
        return self.possessed(index) and not self.shouting and not self.words.belongings.isdisjoint(nearby)

    def _framed(self, index: int) -> None:
        """Find a word that no dictionary has where people are spoken of: "for X", "does X need", "X has"."""
        token, following = self.tokens[index], self.next(index)
        if self.is_never(token) or token.word in self.words.never_after or self.is_condition(index):
            return
        capital_within = token.capital and not token.first
        everyday_name = token.word in self.words.double and not token.text.isupper() and not self.is_thing(index)
        unknown = self.unknown(token) and token.word not in self.words.titles
        possible = (capital_within and everyday_name) or (unknown and (token.capital or not self.misspelt(token)))
        if self.shouting or not possible:
            return
        before = self.before(index) if self.adjacent(index, ",-:–—(") else ""
        capital = capital_within and self.adjacent(index)
        named = before in self.words.names_follow or (capital and before in self.words.names_may_follow)
        if named or self._spoken_of(index, before):
            self.take(index)
        elif token.capital and following is not None and self.adjacent(index + 1, ",("):
            plain_gap = not following.gap.strip()
            if following.word in (self.words.person_goes_on if plain_gap else self.words.relatives):
                self.take(index)

    def _spoken_of(self, index: int, before: str) -> bool:
        """Return whether a word in lower case is who something is said of: "when kaelith gets", "kaelith told me"."""
        following = self.next(index)
        if following is None or following.gap.strip() or len(self.tokens[index].word) <= SHORTEST_UNKNOWN:
            return False
        begins = self.tokens[index].first or (before in self.words.names_may_follow and self.adjacent(index))
        said = self.words.follows_name | self.words.person_verbs | self.words.person_does
        return begins and following.word in said - self.words.joiners

    def _capitalised(self, index: int) -> None:
        """Find a word with a capital that only names have: "told Isolde", "Whitlock, dob", "Caspian Whitlock"."""
        token = self.tokens[index]
        if not self.capital_name(token) or self.is_condition(index) or self.is_thing(index):
            return
        before = self.before(index) if self.adjacent(index) else ""
        if before in self.words.things_follow and not self._owns(index):
            return
        following = self.next(index)
        goes_on = following is not None and following.capital and not self.everyday(following)
        # "Whitlock, dob ..." and "Whitlock, [phone]"
        heads = index == 0 and self.text[token.end : token.end + 1] == "," and not self.misspelt(token)
        if not token.first or heads or (goes_on and self.adjacent(index + 1)):
            self.take(index)

    def _begin_earlier(self) -> None:
        """Take the given name, or the word with a capital, before a name: "Adelaide Bronson"."""
        for index in sorted(self.names):
            before = self.tokens[index - 1] if index and self.adjacent(index) else None
            if before is None or index - 1 in self.names or self.shouting or not before.capital:
                continue
            if not self.tokens[index].capital or self.possessed(index - 1) or before.text[:2].isupper():
                continue
            given = before.word in self.words.double or before.word in self.words.capital_names
            if given and not self.is_never(before) and before.word not in self.words.never_after:
                self.take(index - 1)

    def _names_family(self, token: Token) -> bool:
        """Return whether a word before "family" is a family name."""
        known = token.word in self.words.family_names or not self.everyday(token)
        return self.telling_capital(token) and known

    def _is_relative(self, index: int) -> bool:
        """Return whether "is my daughter" (or "little boy") follows, or ", my daughter"."""
        words = [token.word for token in self.tokens[index + 1 : index + 5]]
        first, second, *further = [*words, "", ""]
        apposed = self.adjacent(index + 1, ",(") and self.tokens[index + 1].gap.strip() != ""
        if apposed and first in self.words.owners and second in self.words.relatives:
            return True
        said = first in self.words.copulas and second in self.words.owners
        return said and not self.words.relatives.isdisjoint(further)

    def _alone(self, index: int) -> None:
        """Find a given name that is no everyday word, wherever it stands."""
        token = self.tokens[index]
        if not self.given(token) or token.word in self.words.double | self.words.relatives or self.is_condition(index):
            return
        if ("-" in token.text and not token.capital) or self.is_thing(index):
            return
        if token.text.isupper() and not self.shouting and len(token.text) <= SHORT_FORM:
            return
        if token.capital or len(token.word) >= _SHORTEST_IN_LOWER_CASE:
            self.take(index)

    def _extend(self, index: int) -> int:
        """Take the family name and the initials that go with a name; return the word after them."""
        at = index + 1
        while at < len(self.tokens) and self.adjacent(at) and not self.possessed(at - 1):
            token = self.tokens[at]
            after = self._after_particles(at)
            if after > at:
                self.names.update(range(at, after))
                at = after
                continue
            if at not in self.names and not self._goes_with(self.tokens[index], token):
                break
            self.names.add(at)
            at += 1
        return at

    def _after_particles(self, index: int) -> int:
        """Return the word after "de la Cruz", or the same word if no such name begins here."""
        at = index
        while at - index < _MOST_PARTICLES and self.adjacent(at) and self.tokens[at].word in self.words.particles:
            at += 1
        return at + 1 if at > index and self.adjacent(at) and self.tokens[at].capital else index

    def _goes_with(self, name: Token, token: Token) -> bool:
        """Return whether a word right after a name is a part of it."""
        if self.is_never(token) or (token.text.isupper() and len(token.word) > 1 and not self.shouting):
            return False
        if self.telling_capital(token):
            return token.word not in self.words.never_after
        if self.given(token) or token.word in self.words.family_names:
            return True
        return not name.capital and not self.everyday(token) and not self.misspelt(token)

    def _repeated(self) -> None:
        """Take what was found to be a name wherever else it stands."""
        known = {self.tokens[index].word for index in self.names}
        for index, token in enumerate(self.tokens):
            plainly = not self.everyday(token) or (self.telling_capital(token) and not token.first)
            if token.word in known and len(token.word) > 1 and plainly:
                self.names.add(index)

    def _spans(self) -> list[Span]:
        """Return the names as spans, those of one person together."""
        spans: list[Span] = []
        previous = -2
        for index in sorted(self.names):
            token = self.tokens[index]
            if previous == index - 1 and not token.gap.strip(" "):
                spans[-1] = Span(spans[-1].start, token.end, "name")
            else:
                spans.append(Span(token.start, token.end, "name"))
            previous = index
        return spans


def find_names(text: str, taken: list[Place]) -> list[Span]:
    """Return the names in a text as spans, outside the places that are taken."""
    return _Finder(text, taken, shared_words()).find()
