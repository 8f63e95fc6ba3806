import pytest

from family_guide.nlu.doubt import OTHER_LANGUAGE, DoubtGate, decide
from family_guide.nlu.labels import CLARIFY, UNKNOWN

CONFIG = {
    **DoubtGate.get_default_config(),
    "answer": 0.6,
    "talk": 0.5,
    "safety": 0.5,
    "unknown": 0.3,
    "known": 0.3,
    "unknown_labels": ["chat/off_topic"],
}


@pytest.mark.parametrize(
    ("ranked", "safety", "language", "expected"),
    [
        ([("faq/a", 0.9), ("faq/b", 0.1)], None, "en", "faq/a"),
        ([("faq/a", 0.5), ("faq/b", 0.4), ("chat/off_topic", 0.1)], None, "en", CLARIFY),
        ([("faq/a", 0.5), ("chat/off_topic", 0.4)], None, "en", UNKNOWN),
        ([("affirm", 0.4), ("deny", 0.4), ("faq/a", 0.2)], None, "en", UNKNOWN),
        ([("chat/thanks", 0.6), ("faq/a", 0.4)], None, "en", "chat/thanks"),
        ([("faq/a", 0.99)], "crisis", "en", "crisis"),
        ([("faq/a", 0.99)], "emergency", "es", "emergency"),
        ([("faq/a", 0.99)], None, "es", OTHER_LANGUAGE),
        ([("emergency", 0.6), ("faq/a", 0.4)], None, "en", "emergency"),
        ([("emergency", 0.4), ("faq/a", 0.35), ("faq/b", 0.25)], None, "en", CLARIFY),
        ([], None, "en", UNKNOWN),
    ],
)
def test_what_is_decided(ranked, safety, language, expected):
    label, confidence = decide(ranked, CONFIG, safety, language)
    assert label == expected
    assert 0 <= confidence <= 1
