"""Sessions: resumed in this tab, kept nowhere else, ended kindly."""

import time
from unittest import mock

from itsdangerous import TimestampSigner
from playwright.sync_api import expect

from family_guide.channels.session import Sessions
from tests.conftest import Assistant
from tests.widget.chat import SLOW, Chat
from tests.widget.conftest import OpenChat


def test_reload_resumes(chat: Chat) -> None:
    chat.ask("What is ASPS?")
    chat.field.fill("half a quest")
    chat.page.reload()

    expect(chat.messages).to_have_count(3, timeout=SLOW)
    expect(chat.log).to_contain_text("What is ASPS?")
    expect(chat.last.locator(".source")).to_contain_text("From:")
    expect(chat.field).to_have_value("half a quest")


def test_reload_in_a_symptom_check_goes_on_with_it(chat: Chat) -> None:
    chat.choose("Check symptoms")
    chat.choose("My child")
    chat.page.reload()
    expect(chat.button("None of these")).to_be_visible(timeout=SLOW)
    chat.choose("None of these")

    expect(chat.last).to_contain_text("Question 3")


def test_what_is_read_back_is_not_announced(chat: Chat) -> None:
    chat.ask("my son cannot breathe")
    expect(chat.page.locator("family-guide [role=alert].message")).to_have_count(1)
    chat.page.reload()
    expect(chat.messages).to_have_count(3, timeout=SLOW)

    expect(chat.page.locator("family-guide [role=alert].message")).to_have_count(0)
    expect(chat.log).not_to_have_attribute("aria-live", "off")


def test_nothing_outlives_the_tab(chat: Chat) -> None:
    chat.ask("What is ASPS?")

    assert chat.page.evaluate("localStorage.length") == 0
    assert chat.page.evaluate("document.cookie") == ""
    assert chat.page.evaluate("indexedDB.databases().then(d => d.length)") == 0
    texts = chat.page.evaluate("JSON.stringify(sessionStorage)")
    assert "What is ASPS?" not in texts


def test_another_tab_has_a_conversation_of_its_own(chat: Chat, assistant: Assistant) -> None:
    chat.ask("What is ASPS?")
    other = Chat.watch(chat.page.context).open(assistant.url)

    expect(other.messages).to_have_count(1)
    assert other.kept()["session"] != chat.kept()["session"]
    assert other.problems == []


def test_a_duplicated_tab_shows_what_is_said_in_the_other(chat: Chat, assistant: Assistant) -> None:
    chat.ask("What is ASPS?")
    # What a browser does when a tab is duplicated: the new one begins with a copy of the storage.
    copied = chat.page.evaluate("JSON.stringify({...sessionStorage})")
    twin = Chat.watch(chat.page.context)
    twin.page.add_init_script(f"for (const [k, v] of Object.entries({copied})) sessionStorage.setItem(k, v)")
    twin.open(assistant.url)
    expect(twin.messages).to_have_count(3, timeout=SLOW)

    twin.ask("Can it spread?")
    expect(chat.messages).to_have_count(5, timeout=SLOW)
    expect(chat.log).to_contain_text("Can it spread?")
    chat.menu("Delete this conversation")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Delete this conversation").click()
    expect(twin.messages).to_have_count(1, timeout=SLOW)
    assert twin.problems == []


def expire(chat: Chat, assistant: Assistant) -> None:
    """Put a token into the tab that the assistant made long ago."""
    key = (assistant.var / "secret.key").read_text().strip()
    with mock.patch.object(TimestampSigner, "get_timestamp", return_value=int(time.time()) - 100 * 86400):
        token = Sessions(key, 1, "website").issue()
    chat.page.evaluate(
        """(token) => {
            const [key, value] = Object.entries(sessionStorage).find(([k]) => k.startsWith("family-guide"));
            sessionStorage.setItem(key, JSON.stringify({...JSON.parse(value), session: token}));
        }""",
        token,
    )


def test_expired_session_offers_a_fresh_start_and_keeps_the_text(chat: Chat, assistant: Assistant) -> None:
    chat.field.fill("half a question")
    expire(chat, assistant)
    chat.page.reload()
    expect(chat.notice).to_contain_text("This chat has ended. What you typed is kept.", timeout=SLOW)
    chat.button("Start a new chat").click()

    expect(chat.messages).to_have_count(1, timeout=SLOW)
    expect(chat.field).to_have_value("half a question")
    expect(chat.notice).to_be_empty()
    chat.waits_for_answer(lambda: chat.field.press("Enter"))


def test_session_that_ends_half_way_gives_the_text_back(chat: Chat, assistant: Assistant) -> None:
    chat.ask("What is ASPS?")
    ended = {"error": {"code": "session_ended", "message": "This chat has ended."}}
    chat.page.route("**/messages", lambda route: route.fulfill(status=401, json=ended), times=1)
    chat.field.fill("Can it spread?")
    chat.field.press("Enter")

    expect(chat.notice).to_contain_text("This chat has ended")
    expect(chat.field).to_have_value("Can it spread?")
    expect(chat.log.locator(".family")).to_have_count(1)
    chat.field.press("Enter")
    expect(chat.last).to_contain_text("spread", timeout=SLOW)


def test_closed_chat_stays_closed_and_open_one_open(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat().open(assistant.url)
    chat.button("Close the chat").click()
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_be_hidden()
