"""Emergency and crisis are caught by rule, however they are typed."""

import logging
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from family_guide.safety import Hit, SafetyRules, load_rules

TESTS = Path(__file__).parent.parent
DEVELOPMENT = yaml.safe_load((TESTS / "questions" / "safety_development.yml").read_text(encoding="utf-8"))
FIRST, SECOND, THIRD = ("validation", "test", "earlier_test"), ("second_test",), ("third_test",)
FOURTH = ("fourth_test",)
LANDED = [
    (FIRST, "emergency", 0.96),
    (FIRST, "crisis", 0.93),
    (SECOND, "emergency", 0.89),
    (SECOND, "crisis", 0.65),
    (THIRD, "emergency", 0.83),
    (THIRD, "crisis", 0.49),
    (FOURTH, "emergency", 0.59),
    (FOURTH, "crisis", 0.28),
]
"""Parts of the development messages, a kind, and the share of it that the rules find by themselves, without the net
under them: it may not fall. The rules were written on the first parts; each later one came from another author."""
EMERGENCIES = [
    "my son can't breathe",
    "she is having a seizure",
    "he won't wake up",
    "the bleeding won't stop",
    "he can't feel his legs",
    "she swallowed a battery",
]
CRISES = ["i want to kill myself", "my stepdad hits me", "she doesn't want to be here anymore"]
HARMLESS = [
    " thank you",
    " please help",
    ". What is ASPS?",
    "\nwe live in Boston",
    " and his name is Sam",
    ", what do I do",
    "!!! 😭",
    ". I have a question about treatment",
]


def kinds(hit: Hit | None) -> set[str | None]:
    return {hit.kind, hit.also} - {None} if hit else set()


def development(parts: tuple[str, ...], kind: str) -> list[str]:
    return [text for part in parts for text in DEVELOPMENT[part][kind]]


@pytest.mark.parametrize(("parts", "kind", "share"), LANDED)
def test_rules_find_by_themselves_what_they_found_when_landed(
    rules: SafetyRules, parts: tuple[str, ...], kind: str, share: float
) -> None:
    texts = development(parts, kind)
    assert sum(rules.find(text) is not None for text in texts) / len(texts) >= share


def test_rules_leave_harmless_alone(rules: SafetyRules) -> None:
    texts = development(FIRST + SECOND, "neither")
    assert sum(rules.find(text) is not None for text in texts) / len(texts) <= 0.01


def test_rules_stay_short_enough_for_a_clinician_to_review() -> None:
    assert len((TESTS.parent / "content" / "safety.yml").read_text(encoding="utf-8").splitlines()) < 800


@pytest.mark.parametrize(
    "text",
    [
        "my son cant breath",
        "my son can’t breathe",
        "MY SON CAN'T BREATHE",
        "my son can`t breeeeathe",
        "my son can\u200b't bre\u200bathe",
        "my son\ncan't\nbreathe",
        "my son cannot breathe",
        "my son can not really breathe",
        "my son cantbreathe",
        "my son can;t breathe",
        "ｍｙ ｓｏｎ ｃａｎ'ｔ ｂｒｅａｔｈｅ",
        "shes having a siezure",
        "she is having a seizrue",
        "he wont wake up",
        "i want to k1ll myself",
        "su*cide",
        "i am suicidall",
    ],
)
def test_rules_see_through_typing(rules: SafetyRules, text: str) -> None:
    assert rules.find(text) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi. My SON can’t\u200b breathe!", "can’t\u200b breathe"),
        ("help, she\u00a0won't wake up", "won't wake up"),
        ("well... suicidal.", "suicidal"),
    ],
)
def test_rules_words_are_those_of_the_message(rules: SafetyRules, text: str, words: str) -> None:
    hit = rules.find(text)
    assert hit is not None
    assert hit.words == words
    assert hit.words in text


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("no trouble breathing", True),
        ("no he has trouble breathing", False),
        ("he is not having a seizure", True),
        ("in April she fainted at the swimming pool", True),
        ("he had a seizure back in the winter, all is well", True),
        ("in nursery she swallowed a magnet", True),
        ("he fainted. In April he has the next scan", False),
        ("she is having a seizure in the back of the car", False),
        ("not sure what to do he is having a seizure", False),
        ("had a seizure as a baby", True),
        ("had a seizure just now", False),
        ("is bleeding a risk in surgery", True),
        ("she is bleeding a lot after surgery", False),
        ("I'm dying to know", True),
        ("I'm dying please help", False),
        ("this takes my breath away", True),
    ],
)
def test_rules_tell_exceptions_from_signs(rules: SafetyRules, text: str, harmless: bool) -> None:
    assert (rules.find(text) is None) is harmless


