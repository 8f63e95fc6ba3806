"""The notation reads as its table says."""

import pytest

from family_guide.safety.endings import endings
from family_guide.safety.notation import Notation, NotationError, Phrasing

LISTS = {"child": "he|she|(my son)", "loop": "<loop>"}


def matched(source: str, words: str) -> bool:
    notation = Notation(LISTS, ["not", "no"])
    phrasing: Phrasing = notation.read(source)
    text = "".join(notation.alphabet.letter(word) for word in words.split())
    found = phrasing.expression.search(text) is not None
    assert not found or phrasing.possible(frozenset(text)), "needs must never rule out a match"
    return found


@pytest.mark.parametrize(
    ("source", "words", "expected"),
    [
        ("lips blue", "lips blue", True),
        ("lips blue", "lips are blue", False),
        ("lips [are] blue", "lips are blue", True),
        ("lips .. blue", "lips are all very blue", True),
        ("lips .. blue", "lips are all very dark blue", False),
        ("lips ... blue", "lips are all very dark blue", True),
        ("lips .. blue", "lips are not blue", False),
        ("lips ~ blue", "lips are not blue", True),
        ("lips ... blue", "lips . blue", False),
        ("lips blue", "lips , blue", True),
        ("lips & blue", "blue are his lips", True),
        ("fell & head & sick", "sick since she fell on her head", True),
        ("choke+ now", "choking now", True),
        ("choke+ now", "choked now", True),
        ("choke|gag now", "gag now", True),
        ("(choke|pass out) now", "pass out now", True),
        ("(choke|pass out) now", "pass now", False),
        ("<child> choked", "my son choked", True),
        ("fever #", "fever 101", True),
        ("fever #fever", "fever 101", False),
        ("fever #fever", "fever 105", True),
        ("in #year", "in 2015", True),
        ("in #year", "in 15", False),
        ("^ help", "please . help", True),
        ("^ help", "please help", False),
        ("help $", "help . please", True),
        ("help $", "help please", False),
        ("why ... help ?", "why no help ?", False),
        ("why ... help ?", "why this help ?", True),
    ],
)
def test_notation_matches(source: str, words: str, expected: bool) -> None:
    assert matched(source, words) is expected


@pytest.mark.parametrize(
    "source", ["(a b", "a]", "[a]", "@", "<nobody> a", "<loop> a", "a & ", "a (|b)", "a %", "@ a @", ".."]
)
def test_notation_refuses(source: str) -> None:
    with pytest.raises(NotationError):
        Notation(LISTS).read(source)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("choke", {"choke", "chokes", "choked", "choking"}),
        ("stab", {"stab", "stabs", "stabbed", "stabbing"}),
        ("vomit", {"vomit", "vomits", "vomited", "vomiting"}),
        ("push", {"push", "pushes", "pushed", "pushing"}),
        ("carry", {"carry", "carries", "carried", "carrying"}),
    ],
)
def test_endings_are_those_of_the_grammar(word: str, forms: set[str]) -> None:
    assert set(endings(word)[0]) == forms
