"""Pieces of a text that identify a family, and what stands for them."""

from __future__ import annotations

from dataclasses import dataclass

Place = tuple[int, int]
"""From the first character of a piece of text up to before its end."""

REMOVED = "[removed]"
"""Stands for a whole text that could not be redacted piece by piece."""

PLACEHOLDERS = {
    "name": "[name]",
    "phone": "[phone]",
    "email": "[email]",
    "address": "[address]",
    "record_number": "[record number]",
    "birth_date": "[birth date]",
    "url": "[web address]",
    "id_number": "[id number]",
    "removed": REMOVED,
}
"""Each kind of identifying text and what stands for it."""


@dataclass(frozen=True)
class Span:
    """A piece of the original text that was hidden: from start up to before end, and its kind."""

    start: int
    end: int
    kind: str

    @property
    def placeholder(self) -> str:
        """What stands in its place."""
        return PLACEHOLDERS[self.kind]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.start, self.end

    @property
    def growth(self) -> int:
        """How many characters the text gains by its placeholder; fewer than 0 where it loses some."""
        return len(self.placeholder) - (self.end - self.start)
