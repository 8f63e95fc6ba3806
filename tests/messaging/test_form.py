import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.channels.messaging.form import (
    cut,
    help_numbers,
    length,
    split_text,
    typed_number,
    with_source,
    with_tel_links,
)
from family_guide.channels.replies import Reply


@given(st.text(max_size=400), st.integers(min_value=2, max_value=60))
def test_parts_fit_and_lose_nothing_but_space(text, longest):
    parts = split_text(text, longest)
    assert all(0 < length(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_parts_end_where_sentences_do():
    text = "First sentence. Second one! Is this a third?\n- a list\n- of two"
    assert split_text(text, 30) == ["First sentence. Second one!", "Is this a third?\n- a list", "- of two"]
    assert split_text(text, 1000) == [text]
    assert split_text("  ", 10) == []


def test_a_sentence_that_is_too_long_is_split_at_words():
    assert split_text("one two three four", 9) == ["one two", "three", "four"]
    assert split_text("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert split_text("😀😀😀", 4) == ["😀😀", "😀"]


@given(st.text(min_size=1, max_size=80), st.integers(min_value=4, max_value=40))
def test_a_cut_title_fits(title, longest):
    assert length(cut(title, longest)) <= longest


def test_a_title_is_cut_at_a_word():
    assert cut("Is it treated with medicine?", 20) == "Is it treated with…"
    assert cut("Yes", 20) == "Yes"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("12", 12), ("3.", 3), ("Option 4", 4), ("no. 2", 2), ("three", 3), ("Ten!", 10), ("５", 5), ("1️⃣", 1)],
)
def test_a_typed_number_is_understood(text, number):
    assert typed_number(text) == number


@pytest.mark.parametrize("text", ["911", "2 weeks", "", "no", "one of them", "1 2", "-1"])
def test_other_words_are_no_number(text):
    assert typed_number(text) is None


def test_help_lines_are_found_in_emergency_and_crisis_replies_only():
    text = "Call or text 988, day or night. If anyone is in danger, call 911. Please call 911."
    assert help_numbers(Reply("crisis", text)) == ("988", "911")
    assert help_numbers(Reply("info", text)) == ()
    assert with_tel_links("Help.", ("988",)) == "Help.\n\nTap to call 988: tel:988"


def test_the_source_is_named():
    source = {"page": "A page", "publisher": "A hospital", "heading": "H", "facts": ["W1"]}
    assert with_source(Reply("answer", "It can.", source=source)) == "It can.\n\nSource: A hospital, “A page”."
