"""What a family typed, made safe to hand on: plain words, never a command."""

import re
import unicodedata

_COMMAND = "/"


def plain_words(text: str) -> str:
    """Return the text as plain words.

    Control, zero-width and other invisible characters go (they hide words from the
    safety rules and split words that belong together); compatibility forms such as
    full-width letters become ordinary ones. Leading slashes go, because Rasa reads a
    text that begins with one as a command.

    Args:
        text: as typed.

    Returns:
        The text without its leading and trailing space; may be empty.
    """
    composed = unicodedata.normalize("NFKC", text)
    kept = [
        " " if unicodedata.category(c) in ("Zs", "Zl", "Zp") or c in "\n\r\t" else c
        for c in composed
        if c in "\n\r\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    ]
    one_space = re.sub(r" {2,}", " ", "".join(kept)).strip()
    return one_space.lstrip(_COMMAND + " ")


def has_words(text: str) -> bool:
    """Return whether there is a letter or a digit in the text."""
    return any(c.isalnum() for c in text)
