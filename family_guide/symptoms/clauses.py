"""Which clause a word stands in, and so which body part a symptom belongs to."""

import re

from spacy.tokens import Doc, Span

from family_guide.symptoms.places import Place
from family_guide.symptoms.vocabulary import Vocabulary

_CUT = re.compile(r"[.,;!?]|\b(?:and|but)\b", re.I)


class Clauses:
    """Cuts documents into clauses."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._ends = frozenset(vocabulary.clause_ends)
        self._starts = frozenset(vocabulary.clause_starts)
        self._placeless = frozenset(vocabulary.placeless)
        self._spreading = frozenset(vocabulary.spreading)

    def numbers(self, doc: Doc, inside: set[int]) -> list[int]:
        """Return for each token the number of its clause; nothing cuts inside the tokens in `inside`."""
        numbers, number = [], 0
        for token in doc:
            if token.i not in inside:
                following = doc[token.i + 1].lower_ if token.i + 1 < len(doc) else ""
                if token.lower_ in self._ends or (token.lower_ in ("and", "so") and following in self._starts):
                    number += 1
            numbers.append(number)
        return numbers

    def place_of(self, doc: Doc, span: Span, name: str, places: list[Place], spans: list[Span]) -> Place | None:
        """Return the body part that a symptom belongs to, or `None`.

        It is the nearest one in the symptom's own clause. A lump may also lie in the clause before or
        after ("swelling? yes, the calf"); limping belongs to a part only when it follows at once.
        """
        inside = {token.i for other in spans for token in other}
        numbers = self.numbers(doc, inside)
        own = numbers[span.start]
        if name in self._placeless:
            near = [
                p for p in places if 0 <= p.start - span.end <= 3 and numbers[p.start] == own and p.start >= span.end
            ]
            return near[0] if near and name == "limping" and not near[0].denied else None
        candidates = [p for p in places if not p.denied and (p.start <= span.start or p.start >= span.end)]
        here = [p for p in candidates if numbers[p.start] == own]
        if not here and name in self._spreading:
            taken = {numbers[other.start] for other in spans if other.label_.split()[0] != name}
            here = [p for p in candidates if numbers[p.start] not in taken and abs(numbers[p.start] - own) <= 3]
            clause = [token.lower_ for token in doc if numbers[token.i] == own]
            if not here and "it" in clause:
                here = [p for p in candidates if numbers[p.start] == own - 1]
        return min(here, key=lambda p: (abs(p.start - span.start), -p.start), default=None)

    def around(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Return where the clause around a stretch of text starts and ends, in characters."""
        before = [match.end() for match in _CUT.finditer(text, 0, start)]
        after = _CUT.search(text, end)
        return before[-1] if before else 0, after.start() if after else len(text)
