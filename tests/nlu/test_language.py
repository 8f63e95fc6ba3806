import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.understanding import labelled
from family_guide.nlu.language import detect


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mi hija tiene dolor en la pierna desde hace dos meses", "es"),
        ("hola", "es"),
        ("necesito hablar con un médico por favor", "es"),
        ("Minha filha está com um caroço no braço", "pt"),
        ("Mon fils a une boule à la cuisse, que faire ?", "fr"),
        ("bonjour", "fr"),
        ("Pitit mwen an gen yon boul nan janm li, kisa pou m fè", "ht"),
        ("孩子腿上长了一个肿块怎么办", "zh"),
        ("Con tôi bị sưng ở chân, tôi phải làm gì", "vi"),
        ("У моей дочери шишка на ноге", "ru"),
        ("ابنتي لديها كتلة في ساقها", "ar"),
    ],
)
def test_the_languages_are_told_apart(text, code):
    assert detect(text) == code


@pytest.mark.parametrize(
    "text", ["", "ok", "hi", "?!", "asps", "mri pet ct", "lol idk", "kemo?", "my abuela has a question"]
)
def test_short_and_mixed_messages_are_english(text):
    assert detect(text) == "en"


def test_hardly_any_english_question_is_taken_for_another_language():
    wrong = [text for text, _ in labelled("validation") if detect(text) != "en"]
    assert len(wrong) <= 2, wrong


@given(st.text(max_size=300))
def test_any_text_has_a_language(text):
    assert len(detect(text)) == 2
