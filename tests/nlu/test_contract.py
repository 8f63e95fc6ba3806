"""What every component of the pipeline promises."""

import pytest

from family_guide.nlu.classifier import QuestionClassifier
from family_guide.nlu.doubt import DoubtGate
from family_guide.nlu.language import LanguageDetector
from family_guide.nlu.parts import MessageParts
from family_guide.nlu.safety_rules import SafetyRulesComponent
from family_guide.nlu.spelling import Spelling
from family_guide.nlu.symptom_rules import SymptomRules
from tests.nlu.conftest import message, training_data

PIPELINE = (
    SafetyRulesComponent,
    LanguageDetector,
    Spelling,
    MessageParts,
    QuestionClassifier,
    SymptomRules,
    DoubtGate,
)
ODD_TEXTS = ["", " ", "?", "😀", "孩子腿上有肿块", "пожалуйста", "مرحبا", "a" * 5000, "lump " * 1000, "\x00", "\u200b"]


def trained(create, load=False):
    """Return the whole pipeline, trained on a few phrases, or loaded from what that stored."""
    data = training_data()
    pipeline = []
    for component in PIPELINE:
        made = create(component, load=load and hasattr(component, "train"))
        if not load and hasattr(made, "train"):
            made.train(data)
        if hasattr(made, "process_training_data"):
            data = made.process_training_data(data)
        pipeline.append(made)
    return pipeline


def parsed(pipeline, text):
    messages = [message(text)]
    for component in pipeline:
        messages = component.process(messages)
    return messages[0].as_dict(only_output_properties=True)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_any_text_gets_an_intent(create, text):
    result = parsed(trained(create), text)
    assert result["intent"]["name"]
    assert 0 <= result["intent"]["confidence"] <= 1
    assert result["text"] == text


def test_a_loaded_pipeline_says_the_same(create):
    first = [parsed(trained(create), text) for text in ("can it spread", "pizza please", "he has a lump")]
    again = [parsed(trained(create, load=True), text) for text in ("can it spread", "pizza please", "he has a lump")]
    assert [r["intent"]["name"] for r in first] == [r["intent"]["name"] for r in again]
    for one, other in zip(first, again, strict=True):
        for a, b in zip(one["intent_ranking"], other["intent_ranking"], strict=True):
            assert a["name"] == b["name"]
            assert a["confidence"] == pytest.approx(b["confidence"], abs=1e-4)


def test_several_messages_at_once_are_kept_apart(create):
    pipeline = trained(create)
    texts = ["can it spread", "she cannot breathe", "does chemo help"]
    messages = [message(text) for text in texts]
    for component in pipeline:
        messages = component.process(messages)
    together = [m.as_dict(only_output_properties=True)["intent"]["name"] for m in messages]
    assert together == [parsed(pipeline, text)["intent"]["name"] for text in texts]
    assert together[1] == "emergency"


def test_what_is_stored_with_a_message_is_plain_data(create):
    import json

    json.dumps(parsed(trained(create), "there is a lump on her left thigh since 3 months"))
