import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.channels.text import has_words, plain_words


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("/restart", "restart"),
        ("  //session_start", "session_start"),
        ("\u200b/restart", "restart"),
        ("/ /back", "back"),
        ("／restart", "restart"),
        ("he can\u200bt breathe", "he cant breathe"),
        ("two\nlines\tand more", "two lines and more"),
        ("a\u00a0b", "a b"),
        ("\x00\x07", ""),
        ("ｈｅｌｌｏ", "hello"),
        ("and/or", "and/or"),
    ],
)
def test_typed_text_becomes_plain_words(typed, plain):
    assert plain_words(typed) == plain


@given(st.text())
def test_no_text_is_ever_a_command(text):
    assert not plain_words(text).startswith("/")


@given(st.text())
def test_plain_words_stay_as_they_are(text):
    assert plain_words(plain_words(text)) == plain_words(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("😀😀", False), ("?!", False), ("a", True), ("7", True), ("你好", True)]
)
def test_words_are_letters_or_digits(text, expected):
    assert has_words(text) is expected
