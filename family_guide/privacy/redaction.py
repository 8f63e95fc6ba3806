"""Redaction: what identifies a family becomes a placeholder that says of what kind it was."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from family_guide.privacy.names import find_names
from family_guide.privacy.patterns import find_patterns, public_pages
from family_guide.privacy.spans import PLACEHOLDERS, REMOVED, Span

_PLACEHOLDER = re.compile("|".join(re.escape(placeholder) for placeholder in PLACEHOLDERS.values()))
_MOST_ROUNDS = 6
"""A text in which something new is found after so many is removed as a whole."""


@dataclass(frozen=True)
class Redacted:
    """A text in which nothing identifies a family any more.

    Attributes:
        text: with placeholders.
        counts: how many pieces of each kind were hidden; kinds that did not occur are left out.
        spans: what was hidden, in order, as places in the original text.
    """

    text: str
    counts: dict[str, int] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()

    def moved(self, place: int) -> int:
        """Return where a place of the original text is in this one.

        A place inside something hidden moves to the end of its placeholder.
        """
        shift = 0
        for span in self.spans:
            if place <= span.start:
                break
            if place < span.end:
                place = span.end
            shift += span.growth
        return place + shift


def redact(text: str) -> Redacted:
    """Hide what identifies a family: names, addresses, numbers, dates of birth, links.

    Symptoms, ages, durations and parts of the body stay. Redacting a redacted text
    changes nothing. Never raises: a text that cannot be redacted is removed as a whole.
    """
    try:
        return _redact(text)
    except Exception:  # whatever went wrong, an unredacted text must not get through
        return _removed(text)


def _removed(text: str) -> Redacted:
    return Redacted(REMOVED, {"removed": 1}, (Span(0, len(text) if isinstance(text, str) else 0, "removed"),))


def _redact(text: str) -> Redacted:
    """Redact until nothing more is found: what was hidden can make something beside it plain."""
    draft = Redacted(text)
    for _ in range(_MOST_ROUNDS):
        found = _find(draft.text)
        if not found:
            return draft
        draft = _hide(text, sorted([*draft.spans, *_in_original(draft, found)], key=lambda span: span.start))
    return _removed(text)


def _find(text: str) -> list[Span]:
    """Return what identifies a family in a text, outside placeholders and the addresses of public pages."""
    taken = sorted([match.span() for match in _PLACEHOLDER.finditer(text)] + public_pages(text))
    patterned = find_patterns(text, taken)
    taken = sorted(taken + [span.place for span in patterned])
    return patterned + find_names(text, taken)


def _hide(text: str, spans: list[Span]) -> Redacted:
    """Return the text with a placeholder for each span; the spans are in order."""
    pieces: list[str] = []
    place = 0
    for span in spans:
        pieces += [text[place : span.start], span.placeholder]
        place = span.end
    pieces.append(text[place:])
    return Redacted("".join(pieces), dict(Counter(span.kind for span in spans)), tuple(spans))


def _in_original(draft: Redacted, found: list[Span]) -> list[Span]:
    """Return spans of a draft as spans of the original; none of them touches a placeholder."""
    moved: list[Span] = []
    hidden = iter(draft.spans)
    upcoming = next(hidden, None)
    shift = 0
    for span in sorted(found, key=lambda span: span.start):
        # In the draft its placeholder ends before the span.
        while upcoming is not None and upcoming.end + upcoming.growth <= span.start + shift:
            shift -= upcoming.growth
            upcoming = next(hidden, None)
        moved.append(Span(span.start + shift, span.end + shift, span.kind))
    return moved
