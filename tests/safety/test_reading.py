"""Words are read as they were meant, with their place in the text."""

import pytest

from family_guide.safety.reading import Reader

SIGNS = ["breathe", "seizure", "bleeding", "suicide", "unconscious"]
READER = Reader(
    known=[*SIGNS, "not", "can", "will", "he", "is", "no", "stop", "s"],
    spelled=SIGNS,
    spellings={"cant": "can not", "siezure": "seizure", "hes": "he s"},
    real_words=["breeding"],
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("can't", "can not"),
        ("can’t", "can not"),
        ("won't", "will not"),
        ("isn't", "is not"),
        ("cant", "can not"),
        ("CANT", "can not"),
        ("hes", "he s"),
        ("siezure", "seizure"),
        ("seizrue", "seizure"),
        ("unconcsious", "unconscious"),
        ("bleedinggg", "bleeding"),
        ("breeding", "breeding"),
        ("nooooo", "no"),
        ("su1cide", "suicide"),
        ("s*icide", "suicide"),
        ("cantbreathe", "can not breathe"),
        ("bréathe", "breathe"),
        ("he... stop", "he , stop"),
        ("he. stop?", "he . stop ?"),
        ("104.5", "104"),
        ("104f", "104 f"),
        ("Wilhelmina", "wilhelmina"),
    ],
)
def test_reader_reads(typed: str, meant: str) -> None:
    assert " ".join(word.text for word in READER.read(typed)) == meant


def test_reader_keeps_the_places() -> None:
    text = "Oh\u200b no… HE can\u2019t bre\u200bathe!"
    typed = [text[word.start : word.end] for word in READER.read(text)]
    assert typed == ["Oh", "no", "…", "HE", "can’t", "can’t", "bre\u200bathe", "!"]
