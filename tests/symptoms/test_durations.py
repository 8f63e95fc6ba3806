import pytest

from family_guide.symptoms.durations import ages, bare_amount, durations


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("for 3 months", 3, "month"),
        ("3 wks", 3, "week"),
        ("since two weeks", 2, "week"),
        ("a couple of days", 2, "day"),
        ("a few months now", 3, "month"),
        ("half a year", 6, "month"),
        ("a year and a half", 1.5, "year"),
        ("one and a half years", 1.5, "year"),
        ("2-3 weeks", 3, "week"),
        ("two or three days", 3, "day"),
        ("about a month", 1, "month"),
        ("a week ago", 1, "week"),
        ("since yesterday", 1, "day"),
        ("since last month", 1, "month"),
        ("for years", 2, "year"),
        ("overnight", 1, "day"),
        ("found it last week", 1, "week"),
        ("a fortnight", 2, "week"),
        ("since monday", 4, "day"),
        ("found a lump behind my knee last night", 1, "day"),
        ("2 weks", 2, "week"),
        ("3 mounths", 3, "month"),
        ("1 ½ years", 1.5, "year"),
        ("2 1/2 months", 2.5, "month"),
        ("1 year and 2 months", 14, "month"),
    ],
)
def test_durations_are_read(text, amount, unit):
    assert [(span.amount, span.unit) for span in durations(text)] == [(amount, unit)]


@pytest.mark.parametrize(
    "text",
    [
        "she is 7 years old",
        "my 13 year old",
        "18 months old",
        "every 2 weeks",
        "what a day",
        "day and night",
        "in the next 2 weeks",
        "we waited 3 hours",
        "he turns 9 next week",
    ],
)
def test_ages_and_other_times_are_no_durations(text):
    assert durations(text) == []


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("she's 7", 7),
        ("my 13 year old", 13),
        ("18 months old", 1.5),
        ("Our 8-yr-old", 8),
        ("i'm 16.", 16),
        ("he is 14yo", 14),
        ("aged 5", 5),
        ("sixteen years old", 16),
        ("she's four and a half", 4.5),
        ("my girl (6 yrs) limps", 6),
        ("my son, 8, limps", 8),
        ("a 7 year boy", 7),
        ("hes only 3 im scared", 3),
        ("he's 5 years and 3 months old", 5),
    ],
)
def test_ages_are_read(text, years):
    assert [span.years for span in ages(text)] == [pytest.approx(years)]


def test_an_age_and_a_duration_in_one_sentence_are_told_apart():
    text = "my 13 year old has had it for 2 months"
    assert [span.words for span in ages(text)] == ["my 13 year old"]
    assert [span.words for span in durations(text)] == ["2 months"]


def test_a_number_alone_counts_in_the_unit_that_was_asked_for():
    assert bare_amount("15", "year").years == 15
    assert bare_amount("18 months", "year").years == 1.5
    assert bare_amount("15 dogs", "year") is None
