"""A bad line: nothing typed is lost, nothing is asked twice."""

import json

import pytest
from playwright.sync_api import Route, expect

from tests.widget.chat import SLOW, Chat
from tests.widget.conftest import OpenChat
from tests.widget.line import Line
from tests.widget.website import Embedded


@pytest.fixture
def chat_on_line(new_chat: OpenChat, line: Line) -> Chat:
    return new_chat().open(line.url)


def refuse(chat: Chat, path: str, status: int, code: str, times: int, retry_after: str = "1") -> None:
    def answer(route: Route) -> None:
        body = {"error": {"code": code, "message": "Please wait a little. In an emergency, call 911."}}
        route.fulfill(status=status, json=body, headers={"Retry-After": retry_after})

    chat.page.route(f"**/webhooks/website/{path}", answer, times=times)


def test_offline_is_shown_and_what_was_typed_is_sent_when_back(chat: Chat) -> None:
    chat.page.context.set_offline(True)
    expect(chat.notice).to_contain_text("You are offline")
    expect(chat.notice.get_by_role("link", name="911")).to_be_visible()
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    expect(chat.log).to_contain_text("What is ASPS?")

    chat.waits_for_answer(lambda: chat.page.context.set_offline(False))

    expect(chat.notice).to_be_empty()
    expect(chat.log.locator(".family")).to_have_count(1)


def test_a_lost_reply_is_asked_for_again_with_the_same_id(chat_on_line: Chat, line: Line) -> None:
    line.lose_reply_to("/messages")
    answer = chat_on_line.ask("Can it spread?")

    expect(answer).to_contain_text("spread")
    assert len(chat_on_line.sent) >= 2
    assert len({body["message_id"] for body in chat_on_line.sent}) == 1
    history = chat_on_line.page.evaluate(
        """async (session) => {
            const headers = { Authorization: `Bearer ${session}` };
            return (await fetch("/webhooks/website/history", { headers })).json();
        }""",
        chat_on_line.kept()["session"],
    )
    assert [m["text"] for m in history["messages"] if m["from"] == "family"] == ["Can it spread?"]


def test_several_messages_wait_and_keep_their_order(chat_on_line: Chat, line: Line) -> None:
    line.cut()
    for text in ("What is ASPS?", "Can it spread?"):
        chat_on_line.field.fill(text)
        chat_on_line.field.press("Enter")
    expect(chat_on_line.notice).to_contain_text("I cannot reach the assistant")
    line.mend()
    chat_on_line.button("Try now").click()

    expect(chat_on_line.answers).to_have_count(3, timeout=SLOW)
    texts = [body["text"] for body in chat_on_line.sent]
    assert texts == sorted(texts, key=["What is ASPS?", "Can it spread?"].index)


def test_reload_while_the_line_is_down_loses_nothing(chat_on_line: Chat, line: Line) -> None:
    page = chat_on_line.page
    page.route("**/webhooks/website/**", lambda route: route.abort())
    chat_on_line.field.fill("What is ASPS?")
    chat_on_line.field.press("Enter")
    chat_on_line.field.fill("and then I wanted to ask")
    page.reload()
    expect(chat_on_line.field).to_have_value("and then I wanted to ask")
    expect(chat_on_line.notice).to_contain_text("I cannot reach the assistant")

    page.unroute_all()
    chat_on_line.button("Try now").click()

    expect(chat_on_line.log).to_contain_text("alveolar soft part sarcoma", timeout=SLOW)
    expect(chat_on_line.log.locator(".family")).to_have_count(1)
    assert len({body["message_id"] for body in chat_on_line.sent}) == 1


def test_a_reply_lost_to_a_reload_is_shown_once(chat_on_line: Chat) -> None:
    page = chat_on_line.page
    page.route("**/webhooks/website/messages", lambda route: (route.fetch(), route.abort()))
    with page.expect_request("**/messages"):
        chat_on_line.field.fill("What is ASPS?")
        chat_on_line.field.press("Enter")
    expect(chat_on_line.notice).to_contain_text("I cannot reach the assistant", timeout=SLOW)
    page.unroute_all()
    page.reload()

    expect(chat_on_line.answers).to_have_count(2, timeout=SLOW)
    expect(chat_on_line.log.locator(".family")).to_have_count(1)


def test_too_many_messages_wait_as_long_as_the_server_says(chat: Chat) -> None:
    refuse(chat, "messages", 429, "too_many", times=1)
    answer = chat.ask("What is ASPS?")

    expect(answer).to_contain_text("alveolar")
    expect(chat.notice).to_be_empty()
    assert len(chat.sent) == 2


def test_what_the_server_says_about_the_wait_is_shown(chat: Chat) -> None:
    refuse(chat, "messages", 429, "too_many", times=1, retry_after="60")
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    expect(chat.notice).to_contain_text("Please wait a little.")

    chat.waits_for_answer(chat.button("Try now").click)


def test_an_assistant_that_fails_again_and_again_leaves_a_button_to_send_again(chat: Chat) -> None:
    refuse(chat, "messages", 503, "unavailable", times=4)
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    again = chat.button("Send again")
    expect(again).to_be_visible(timeout=SLOW)

    chat.waits_for_answer(again.click)

    assert len({body["message_id"] for body in chat.sent}) == 1
    expect(chat.panel.get_by_role("button", name="Send again")).to_have_count(0)


def test_an_error_page_of_a_proxy_is_a_bad_line(chat: Chat) -> None:
    page = "<html><h1>502 Bad Gateway</h1></html>"
    chat.page.route(
        "**/messages", lambda route: route.fulfill(status=502, body=page, content_type="text/html"), times=1
    )
    answer = chat.ask("What is ASPS?")

    expect(answer).to_contain_text("alveolar")
    expect(chat.log).not_to_contain_text("Bad Gateway")


def test_chat_opens_when_the_assistant_is_not_there_yet(new_chat: OpenChat, line: Line) -> None:
    chat = new_chat()
    chat.page.route("**/webhooks/website/**", lambda route: route.abort())
    chat.page.goto(line.url)
    expect(chat.notice).to_contain_text("I cannot reach the assistant")
    chat.field.fill("What is ASPS?")
    chat.field.press("Enter")
    chat.page.unroute_all()
    chat.button("Try now").click()

    expect(chat.answers).to_have_count(2, timeout=SLOW)


def test_assistant_killed_half_way_and_started_again(new_chat: OpenChat, embedded: Embedded) -> None:
    with Line(embedded.assistant.url) as line:
        chat = new_chat().open(line.url)
        chat.ask("What is ASPS?")
        embedded.freeze()
        chat.field.fill("Can it spread?")
        chat.field.press("Enter")
        expect(chat.page.locator("family-guide .typing")).to_be_visible()
        embedded.kill()
        expect(chat.notice).to_contain_text("I cannot reach the assistant")

        embedded.start()
        line.target = embedded.assistant.url
        chat.button("Try now").click()

        expect(chat.answers).to_have_count(3, timeout=SLOW)
        expect(chat.last).to_contain_text("spread")
        expect(chat.notice).to_be_empty()
        chat.page.reload()
        expect(chat.answers).to_have_count(3, timeout=SLOW)
        expect(chat.log).to_contain_text("What is ASPS?")
    assert json.dumps(chat.sent).count("Can it spread?") >= 2
    assert len({body["message_id"] for body in chat.sent if body["text"] == "Can it spread?"}) == 1
