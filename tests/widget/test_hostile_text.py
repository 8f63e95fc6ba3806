"""Text that means harm, or is only very long: shown as text, never run, never lost."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Route, expect

from tests.conftest import Assistant
from tests.widget.chat import SLOW, Chat
from tests.widget.conftest import OpenChat

SCRIPTS = (
    "<img src=x onerror=window.harmed=1>",
    "<script>window.harmed=1</script>",
    '"><svg onload=window.harmed=1>',
    "javascript:window.harmed=1",
    "{{constructor.constructor('window.harmed=1')()}}",
)


def unharmed(chat: Chat) -> bool:
    return chat.page.evaluate("window.harmed") is None


@pytest.mark.parametrize("script", SCRIPTS)
def test_typed_scripts_are_text(chat: Chat, script: str) -> None:
    chat.ask(script)
    expect(chat.log.locator(".family .text").last).to_have_text(script)
    chat.page.reload()
    expect(chat.messages).to_have_count(3, timeout=SLOW)

    assert unharmed(chat)
    expect(chat.log.locator("img, script")).to_have_count(0)


def test_scripts_in_every_part_of_an_answer_are_text(chat: Chat) -> None:
    script = SCRIPTS[0]
    question = {
        "question": script,
        "body": script,
        "help": script,
        "why": script,
        "multiple": False,
        "progress": {"number": 1, "of": 2, "label": script},
        "options": [{"id": "a", "title": script, "payload": "check:a:a"}],
        "controls": [],
    }
    messages = [
        {
            "id": script,
            "kind": "outcome",
            "text": f"{script}\n\n- {script}",
            "buttons": [{"title": script, "choice": "x"}],
            "source": {"page": script, "publisher": script, "heading": script, "facts": [script]},
            "data": {"title": script, "summary": {"text": script}},
        },
        {
            "kind": "question",
            "text": script,
            "buttons": [{"title": script, "choice": "y"}],
            "source": None,
            "data": question,
        },
        {"kind": "emergency", "text": f"{script} 911 988", "buttons": [], "source": None, "data": {"language": script}},
    ]
    chat.page.route("**/messages", lambda route: route.fulfill(json={"messages": messages}), times=1)
    chat.ask("hello")
    chat.page.evaluate("window.print = () => {}")
    chat.button("Print summary").click()

    assert unharmed(chat)
    expect(chat.log.locator("img, script")).to_have_count(0)


def test_script_in_a_rating(chat: Chat) -> None:
    answer = chat.ask("What is ASPS?")
    answer.get_by_role("button", name="Yes, this helped").click()
    answer.get_by_label("Would you say why?").fill(SCRIPTS[0])
    answer.get_by_role("button", name="Send comment").click()

    expect(answer.get_by_role("status")).to_have_text("Thank you.")
    assert unharmed(chat)


def test_script_in_the_address_and_the_attributes(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat().open(f"{assistant.url}/?q={quote(SCRIPTS[0])}#{quote(SCRIPTS[1])}")
    chat.page.evaluate("(script) => document.querySelector('family-guide').setAttribute('heading', script)", SCRIPTS[0])
    expect(chat.page.get_by_role("heading", name=SCRIPTS[0])).to_be_visible()

    assert unharmed(chat)


def test_script_in_what_the_tab_keeps(chat: Chat) -> None:
    chat.page.evaluate(
        """(script) => {
            const key = Object.keys(sessionStorage).find((k) => k.startsWith("family-guide"));
            const kept = JSON.parse(sessionStorage.getItem(key));
            sessionStorage.setItem(key, JSON.stringify({...kept, draft: script}));
        }""",
        SCRIPTS[0],
    )
    chat.page.reload()
    expect(chat.field).to_have_value(SCRIPTS[0])
    assert unharmed(chat)


def test_broken_storage_is_no_obstacle(chat: Chat) -> None:
    chat.page.evaluate("for (const key of Object.keys(sessionStorage)) sessionStorage.setItem(key, '{broken')")
    chat.page.reload()
    expect(chat.messages).to_have_count(1, timeout=SLOW)
    chat.ask("What is ASPS?")


def test_storage_that_is_blocked_is_no_obstacle(new_chat: OpenChat, assistant: Assistant) -> None:
    chat = new_chat()
    chat.page.add_init_script(
        """Object.defineProperty(window, "sessionStorage", {
            get() { throw new DOMException("blocked", "SecurityError") },
        })"""
    )
    chat.open(assistant.url)
    chat.ask("What is ASPS?")


def test_a_paste_of_5000_characters_is_kept_and_explained(chat: Chat) -> None:
    text = "My son has a lump. " * 263 + "end"
    chat.field.fill(text)
    expect(chat.page.locator("family-guide .left")).to_contain_text("characters left")
    chat.field.press("Enter")

    expect(chat.panel.get_by_role("alert")).to_contain_text("That is 5,000 characters. I can read 2,000 at once.")
    expect(chat.field).to_have_value(text)
    assert chat.sent == []


def test_text_that_the_server_finds_too_long_is_given_back(chat: Chat) -> None:
    error = {"error": {"code": "too_long", "message": "That message is too long for me. In an emergency, call 911."}}
    chat.page.route("**/messages", lambda route: route.fulfill(status=413, json=error), times=1)
    chat.field.fill("a long text")
    chat.field.press("Enter")

    alert = chat.panel.get_by_role("alert")
    expect(alert).to_contain_text("That message is too long for me.")
    expect(alert.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")
    expect(chat.field).to_have_value("a long text")
    expect(chat.log.locator(".family")).to_have_count(0)


def test_choice_of_another_conversation_is_refused_kindly(new_chat: OpenChat, assistant: Assistant) -> None:
    foreign = new_chat().open(assistant.url)
    chat = new_chat().open(assistant.url)
    foreign.choose("What is ASPS?")
    stolen = foreign.sent[0]["choice"]

    def swap(route: Route) -> None:
        route.continue_(post_data={**route.request.post_data_json, "choice": stolen})

    chat.page.route("**/messages", swap, times=1)
    chat.button("What is ASPS?").click()

    expect(chat.panel.get_by_role("alert")).to_contain_text("That button is not from this chat.")
    chat.ask("What is ASPS?")


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("Call 911.", ["911"]),
        ("Call or text 988, or call 911 now", ["988", "911"]),
        ("9/11, 9110, 1-911, 911-555-0100, 0.911, 98.8, 911.5, A911, 1988", []),
        ("(911)", ["911"]),
    ],
)
def test_only_the_two_numbers_become_links(chat: Chat, text: str, called: list[str]) -> None:
    message = {"kind": "info", "text": text, "buttons": [], "source": None, "data": {}}
    chat.page.route("**/messages", lambda route: route.fulfill(json={"messages": [message]}), times=1)
    shown = chat.ask("hello")

    assert [link.get_attribute("href") for link in shown.get_by_role("link").all()] == [f"tel:{n}" for n in called]
    expect(shown.locator(".text")).to_have_text(text)
