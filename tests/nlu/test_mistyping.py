"""Typing errors of our own making."""

import random

from hypothesis import given
from hypothesis import strategies as st

from family_guide.nlu.mistyping import errors, mistyped


def distance(one, other):
    """Return how many letters must be put in, taken out, changed or swapped with the next to make one the other."""
    rows = [[i + j if 0 in (i, j) else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            same = one[i - 1] == other[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12), st.integers())
def test_each_kind_is_one_error_and_the_first_letter_stays(word, seed):
    for typed in errors(word, random.Random(seed)).values():
        assert typed[0] == word[0]
        assert distance(word, typed) <= 1


@given(st.text(), st.integers())
def test_any_text_differs_from_itself_by_one_error_at_most(text, seed):
    typed = mistyped(text, random.Random(seed))
    assert distance(text.lower(), typed) <= 1
    assert len(typed.split()) == len(text.split())


def test_a_longer_word_gets_the_error():
    found = {mistyped("Will the surgery hurt?", random.Random(seed)) for seed in range(40)}
    assert len(found) > 10
    assert all(typed.startswith("will the s") and typed.endswith(" hurt?") for typed in found)


def test_short_words_and_words_of_other_letters_stay():
    for text in ("is it bad", "œdème né à ĳsland", "¿qué es el cáncer?", "مرحبا"):
        assert mistyped(text, random.Random(1)) == text
