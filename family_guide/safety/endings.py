"""The forms of a word that a phrasing's `word+` stands for."""

import re


def endings(word: str) -> tuple[list[str], list[str]]:
    """The forms `word+` stands for: those of the grammar, and others that people type ("bleedin")."""
    doubles = re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]", word) is not None
    may_double = re.search(r"[^aeiou][aeiou][bdgklmnprt]$", word) is not None
    if word.endswith("e"):
        return [word, word + "s", word + "d", word[:-1] + "ing"], [word[:-1] + "in", word + "ing"]
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return [word, word[:-1] + "ies", word[:-1] + "ied", word + "ing"], [word + "in", word + "s"]
    plural = word + ("es" if word.endswith(("s", "x", "z", "sh", "ch")) else "s")
    stem, other = (word + word[-1], word) if doubles else (word, word + word[-1])
    right = [word, plural, stem + "ed", stem + "ing"]
    return right, [stem + "in"] + ([other + "ed", other + "ing"] if may_double else [])
