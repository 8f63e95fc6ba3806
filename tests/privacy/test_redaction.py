"""What is hidden, what stays, and what holds for every text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from family_guide.privacy import Redacted, redact, redaction
from family_guide.privacy.spans import PLACEHOLDERS, REMOVED
from family_guide.privacy.words import PrivacyWordsError, load_words

HIDDEN = [
    ("my son jayden has a lump", "my son [name] has a lump"),
    ("My daughter Zoë-Mae O'Brien limps", "My daughter [name] limps"),
    ("my name is maria gonzalez", "my name is [name]"),
    ("my name is Juan Carlos de la Cruz", "my name is [name]"),
    ("my son Will needs surgery", "my son [name] needs surgery"),
    ("Best wishes, Carol Dunne", "Best wishes, [name]"),
    ("Ruby is 4 and limps", "[name] is 4 and limps"),
    ("the Smith family", "the [name] family"),
    ("I'm Hyun-woo, her brother", "I'm [name], her brother"),
    ("my kids emma, jack and zoë", "my kids [name], [name] and [name]"),
    ("Mr. Delacroix said so", "Mr. [name] said so"),
    ("my daughter Grace is 4", "my daughter [name] is 4"),
    ("our son xavi limps", "our son [name] limps"),
    ("signed M. Abernethy", "signed [name]"),
    ("it's diego's mum", "it's [name]'s mum"),
    ("MY DAUGHTER JAYLA HAS A LUMP", "MY DAUGHTER [name] HAS A LUMP"),
    ("my daughter Nguyễn Thị Mai has pain", "my daughter [name] has pain"),
    ("call 617-555-0142 or +44 20 7946 0958", "call [phone] or [phone]"),
    ("write to a.b@example.co.uk.", "write to [email]."),
    ("see https://example.com/max?id=3, please", "see [web address], please"),
    ("we live at 12 oak street, apt 4, Springfield, IL 62704", "we live at [address]"),
    ("MRN: 00123456", "MRN: [record number]"),
    ("chart # 2093-11", "chart # [record number]"),
    ("member ID ZGP100200300", "member ID [id number]"),
    ("SSN 000-33-1212", "SSN [id number]"),
    ("born on the 4th of May 2015", "born on the [birth date]"),
    ("3/3/2009 is her birthday", "[birth date] is her birthday"),
    ("he was born in Boston on March 4 2012", "he was born in Boston on [birth date]"),
    ("she turns 9 on June 4th", "she turns 9 on [birth date]"),
    ("né le 4 mars 2012", "né le [birth date]"),
    ("the bracelet says 4471208", "the bracelet says [record number]"),
    ("M.R.N. 88-12-34", "M.R.N. [record number]"),
    ("our policy is 77-4412-B", "our policy is [id number]"),
    ("Blue Cross XYZ123456789, group # 71420", "Blue Cross [id number], group # [id number]"),
    ("the last four of my social is 6789", "the last four of my social is [id number]"),
    ("SSN 123–45–6789", "SSN [id number]"),
    ("it is #4417123", "it is #[record number]"),
    ("six one seven, five five five, oh one four two", "[phone]"),
    ("jane dot doe at gmail dot com", "[email]"),
    ("my instagram is jane_doe99", "my instagram is [web address]"),
    ("springfield il 62704", "springfield [address]"),
    ("we call him Bodhi", "we call him [name]"),
    ("mom of Wren, 3", "mom of [name], 3"),
    ("me llamo guadalupe", "me llamo [name]"),
    ("it is Faith's second operation", "it is [name]'s second operation"),
    ("hi im destiny im 14", "hi im [name] im 14"),
    ("Treyvon limps, treyvon's scan is back", "[name] limps, [name]'s scan is back"),
    ("Treyvonn, my son, has a lump", "[name], my son, has a lump"),
    ("does Kaelith need chemo", "does [name] need chemo"),
    ("Kaelith has ASPS", "[name] has ASPS"),
    ("our 5-year-old kaelith limps", "our 5-year-old [name] limps"),
    ("a question about Hope", "a question about [name]"),
    ("they told Ottokar nothing", "they told [name] nothing"),
    ("uncle Cornelius here", "uncle [name] here"),
    ("Brandimarte, dob 3/3/2009, is too young", "[name], dob [birth date], is too young"),
    ("he is Ottokar Brandimarte", "he is [name]"),
    ("when kaelith gets chemo", "when [name] gets chemo"),
    ("i am kaelith and im 15", "i am [name] and im 15"),
    ("our daughter Małgorzata limps", "our daughter [name] limps"),
    ("my little cousin, oyelaran, he is 3", "my little cousin, [name], he is 3"),
    ("Ludmila's tumour grew", "[name]'s tumour grew"),
    ("see https://www.cancer.gov/mine?id=3", "see [web address]"),
    ("see https://cancer.gov.example.com/max", "see [web address]"),
    ("see https://max@cancer.gov/page", "see [web address]"),
    ("my son limps, see https://[mypage for pictures", "my son limps, see [web address] for pictures"),
    ("write jo[at]example[dot]org", "write [email]"),
    ("we live at thirty-one Maple Hill Road", "we live at [address]"),
    ("Lindengracht 12-II, 1015 KH Utrecht is home", "[address] is home"),
    ("his unit number at the ward is 55 31 094", "his unit number at the ward is [record number]"),
]

KEPT = [
    "What is Ewing sarcoma?",
    "It has hurt since May, the grace period is over",
    "Mark my words. Will she be ok? I hope so",
    "He is 12 and she was 9 months old",
    "T2N0M1, TFE3 and ASPSCR1-TFE3",
    "my son is limping",
    "my daughter has a lump on her left calf",
    "my son limpng since 3 weeks",
    "my boys tumor is 5 x 4 x 3 cm",
    "I'm scared",
    "this is hard",
    "Should I call 911 or 988?",
    "Is it in Boston, at the Ronald McDonald House or St. Jude?",
    "surgery was on 3/14/2024, 2 hours drive from us, from 2018-2019",
    "NCT01234567 is a trial",
    "my last Dr. visit",
    "plan no 2 or visit number 3, day 3 via port",
    "I'm Irish, my son Can't walk",
    "Thank you, God bless",
    "MY SON HAS A LUMP ON HIS LEG",
    "visit 3 was in 2023, the policy changed in 2019",
    "the plan is 5040 cGy in 28 days",
    "study number 12345678, PMID 12345678, BMS-936558, ICD-10 C49.21",
    "the lab report says 150000 platelets",
    "he was born healthy; surgery was on 3/14/2024",
    "born with it, the biopsy was on 3/14/2024",
    "born in 2012, 3 weeks early, a birth mark on 5/6 of his leg",
    "survival is 1 in 1000000",
    "London's hospitals and Paris's doctors, the Jimmy Fund",
    "call me Monday, call it Ewing",
    "Pazopanib hurts my stomach, the hematologist's report",
    "ibuprofen 200 mg, 8 out of 10 at night",
    "the Gleevec did not work, he plays Zumbalaya in Longwood",
    "Is it Osgood-Schlatter, on a Kaplan-Meier curve, by Gamma Knife?",
    "ask the doctor. Choose a day",
    "what does NED mean, a Port-a-Cath, x-rays and other pictures",
    "do kids outgrow it in Georgia, Peru or Ouagadougou",
    "I read https://www.cancer.gov/types/sarcoma and www.nhs.uk, it is rare",
    "Our Son Has A Lump In His Calf, Is This Called Synovial Sarcoma?",
    "my daughter Limped, his Chin is red, the size of a Cherry",
    "can we jack up the dose, Votrient 200-200-400",
    "Siri and Minecraft, raw herb, Coke",
    "one, two, three, four, five, six, seven and then she sleeps",
    "",
]


@pytest.mark.parametrize(("text", "expected"), HIDDEN)
def test_what_identifies_a_family_is_hidden(text: str, expected: str) -> None:
    assert redact(text).text == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_the_assistant_needs_stays(text: str) -> None:
    assert redact(text) == Redacted(text)


def test_counts_and_places_tell_what_was_hidden() -> None:
    text = "My son Jayden limps, call 617-555-0142. Jayden is 9."
    redacted = redact(text)
    assert redacted.counts == {"name": 2, "phone": 1}
    assert [text[span.start : span.end] for span in redacted.spans] == ["Jayden", "617-555-0142", "Jayden"]
    for word in ("son", "limps", "call", "9"):
        place = redacted.moved(text.index(word, 3))
        assert redacted.text[place : place + len(word)] == word


def test_a_name_found_once_is_hidden_everywhere() -> None:
    assert redact("my nephew is called Bartok. is bartok too young").text == (
        "my nephew is called [name]. is [name] too young"
    )


def test_a_failure_removes_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(redaction, "_find", broken)
    assert redact("my son jayden").text == REMOVED
    assert redact(None).text == REMOVED  # type: ignore[arg-type]


def test_words_that_are_missing_are_named(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "privacy.yml"
    path.write_text("harmless_expressions: [st jude]\ntitles: 3\n")
    with pytest.raises(PrivacyWordsError, match="words_that_are_names"):
        load_words(path)


PIECES = st.sampled_from(
    [text for text, _ in HIDDEN]
    + KEPT
    + [
        *PLACEHOLDERS.values(),
        "my son",
        "I'm",
        "is my",
        "dob",
        "Zoë",
        "jayden",
        "May",
        "@",
        "+",
        "12",
        "555-0142",
        "\n",
        ",",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=8).map(" ".join),
    st.lists(PIECES, max_size=8).map("".join),
    st.text(alphabet="aA1 -./@:,'[]#\n", max_size=200),
)


@settings(max_examples=600, deadline=None)
@given(TEXTS)
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text) == Redacted(once.text)


@settings(max_examples=600, deadline=None)
@given(TEXTS)
def test_places_and_text_agree(text: str) -> None:
    redacted = redact(text)
    pieces, place = [], 0
    for span in redacted.spans:
        assert place <= span.start < span.end <= len(text) or text == ""
        pieces += [text[place : span.start], span.placeholder]
        place = span.end
    assert "".join([*pieces, text[place:]]) == redacted.text
    assert sum(redacted.counts.values()) == len(redacted.spans)


@given(st.sampled_from(KEPT), st.sampled_from(KEPT))
def test_two_harmless_messages_are_harmless_together(one: str, other: str) -> None:
    assert redact(f"{one}\n{other}").counts == {}


@pytest.mark.parametrize(
    "piece",
    [
        "my son jayden has a lump, call 617-555-0142. ",
        "1",
        "1-",
        "1 ",
        "a.",
        "a@",
        "A ",
        "my son ",
        "12 a ",
        "(",
        "[",
        "ä",
        "my sonx ",
        "member id ",
        "born ",
        "six-",
        "insurance number is my ",
        "a dot ",
        "#",
        "a-",
        "http://",
        "dob 1/",
        "A1 ",
        "Jayden ",
        "jayden, ",
        "is my ",
        "limpnq ",
        "12 Aa Bb Cc Dd ",
        "mrn 1-",
        "\n",
        "'s ",
    ],
)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    redact("warm up, my son Jayden at 12 Oak Street")
    assert seconds_for(piece, 40000) < 24 * seconds_for(piece, 5000) + 0.02


def seconds_for(piece: str, length: int) -> float:
    """The least processor time that a text of this length takes."""
    text = (piece * (length // len(piece) + 1))[:length]
    times = []
    for _ in range(3):
        start = time.process_time()
        redact(text)
        times.append(time.process_time() - start)
    return min(times)