def test_rules_put_the_emergency_first_and_name_both(rules: SafetyRules) -> None:
    hit = rules.find("I took all the pills because I want to die and now I can't breathe")
    assert hit is not None
    assert (hit.kind, hit.also) == ("emergency", "crisis")
    assert "911" in rules.reply(hit)
    assert "988" in rules.reply(hit)


def test_rules_reply_to_abuse_names_someone_to_tell(rules: SafetyRules) -> None:
    hit = rules.find("my stepdad hits me")
    assert hit is not None
    assert "teacher" in rules.reply(hit)
    assert "911" in rules.reply(hit)


def test_rules_reply_to_suicide_gives_988(rules: SafetyRules) -> None:
    hit = rules.find("i want to kill myself")
    assert hit is not None
    assert "988" in rules.reply(hit)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\x00\x01", "😭😭😭", "?" * 50, "​", "1" * 5000])
def test_rules_find_nothing_in_nothing(rules: SafetyRules, text: str) -> None:
    assert rules.find(text) is None


def test_rules_never_raise_and_log_no_text(
    rules: SafetyRules, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str) -> None:
        raise RuntimeError(f"broken on {text}")

    monkeypatch.setattr(rules, "_look", fail)
    with caplog.at_level(logging.DEBUG):
        assert rules.find("my son Sam can't breathe") is None
    assert "RuntimeError" in caplog.text
    assert "Sam" not in caplog.text


def test_rules_keep_nothing_of_what_they_read(rules: SafetyRules) -> None:
    rules.find("Zebulonia Quartermainx can't breathe")
    strings = set(rules._nlp.vocab.strings)
    assert not {"zebulonia", "quartermainx", "Zebulonia", "Quartermainx"} & strings


@given(st.text(max_size=300))
@example("@@@ <child> [[[ ### ...")
@settings(deadline=None, max_examples=150)
def test_rules_read_any_text(rules: SafetyRules, text: str) -> None:
    hit = rules._look(text).hit
    assert hit is None or hit.words in text


@given(st.text(max_size=40), st.sampled_from(EMERGENCIES + CRISES))
@settings(deadline=None, max_examples=100)
def test_rules_do_not_mind_capitals(rules: SafetyRules, text: str, said: str) -> None:
    message = f"{text}. {said}"
    found = [rules.find(form) for form in (message, message.lower(), message.upper())]
    assert len({(hit.kind, hit.sign) if hit else None for hit in found}) == 1


@given(st.sampled_from(EMERGENCIES), st.lists(st.sampled_from(HARMLESS), max_size=4))
@settings(deadline=None, max_examples=100)
def test_rules_keep_an_emergency_whatever_is_added(rules: SafetyRules, said: str, more: list[str]) -> None:
    assert "emergency" in kinds(rules.find(said + "".join(more)))


@pytest.mark.parametrize("said", EMERGENCIES)
def test_rules_find_an_emergency_at_the_end_of_a_long_text(rules: SafetyRules, said: str) -> None:
    story = "We have been to three doctors since spring and he plays soccer every day. " * 60
    assert "emergency" in kinds(rules.find(story[:4900] + ". " + said))


@pytest.mark.parametrize(
    "text",
    [
        ("We went to the doctor and he said the lump is soft. She has no pain and no bleeding. " * 60)[:5000],
        ("my son can't breathe " * 300)[:5000],
        ("no bleeding " * 500)[:5000],
        ("qwertyzuiop" * 500)[:5000],
        ("a " * 2500),
        ("qwertyzuiopqwer " * 312),
        ("k*l" * 1600),
    ],
    ids=["story", "emergency", "denied", "one_word", "letters", "unknown_words", "stars"],
)
def test_rules_are_quick_on_long_texts(rules: SafetyRules, text: str) -> None:
    best = min(_seconds(rules, text) for _ in range(5))
    assert best < 0.05


def test_rules_are_quick_on_messages(rules: SafetyRules) -> None:
    texts = development(FIRST, "neither") + development(FIRST, "emergency")
    best = sorted(min(_seconds(rules, text) for _ in range(3)) for text in texts)
    assert best[len(best) // 2] < 0.002


def _seconds(rules: SafetyRules, text: str) -> float:
    """Processor time, so that a busy machine fails no test."""
    started = time.process_time()
    rules.find(text)
    return time.process_time() - started


def test_load_rules_says_what_is_wrong(tmp_path: Path) -> None:
    broken = tmp_path / "safety.yml"
    broken.write_text("replies: {}\nsigns: [{id: a, kind: nothing, name: A, say: []}]\n")
    with pytest.raises(ValueError, match="emergency or crisis"):
        load_rules(broken)
