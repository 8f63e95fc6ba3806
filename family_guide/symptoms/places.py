"""Where on the body: body parts with their side."""

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from family_guide.symptoms.terms import TermMatcher
from family_guide.symptoms.vocabulary import Vocabulary

NEAR = 4
"""Words between a body part and its side, at most."""

NOT_BEFORE_SIDES = frozenset(
    [
        *("walk", "walks", "walking", "run", "runs", "running", "stand", "sit", "move", "moves", "moving", "bend"),
        *("work", "works", "working", "feel", "feels", "look", "looks", "not", "n't", "quite", "just"),
    ]
)
"""After one of these "right" is no side: "can't walk right"."""

LEADING = ("in", "on", "at")
"""Words that lead to a body part."""


@dataclass(frozen=True)
class Place:
    """A body part in a document; `start` and `end` count tokens."""

    name: str
    start: int
    end: int
    side: str
    denied: bool


class Places:
    """Finds body parts and their sides."""

    def __init__(self, nlp: Language, vocabulary: Vocabulary) -> None:
        self._parts = TermMatcher(
            nlp, [(name, term) for name, terms in vocabulary.body_parts.items() for term in terms]
        )
        self._none = TermMatcher(nlp, [("none", term) for term in vocabulary.no_body_part])
        sides = vocabulary.sides
        self._sides = {word: name for name in ("left", "right", "both") for word in getattr(sides, name)}
        self._between = frozenset(sides.between)

    def __call__(self, doc: Doc) -> list[Place]:
        """Return the body parts of a document, in its order."""
        none = {token.i for span in self._none(doc) for token in span}
        spans = [span for span in self._parts(doc) if not set(range(span.start, span.end)) <= none]
        return [Place(s.label_, s.start, s.end, self._side(doc, s, spans), self._denied(doc, s)) for s in spans]

    def is_mine(self, doc: Doc, places: list[Place]) -> bool:
        """Return whether the first body part is called that of the person who types: "a lump on my back"."""
        between = {*self._between, *self._sides} - {"his", "her", "my"}
        for place in places[:1]:
            at = place.start - 1
            while at >= 0 and doc[at].lower_ in between:
                at -= 1
            return at >= 0 and doc[at].lower_ == "my"
        return False

    def _side(self, doc: Doc, part: Span, parts: list[Span]) -> str:
        before = self._side_before(doc, part)
        return before or self._side_after(doc, part, parts)

    def _side_before(self, doc: Doc, part: Span) -> str:
        for token in reversed(list(doc[max(part.sent.start, part.start - NEAR) : part.start])):
            if token.lower_ in self._sides:
                return self._sides[token.lower_]
            if token.lower_ not in self._between:
                return ""
        return ""

    def _side_after(self, doc: Doc, part: Span, parts: list[Span]) -> str:
        """Return the side in "knee on the left", "groin, left", "arm hurts, the left one", or an empty string.

        "Left" and "right" are also other words, so one counts only at the end of a clause or before
        "side", "one" and the like, and not when it belongs to the next body part.
        """
        following = min((p.start for p in parts if p.start >= part.end), default=len(doc) + 1)
        for token in doc[part.end : following]:
            if token.lower_ not in ("left", "right"):
                continue
            after = doc[token.i + 1].lower_ if token.i + 1 < len(doc) else "."
            marked = after in ("side", "one", "only", "and", "for", "since", "but", "-", ")") or not after.isalnum()
            located = doc[token.i - 1].lower_ == "the" and doc[token.i - 2].lower_ == "on"
            if doc[token.i - 1].lower_ in NOT_BEFORE_SIDES:
                continue
            if (marked or located) and token.i + 1 != following and doc[token.i - 1].lower_ not in ("is", "'s", "all"):
                if doc[token.i - 2].lower_ == "to":  # a direction: "turn her neck to the right"
                    continue
                return self._sides[token.lower_]
        return ""

    def _denied(self, doc: Doc, part: Span) -> bool:
        """Return whether the words say that it is not there: "not her leg", "not in the left arm"."""
        leading = {*self._between, *self._sides, *LEADING}
        at = part.start - 1
        while at >= part.sent.start and doc[at].lower_ in leading:
            at -= 1
        return at >= part.sent.start and doc[at].lower_ in ("not", "n't") and doc[at].nbor(1).lower_ != "a"
