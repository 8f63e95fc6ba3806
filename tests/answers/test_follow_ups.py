import pytest

from family_guide.content import shared_answers, shared_follow_ups


@pytest.mark.parametrize("text", ["why?", "does it hurt?", "and after that?", "how is that done", "who does it"])
def test_short_messages_without_a_subject_lean(text):
    assert shared_follow_ups().leans(text)


@pytest.mark.parametrize("text", ["does radiation hurt", "why is surgery first", "can it spread", "", "is it cancer"])
def test_messages_with_a_subject_stand_for_themselves(text):
    assert not shared_follow_ups().leans(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("does it hurt?", "hurt"), ("why?", "why"), ("and after that", "next"), ("when is it done", "when"), ("hm", None)],
)
def test_what_a_follow_up_asks_for(text, kind):
    assert shared_follow_ups().kind(text) == kind


def test_every_follow_up_of_an_answer_is_of_a_known_kind():
    kinds = {kind for kind, _ in shared_follow_ups().kinds}
    assert {kind for answer in shared_answers() for kind in answer.follow_ups} <= kinds
