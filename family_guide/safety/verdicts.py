"""Messages that ask for a verdict about one person: a diagnosis, a reassurance or a promise in disguise.

The assistant never diagnoses. A classifier takes most such messages for what they are; those in disguise
(role play, pressure, "so it's not cancer then?") are caught here by rule, whatever else they ask.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from family_guide.safety.model import SafetyFileError
from family_guide.safety.notation import COMMA, Notation, Phrasing
from family_guide.safety.reading import CONTRACTED, Reader
from family_guide.words import english_words


class VerdictRules:
    """The rules of content/diagnosis.yml, ready to use; keeps nothing of what it reads.

    Args:
        path: the file.

    Raises:
        SafetyFileError: the file has not the form that its head describes.
        NotationError: a phrasing cannot be read.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
            spellings = CONTRACTED | {
                typed: str(meant) for meant, words in data["spellings"].items() for typed in str(words).split()
            }
            notation = Notation(data["words"], str(data["gap_stops"] or "").split(), spellings)
            said = {group: list(phrasings) for group, phrasings in data["say"].items()}
            unless = list(data["unless"])
        except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            raise SafetyFileError(f"{path}: {type(error).__name__}: {error}") from error
        self._say = [(group, notation.read(phrasing)) for group, phrasings in said.items() for phrasing in phrasings]
        self._unless = [notation.read(phrasing) for phrasing in unless]
        self._alphabet = notation.alphabet
        self._reader = Reader(notation.alphabet.words, notation.alphabet.spelled, spellings, english_words())

    def find(self, text: str) -> str | None:
        """Return the very words of `text` that ask for a verdict, or None."""
        words = self._reader.read(text)
        line = "".join(self._alphabet.letter(word.text) for word in words)
        letters = frozenset(line)
        spared = [match.span() for phrasing in self._unless for match in _matches(phrasing, line, letters)]
        for _, phrasing in self._say:
            for match in _matches(phrasing, line, letters):
                start, end = match.start(), match.start() + len(match.group().rstrip(COMMA))
                if end > start and not any(low < end and start < high for low, high in spared):
                    return text[words[start].start : words[end - 1].end]
        return None


def _matches(phrasing: Phrasing, line: str, letters: frozenset[str]) -> Any:
    return phrasing.expression.finditer(line) if phrasing.possible(letters) else ()
