"""Typing errors of our own making."""

import random

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from family_guide.nlu.mistyping import errors, mistyped


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12), st.integers())
def test_each_kind_is_one_error_and_the_first_letter_stays(word, seed):
    for typed in errors(word, random.Random(seed)).values():
        assert typed[0] == word[0]
        assert OSA.distance(word, typed) <= 1


@given(st.text(), st.integers())
def test_any_text_differs_from_itself_by_one_error_at_most(text, seed):
    typed = mistyped(text, random.Random(seed))
    assert OSA.distance(text.lower(), typed) <= 1
    assert len(typed.split()) == len(text.split())


def test_a_longer_word_gets_the_error():
    found = {mistyped("Will the surgery hurt?", random.Random(seed)) for seed in range(40)}
    assert len(found) > 10
    assert all(typed.startswith("will the s") and typed.endswith(" hurt?") for typed in found)


def test_short_words_and_words_of_other_letters_stay():
    for text in ("is it bad", "œdème né à ĳsland", "¿qué es el cáncer?", "مرحبا"):
        assert mistyped(text, random.Random(1)) == text
