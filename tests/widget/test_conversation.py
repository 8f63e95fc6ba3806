"""Asking, choosing, rating: what a family does most."""

import sqlite3

from playwright.sync_api import expect

from tests.conftest import Assistant
from tests.widget.chat import SLOW, Chat


def test_answers_a_question_with_its_source(chat: Chat) -> None:
    answer = chat.ask("What is ASPS?")

    expect(answer).to_contain_text("alveolar soft part sarcoma")
    expect(answer.locator(".source")).to_contain_text("From:")
    expect(answer.locator(".source")).to_contain_text("section")
    expect(answer.locator("time")).to_be_visible()


def test_send_button_sends_what_was_typed(chat: Chat) -> None:
    chat.field.fill("Can it spread?")
    chat.waits_for_answer(chat.panel.get_by_role("button", name="Send", exact=True).click)

    expect(chat.field).to_have_value("")
    expect(chat.field).to_be_focused()


def test_shift_and_enter_makes_a_new_line(chat: Chat) -> None:
    chat.field.fill("one")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("two")

    expect(chat.field).to_have_value("one\ntwo")
    assert chat.sent == []


def test_offers_related_questions_that_are_answered(chat: Chat) -> None:
    answer = chat.ask("What is ASPS?")
    related = answer.get_by_role("group", name="Related questions").get_by_role("button")
    expect(related.first).to_be_visible()
    title = related.first.inner_text()

    chat.waits_for_answer(related.first.click)

    expect(chat.log.locator(".family").last).to_contain_text(title)
    assert "choice" in chat.sent[-1]
    assert "text" not in chat.sent[-1]


def test_pressing_twice_sends_once(chat: Chat) -> None:
    button = chat.button("What is ASPS?")
    chat.waits_for_answer(lambda: button.dblclick())

    assert len(chat.sent) == 1


def test_offers_that_no_longer_fit_go_away(chat: Chat) -> None:
    expect(chat.button("Check symptoms")).to_be_visible()
    chat.ask("What is ASPS?")

    expect(chat.panel.get_by_role("button", name="Check symptoms")).to_have_count(0)


def test_empty_message_is_not_sent(chat: Chat) -> None:
    chat.field.fill("   ")
    chat.field.press("Enter")

    expect(chat.panel.get_by_role("alert")).to_have_text("Please type your question first.")
    expect(chat.field).to_have_attribute("aria-invalid", "true")
    assert chat.sent == []


def test_rating_with_a_reason(chat: Chat, assistant: Assistant) -> None:
    answer = chat.ask("What is ASPS?")
    answer.get_by_role("button", name="No, this did not help").click()
    expect(answer.get_by_role("status")).to_have_text("Thank you.")
    expect(answer.get_by_role("button", name="No, this did not help")).to_have_attribute("aria-pressed", "true")

    answer.get_by_label("Would you say why?").fill("I wanted to know more")
    answer.get_by_role("button", name="Send comment").click()

    expect(answer.get_by_label("Would you say why?")).to_be_hidden()
    expect(answer.get_by_role("button", name="No, this did not help")).to_be_focused()
    with sqlite3.connect(assistant.var / "conversations.db") as database:
        rows = "SELECT rating, comment FROM feedback ORDER BY created_at DESC LIMIT 1"
        assert database.execute(rows).fetchall() == [("down", "I wanted to know more")]


def test_rating_that_cannot_be_sent_is_not_lost(chat: Chat) -> None:
    answer = chat.ask("What is ASPS?")
    answer.get_by_role("button", name="Yes, this helped").click()
    answer.get_by_label("Would you say why?").fill("it was clear")
    chat.page.context.set_offline(True)
    answer.get_by_role("button", name="Send comment").click()

    expect(answer.get_by_role("status")).to_have_text("That could not be sent. Please try again.")
    expect(answer.get_by_label("Would you say why?")).to_have_value("it was clear")


def test_shows_what_is_stored(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    answer = chat.waits_for_answer(lambda: chat.menu("What is stored?"))

    expect(answer).to_contain_text("What is ASPS?")


def test_start_over_asks_first(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    session = chat.kept()["session"]
    chat.menu("Start over")
    confirm = chat.page.get_by_role("alertdialog")
    expect(confirm.get_by_role("button", name="No, go back")).to_be_focused()

    confirm.get_by_role("button", name="Start over").click()

    expect(chat.messages).to_have_count(1, timeout=SLOW)
    assert chat.kept()["session"] != session


def test_delete_removes_what_is_stored(chat: Chat, assistant: Assistant) -> None:
    chat.ask("What is ASPS?")
    session = chat.kept()["session"]
    chat.field.fill("half a sentence")
    chat.menu("Delete this conversation")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Delete this conversation").click()

    expect(chat.log).to_contain_text("The conversation is deleted.", timeout=SLOW)
    expect(chat.field).to_have_value("")
    history = chat.page.request.get(
        f"{assistant.url}/webhooks/website/history", headers={"Authorization": f"Bearer {session}"}
    )
    if history.ok:
        assert [m for m in history.json()["messages"] if m["from"] == "family"] == []
    else:
        assert history.status == 401


def test_delete_can_be_called_off(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    chat.menu("Delete this conversation")
    chat.page.keyboard.press("Escape")

    expect(chat.page.get_by_role("alertdialog")).to_be_hidden()
    expect(chat.panel).to_be_visible()
    expect(chat.log).to_contain_text("What is ASPS?")


def test_typed_request_to_delete_empties_the_chat(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    chat.ask("delete my conversation")
    chat.button("Yes, delete it").click()

    expect(chat.messages).to_have_count(1, timeout=SLOW)
    expect(chat.log).to_contain_text("deleted")
    chat.ask("What is ASPS?")
