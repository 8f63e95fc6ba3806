from pathlib import Path
from xml.etree import ElementTree

from family_guide.symptom_check import load_protocol
from family_guide.symptom_check.graph import draw

DRAWN = Path(__file__).parent.parent.parent / "docs" / "symptom-check.svg"


def test_the_drawing_in_docs_is_that_of_the_protocol(protocol):
    assert DRAWN.read_text("utf-8") == draw(protocol), "stale: run `family-guide draw-symptom-check`"


def test_the_drawing_is_the_same_every_time(protocol, protocol_file):
    assert draw(protocol) == draw(load_protocol(protocol_file))


def test_the_drawing_names_every_question_and_outcome(protocol):
    words = " ".join(" ".join(ElementTree.fromstring(draw(protocol)).itertext()).split())
    for question in protocol.questions:
        assert question.label in words
    for outcome in protocol.outcomes:
        assert outcome.title in words
    for addition in protocol.additions:
        assert addition.text.cases[-1].child.split(". ")[0] in words


def test_no_text_leaves_its_box(protocol):
    root = ElementTree.fromstring(draw(protocol))
    svg = "{http://www.w3.org/2000/svg}"
    boxes = [[float(rect.get(key, 0)) for key in ("x", "y", "width", "height")] for rect in root.iter(f"{svg}rect")][1:]
    for text in root.iter(f"{svg}text"):
        x, y = float(text.get("x")), float(text.get("y"))
        for left, top, width, height in boxes:
            if left < x < left + width and top < y < top + height:
                assert x + 6.6 * len(text.text or "") < left + width + 12
