"""The symptom check from the first question to the summary: mouse, keyboard, small screen."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import Assistant
from tests.widget.chat import ANSWERS, DESKTOP, NARROW, SLOW, Chat
from tests.widget.conftest import OpenChat

QUESTION = "family-guide .guide:last-child fieldset"


def finished(chat: Chat) -> bool:
    return chat.page.locator("family-guide .outcome").count() > 0


@pytest.mark.parametrize("screen", [DESKTOP, NARROW], ids=["desktop", "320px"])
def test_by_mouse_or_finger(new_chat: OpenChat, assistant: Assistant, screen: dict[str, Any]) -> None:
    chat = new_chat(**screen).open(assistant.url)
    chat.choose("Check symptoms")
    for answer in ANSWERS:
        chat.choose(answer)
        if screen is NARROW:
            assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320
            assert chat.log.evaluate("log => log.scrollWidth <= log.clientWidth"), "nothing is cut off sideways"

    outcome = chat.page.locator("family-guide .outcome")
    expect(outcome).to_contain_text("specialist")
    expect(outcome.get_by_role("button", name="Print summary")).to_be_visible()


def test_by_keyboard_only(chat: Chat) -> None:
    keyboard = chat.page.keyboard

    def go_to(name: str, key: str = "Tab") -> None:
        for _ in range(40):
            if chat.focused() == name:
                return
            keyboard.press(key)
        raise AssertionError(f"{name} is out of reach")

    go_to("Your question")
    keyboard.type("check symptoms")
    chat.waits_for_answer(lambda: keyboard.press("Enter"))
    # Whoever types goes on typing: the options are behind.
    go_to(ANSWERS[0], "Shift+Tab")
    for answer in ANSWERS:
        go_to(answer)
        chat.waits_for_answer(lambda: keyboard.press("Enter"))
        if not finished(chat):
            # The focus went to the new question; its options are next.
            assert "Question" in chat.focused()

    expect(chat.page.locator("family-guide .outcome")).to_contain_text("specialist")
    go_to("Print summary")
    go_to("Your question")


def test_a_question_is_a_group_named_by_the_question(chat: Chat) -> None:
    chat.choose("Check symptoms")
    group = chat.page.get_by_role("group", name="Who is this check for?")

    expect(group).to_contain_text("Question 1 of about")
    expect(group.get_by_role("button", name="My child")).to_be_visible()


def test_why_is_shown_without_asking(chat: Chat) -> None:
    chat.choose("Check symptoms")
    sent = len(chat.sent)
    chat.page.get_by_text("Why do you ask?").last.click()

    expect(chat.page.get_by_text("This lets me ask about the right person.")).to_be_visible()
    assert len(chat.sent) == sent


def test_options_may_be_typed(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.ask("1")

    expect(chat.page.locator(QUESTION)).to_contain_text("Question 2")


def test_old_questions_keep_their_words_and_lose_their_buttons(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")

    first = chat.page.get_by_role("group", name="Who is this check for?")
    expect(first).to_be_visible()
    expect(first.get_by_role("button")).to_have_count(0)


def test_back_goes_back(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")
    chat.choose("Back")

    expect(chat.page.locator(QUESTION)).to_contain_text("Who is this check for?")


def test_warning_sign_ends_in_an_alert_with_a_number_to_call(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")
    chat.choose("Trouble breathing")

    alert = chat.page.locator("family-guide .emergency")
    expect(alert).to_have_attribute("role", "alert")
    expect(alert.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(chat.page.locator("family-guide .emergency h3")).to_have_count(1)


def test_summary_is_printed_alone_and_saved(chat: Chat) -> None:
    chat.page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1 }")
    chat.page.reload()
    expect(chat.messages.first).to_be_visible(timeout=SLOW)
    chat.choose("Check symptoms")
    for answer in ANSWERS:
        chat.choose(answer)

    chat.button("Print summary").click()
    assert chat.page.evaluate("window.printed") == 1
    chat.page.emulate_media(media="print")
    expect(chat.page.get_by_role("heading", name="Questions about ASPS?")).to_be_hidden()
    printed = chat.page.locator(".family-guide-print")
    expect(printed).to_contain_text("Leg, foot or hip")
    expect(printed).to_contain_text("It is not a diagnosis.")
    chat.page.emulate_media(media="screen")
    chat.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(printed).to_have_count(0)

    with chat.page.expect_download() as download:
        chat.button("Save summary").click()
    assert download.value.suggested_filename == "summary.txt"
    assert "Leg, foot or hip" in download.value.path().read_text("utf-8")
