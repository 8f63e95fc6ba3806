"""Which clause a word stands in, and so which body part a symptom belongs to."""

import re
from dataclasses import replace

from spacy.tokens import Doc, Span

from family_guide.symptoms.findings import Status
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
        self._fragments = frozenset(vocabulary.fragments)

    def numbers(self, doc: Doc, inside: set[int]) -> list[int]:
        """Return for each token the number of its clause; nothing cuts inside the tokens in `inside`.

        A "that" or "which" starts a clause when a symptom follows at once: "a lump that isn't sore".
        """
        numbers, number = [], 0
        for token in doc:
            if token.i not in inside:
                following = doc[token.i + 1].lower_ if token.i + 1 < len(doc) else ""
                if (
                    token.lower_ in self._ends
                    or (token.lower_ in ("and", "so") and following in self._starts)
                    or (token.lower_ in ("that", "which") and inside & {token.i + 1, token.i + 2, token.i + 3})
                ):
                    number += 1
            numbers.append(number)
        return numbers

    def place_of(self, doc: Doc, span: Span, status: Status, places: list[Place], spans: list[Span]) -> Place | None:
        """Return the body part that a symptom belongs to, or `None`.

        It is the nearest one in the symptom's own clause. A lump that is there may also lie in the clause
        before or after ("swelling? yes, the calf"), anything else that is there in a clause that is nothing
        but a place ("it hurts when he runs, the right thigh"). Limping belongs to a part only when it
        follows at once, and "painless" to none.
        """
        name, says_no = span.label_.split()[0], span.label_.endswith("denied")
        inside = {token.i for other in spans for token in other}
        numbers = self.numbers(doc, inside)
        own = numbers[span.start]
        if name in self._placeless:
            near = [p for p in places if 0 <= p.start - span.end <= 3 and numbers[p.start] == own]
            return self._with_side(near[0], places) if near and name == "limping" and not near[0].denied else None
        if says_no and name == "pain":
            return None
        if status == "denied" and any(
            numbers[other.start] == own and other.label_.split()[0] in self._spreading and other is not span
            for other in spans
        ):
            return None  # "the lump in her neck is not painful" says nothing of a neck without pain
        candidates = [p for p in places if not p.denied and (p.start <= span.start or p.start >= span.end)]
        here = [p for p in candidates if numbers[p.start] == own]
        if not here and status == "present":
            here = self._elsewhere(doc, span, candidates, numbers, spans)
        nearest = min(here, key=lambda p: (abs(p.start - span.start), -p.start), default=None)
        return self._with_side(nearest, places) if nearest else None

    def _elsewhere(
        self, doc: Doc, span: Span, candidates: list[Place], numbers: list[int], spans: list[Span]
    ) -> list[Place]:
        """Return the body parts outside its clause that a symptom may belong to."""
        name, own = span.label_.split()[0], numbers[span.start]
        clause = [token.lower_ for token in doc if numbers[token.i] == own]
        occupied = {numbers[other.start] for other in spans}
        if clause[0] in ("and", "but") and doc[span.start - 1].lower_ == clause[0] and own - 1 not in occupied:
            return [p for p in candidates if numbers[p.start] == own - 1]  # "her leg feels heavy and hurts"
        if "there" in clause[1:] or "it" in clause:
            before = [p for p in candidates if numbers[p.start] == own - 1]
            if before and ("there" in clause[1:] or name in self._spreading):
                return before
        if name in self._spreading:
            taken = {
                numbers[other.start]
                for other in spans
                if other.label_.split()[0] != name and other.label_.split()[0] not in self._placeless
            }
            near = [p for p in candidates if numbers[p.start] not in taken and abs(numbers[p.start] - own) <= 3]
            if near:
                return near
        # A place between two symptoms belongs to the first: "mass, left forearm, hurts".
        taken = {numbers[other.start] + 1 for other in spans}
        beside = [
            number
            for number in (own - 1, own + 1)
            if (number > own or number not in taken) and self._is_fragment(doc, number, candidates, numbers)
        ]
        return [p for p in candidates if numbers[p.start] in beside]

    def _is_fragment(self, doc: Doc, number: int, places: list[Place], numbers: list[int]) -> bool:
        """Return whether a clause is nothing but a place: ", the right thigh"."""
        named = {i for place in places for i in range(place.start, place.end)}
        words = [t for t in doc if numbers[t.i] == number and t.i not in named and t.is_alpha]
        return all(token.lower_ in self._fragments for token in words)

    @staticmethod
    def _with_side(place: Place, places: list[Place]) -> Place:
        """Return a place with the side that the next words give it: "on the face, right cheek"."""
        if place.side:
            return place
        beside = [p for p in places if p.name == place.name and p.side and 0 <= p.start - place.end <= 4]
        return replace(place, side=beside[0].side) if beside else place

    def around(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Return where the clause around a stretch of text starts and ends, in characters."""
        before = [match.end() for match in _CUT.finditer(text, 0, start)]
        after = _CUT.search(text, end)
        return before[-1] if before else 0, after.start() if after else len(text)
