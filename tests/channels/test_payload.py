import pytest

from family_guide.channels.payload import parse_payload, payload


def test_a_button_says_its_intent_and_entities():
    parsed = parse_payload(payload("ask_topic", topic="can_it_spread"), "Can it spread?")
    assert parsed["intent"] == {"name": "ask_topic", "confidence": 1.0}
    assert [(e["entity"], e["value"]) for e in parsed["entities"]] == [("topic", "can_it_spread")]
    assert parsed["text"] == "Can it spread?"


@pytest.mark.parametrize("text", ["", "affirm", "/Affirm", "/affirm trailing", "/affirm{", "/faq/what"])
def test_what_is_no_payload_is_refused(text):
    with pytest.raises(ValueError, match=r"payload|JSON|Expecting"):
        parse_payload(text, "title")
