"""Adding or rewording a question is an edit of one file."""

import shutil

import pytest

from family_guide.symptom_check import Engine, load_protocol
from family_guide.symptom_check.checks import check_protocol
from family_guide.symptom_check.graph import draw

FEVER = """
  - id: fever
    label: Fever
    ask:
      child: Has {who} had a fever this week?
      self: Have you had a fever this week?
    help: A fever is 100.4 F or more.
    explain: Think of the last seven days.
    why: {text: A doctor will ask about this., basis: safety}
    options:
      - {id: yes, title: "Yes", means: [yes, a_little], states: there was a fever}
      - {id: no, title: "No", means: [no], states: there was no fever}
      - {id: not_sure, title: I am not sure, means: [not_sure], states: you are not sure about a fever}
"""


@pytest.fixture
def longer(tmp_path, protocol_file):
    for name in ("symptoms.yml", "sources"):
        source = protocol_file.parent / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    text = protocol_file.read_text("utf-8")
    text = text.replace("\n  - id: pain\n", f"{FEVER}\n  - id: pain\n", 1)
    text = text.replace(
        "  - outcome: book\n    when:\n      any:\n",
        "  - outcome: book\n    when:\n      any:\n        - {question: fever, is: yes}\n",
        1,
    )
    text = text.replace("Does {who} have a lump or swelling?", "Is there a bump on {who}?")
    file = tmp_path / "symptom_check.yml"
    file.write_text(text, "utf-8")
    return file


def test_a_question_added_to_the_file_is_sound_asked_understood_summed_up_and_drawn(longer):
    assert check_protocol(longer) == []
    protocol = load_protocol(longer)
    engine = Engine(protocol)
    turn = engine.start()
    for reply in ("my child", "none", "7"):
        turn = engine.reply(turn.state, reply)
    assert "Is there a bump on your child?" in turn.messages[-1].text
    turn = engine.reply(turn.state, "no")
    assert "Has your child had a fever this week?" in turn.messages[-1].text
    turn = engine.reply(turn.state, "why do you ask?")
    assert "A doctor will ask about this." in turn.messages[0].text
    turn = engine.reply(turn.state, "a little")
    while turn.kind == "question":
        turn = engine.reply(turn.state, "no")
    assert turn.messages[0].data["outcome"] == "book"
    assert turn.messages[0].data["reasons"] == ["You told me: there was a fever."]
    assert "Fever: Yes" in turn.messages[0].data["summary"]["text"]
    assert ("Change: Fever", "check:change:fever") in turn.messages[1].buttons
    assert "Has your child had a fever this week?" in draw(protocol)
