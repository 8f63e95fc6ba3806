import pytest
from hypothesis import given
from hypothesis import strategies as st

from family_guide.answers.follow_ups import LAST
from family_guide.content import shared_answers, shared_follow_ups


@pytest.mark.parametrize(
    "text",
    [
        "why?",
        "does it hurt?",
        "and after that?",
        "how is that done",
        "who does it",
        "what if that doesn't work",
        "but what if that doesnt work",
        "before or after that",
    ],
)
def test_short_messages_without_a_subject_lean(text):
    assert shared_follow_ups().leans(text)


@pytest.mark.parametrize("text", ["does radiation hurt", "why is surgery first", "can it spread", "", "is it cancer"])
def test_messages_with_a_subject_stand_for_themselves(text):
    assert not shared_follow_ups().leans(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("does it hurt?", "hurt"),
        ("why?", "why"),
        ("and after that", "next"),
        ("when is it done", "when"),
        ("hm", None),
        ("how much", "how_much"),
        ("what does it show", "what"),
        ("what are they for", "why"),
    ],
)
def test_what_a_follow_up_asks_for(text, kind):
    assert shared_follow_ups().kind(text) == kind


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("what about for teens like me", True),
        ("And for girls?", True),
        ("how about his brother", True),
        ("and what about the drive home from the coast with two dogs and a cat", False),
        ("whatabouts", False),
        ("", False),
    ],
)
def test_a_short_message_may_go_on_from_the_answer_before(text, goes_on):
    assert shared_follow_ups().goes_on(text) == goes_on


def test_every_follow_up_of_an_answer_is_of_a_known_kind():
    kinds = {kind for kind, _ in shared_follow_ups().kinds}
    assert {kind for answer in shared_answers() for kind in answer.follow_ups} <= kinds


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the second one", 1),
        ("2", 1),
        ("1st please", 0),
        ("I'd like to know more about the third", 2),
        ("option two", 1),
        ("the last one", LAST),
        ("number one, thanks", 0),
        ("yes, the first", 0),
    ],
)
def test_a_topic_that_was_offered_is_picked_by_its_place(text, place):
    assert shared_follow_ups().choosing.place(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "that one",
        "yes please",
        "is surgery the first treatment",
        "he is 2",
        "the first or the second",
        "one leg is longer",
        "last week he fell",
        "can we get a second opinion",
    ],
)
def test_a_number_within_a_sentence_picks_nothing(text):
    assert shared_follow_ups().choosing.place(text) is None


def test_how_come_has_nothing_to_do_with_coming_back():
    assert shared_follow_ups().leans("how come?")
    assert shared_follow_ups().kind("how come?") == "why"
    assert not shared_follow_ups().leans("will it come back?")


def test_near_to_a_topic_are_its_file_what_is_related_and_what_follows_it_up():
    near = shared_answers().near("faq/radiation_what")
    assert {"faq/radiation_what", "faq/radiation_healthy_tissue", "faq/side_effects"} <= near
    assert "faq/costs_and_insurance" not in near
    assert shared_answers().near("faq/no_such_topic") == frozenset()


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 0.12)), max_size=8, unique_by=lambda one: one[0]))
def test_in_view_of_an_answer_the_near_gain_and_the_order_of_the_rest_stays(ranked):
    seen = shared_follow_ups().in_view_of(ranked, {"a", "b"})
    shares = dict(seen)
    assert sorted(shares) == sorted(label for label, _ in ranked)
    assert all(0 <= share <= 1 for share in shares.values())
    assert sum(shares.values()) <= 1 + 1e-9
    assert [share for _, share in seen] == sorted(shares.values(), reverse=True)
    before = dict(ranked)
    for label in {"a", "b"} & shares.keys():
        assert shares[label] >= before[label] * (1 - 1e-9)
    far = [label for label, _ in ranked if label not in "ab"]
    for one in far:
        for other in far:
            assert (before[one] > before[other]) <= (shares[one] >= shares[other])
