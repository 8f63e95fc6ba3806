"""Texts without anything to hide are looked at once, and nothing of them is kept."""

import pytest

from family_guide.privacy import events
from family_guide.privacy.events import redact_events

PLAIN = "Does it spread to the lungs?"
TELLING = "I am calling about my son Jayden Walker."


def bot(text):
    return {"event": "bot", "text": text, "data": {"buttons": [{"title": text}]}}


@pytest.fixture(autouse=True)
def _nothing_seen():
    events._harmless.clear()


def test_a_text_is_redacted_the_same_each_time():
    for _ in range(3):
        plain, telling = redact_events([bot(PLAIN), bot(TELLING)])
        assert plain == bot(PLAIN)
        assert "Jayden" not in str(telling)
        assert "Walker" not in str(telling)


def test_a_text_without_anything_to_hide_is_looked_at_once(monkeypatch):
    looked = []
    redact = events.redact
    monkeypatch.setattr(events, "redact", lambda text: looked.append(text) or redact(text))
    for _ in range(3):
        redact_events([bot(PLAIN), bot(TELLING)])
    assert looked.count(PLAIN) == 1
    assert looked.count(TELLING) == 6


def test_what_a_family_told_is_hidden_in_a_text_that_was_harmless_before():
    question = bot("How old is Rosebud?")
    redact_events([question])
    said = {"event": "user", "text": "My daughter is called Rosebud.", "parse_data": {}}
    assert "Rosebud" not in str(redact_events([said, question]))


def test_nothing_of_a_text_is_kept_and_never_too_much(monkeypatch):
    monkeypatch.setattr(events, "_MOST_HARMLESS", 5)
    redact_events([bot(f"Question {number}") for number in range(40)])
    assert 0 < len(events._harmless) <= 5
    assert all(isinstance(mark, bytes) and len(mark) == 16 for mark in events._harmless)
