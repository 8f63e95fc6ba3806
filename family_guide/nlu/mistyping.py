"""Typing errors of our own making, for phrases to be learned with and measured by."""

from __future__ import annotations

import random
import re

_BESIDE = {
    row[i]: row[max(0, i - 1)] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i in range(len(row))
}
_LONG_WORD = re.compile(r"(?<![^\W_])[a-z]{5,}(?![^\W_])")
"""Shorter words with an error are too often other words."""


def errors(word: str, chance: random.Random) -> dict[str, str]:
    """Return a word with one typing error of each kind, by kind.

    Args:
        word: at least three small letters, a to z.
        chance: where in the word the error is; never in its first letter.
    """
    at = chance.randrange(1, len(word) - 1)
    return {
        "left out": word[:at] + word[at + 1 :],
        "doubled": word[: at + 1] + word[at:],
        "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        "beside": word[:at] + chance.choice(_BESIDE[word[at]]) + word[at + 1 :],
    }


def mistyped(text: str, chance: random.Random) -> str:
    """Return a text in small letters with one typing error in one of its longer words, if it has any.

    Args:
        text: any string.
        chance: which word, which kind of error, and where.
    """
    text = text.lower()
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    typed = chance.choice(list(errors(word[0], chance).values()))
    return text[: word.start()] + typed + text[word.end() :]
