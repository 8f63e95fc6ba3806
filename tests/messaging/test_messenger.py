"""Messenger through a fake of its platform."""

import json
import time

import pytest

from family_guide.channels.messaging.messenger import is_signed
from tests.messaging.conftest import stays, until

ANN = "7001"


def test_signatures_are_those_of_a_published_example():
    # "Testing the webhook payload validation" in GitHub's documentation, which signs the same way.
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_signed("It's a Secret to Everybody", b"Hello, World!", signature)
    assert not is_signed("It's a Secret to Everybody", b"Hello, World", signature)
    assert not is_signed("", b"", None)


async def test_the_webhook_is_verified_as_documented(serve, messenger):
    path = "/webhooks/messenger/webhook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    async with serve(messenger):
        assert await messenger.post(path + messenger.verify, None, {}, "GET") == (200, "1158201444")
        assert (await messenger.post(path + "wrong", None, {}, "GET"))[0] == 403
        path = path.replace("1158201444", "%3Cb%3E") + messenger.verify
        assert (await messenger.post(path, None, {}, "GET"))[0] == 400


async def test_every_message_of_a_batch_is_answered_in_order(serve, messenger):
    events = [messenger.event(ANN, message={"mid": f"m{n}", "text": f"question {n}"}) for n in range(5)]
    events.insert(2, messenger.event(ANN, delivery={"watermark": 1}))
    events.insert(3, messenger.event("page", message={"mid": "e", "text": "echo", "is_echo": True}))
    async with serve(messenger):
        assert (await messenger.deliver(messenger.body(*events)))[0] == 200
        await until(lambda: len(messenger.took) == 5)
    assert messenger.texts() == [f"You said: question {n}" for n in range(5)]


@pytest.mark.parametrize("titles", [["Yes", "No"], [f"Option {n}" for n in range(13)]])
async def test_short_titles_are_quick_replies(serve, messenger, assistant, titles):
    assistant.says = [[{"text": "Which?", "buttons": [{"title": t, "payload": "/affirm"} for t in titles]}]]
    async with serve(messenger):
        await messenger.says(ANN, "hello")
        await until(lambda: messenger.took)
        assert [q["title"] for q in messenger.took[0][1]["quick_replies"]] == titles
        await messenger.presses(ANN, titles[1])
        await until(lambda: len(messenger.took) == 2)
    assert assistant.heard[1][1] == "affirm"
    assert messenger.texts()[1] == f"You said: {titles[1]}"


@pytest.mark.parametrize("count", [2, 20])
async def test_long_or_many_titles_are_listed_whole_and_begun_in_quick_replies(serve, messenger, assistant, count):
    titles = [f"Is it treated with medicine number {n}?" for n in range(count)]
    assistant.says = [[{"text": "Which?", "buttons": [{"title": t, "payload": "/affirm"} for t in titles]}]]
    async with serve(messenger):
        await messenger.says(ANN, "hello")
        await until(lambda: messenger.took)
        assert not messenger.refused
        message = messenger.took[0][1]
        assert all(f"{n}. {title}" in message["text"] for n, title in enumerate(titles, 1))
        await messenger.presses(ANN, message["quick_replies"][1]["title"])
        await until(lambda: len(messenger.took) == 2)
        await messenger.says(ANN, "what?")
        await until(lambda: len(messenger.took) == 3)
    assert messenger.texts()[1] == f"You said: {titles[1]}"


async def test_buttons_of_earlier_messages_go_with_the_last_where_they_are_seen(serve, messenger, assistant):
    assistant.says = [[{"text": "One.", "buttons": [{"title": "A", "payload": "/affirm"}]}, {"text": "Two."}]]
    async with serve(messenger):
        await messenger.says(ANN, "hello")
        await until(lambda: len(messenger.took) == 2)
    assert "quick_replies" not in messenger.took[0][1]
    assert [q["title"] for q in messenger.took[1][1]["quick_replies"]] == ["A"]


async def test_an_emergency_has_a_button_that_opens_a_number_to_call(serve, messenger):
    async def fails(message):
        raise RuntimeError

    async with serve(messenger, fails):
        await messenger.says(ANN, "I want to kill myself")
        await until(lambda: messenger.took and "attachment" in messenger.took[-1][1])
        buttons = messenger.took[-1][1]["attachment"]["payload"]["buttons"]
        assert [button["title"] for button in buttons] == ["Call 988", "Call 911"]
        path = buttons[0]["url"].removeprefix("https://chat.example.org")
        status, page = await messenger.post(path, None, {}, "GET")
        assert status == 200
        assert 'href="tel:988"' in page


async def test_get_started_is_welcomed_and_a_forged_button_is_not_pressed(serve, messenger, assistant):
    async with serve(messenger):
        start = messenger.event(ANN, postback={"mid": "p1", "title": "Get Started", "payload": "GET_STARTED"})
        await messenger.deliver(messenger.body(start))
        forged = {"mid": "p2", "text": "x", "quick_reply": {"payload": "/restart"}}
        await messenger.deliver(messenger.body(messenger.event(ANN, message=forged)))
        await until(lambda: len(messenger.took) == 2)
    assert messenger.texts()[0].startswith("Welcome")
    assert "type your question" in messenger.texts()[1]
    assert not assistant.heard


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=x", "x" * 5000, "sha256=é"])
async def test_a_forged_signature_is_refused(serve, messenger, assistant, signature):
    body = messenger.body(messenger.event(ANN, message={"mid": "m1", "text": "hi"}))
    async with serve(messenger):
        headers = {"Content-Type": "application/json"} | ({"X-Hub-Signature-256": signature} if signature else {})
        assert (await messenger.post("/webhooks/messenger/webhook", body, headers))[0] == 403
        # The old header alone is not enough.
        assert (await messenger.post("/webhooks/messenger/webhook", body, {"X-Hub-Signature": "sha1=x"}))[0] == 403
        assert (await messenger.deliver(body, messenger.signature(body, "another secret")))[0] == 403
    assert not assistant.heard


async def test_a_replay_is_not_answered_again_and_an_old_one_refused(serve, messenger, outbox):
    body = messenger.body(messenger.event(ANN, message={"mid": "m1", "text": "hi"}))
    old = messenger.event(ANN, message={"mid": "m0", "text": "hi"})
    old["timestamp"] = int((time.time() - 90_000) * 1000)
    async with serve(messenger):
        for _ in range(3):
            assert (await messenger.deliver(body))[0] == 200
        for _ in range(2):
            assert (await messenger.deliver(messenger.body(old)))[0] == 403
        await until(lambda: messenger.took and outbox.waiting() == (0, 0))
        await stays(lambda: len(messenger.took) == 1)
    # Staff learn that a family was not answered, once.
    assert [(report.what, report.reason) for report in outbox.reports()] == [("not_answered", "too old")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 50_000,
        b" " * 100_000,
        b'{"object": "page"}',
        b'{"object": "page", "entry": 5}',
        b'{"object": "page", "entry": [{"messaging": [{"sender": {"id": 5}}]}]}',
    ],
)
async def test_a_signed_body_that_is_none_gets_a_clear_error(serve, messenger, body):
    async with serve(messenger):
        status, text = await messenger.deliver(body)
        assert 400 <= status < 500
        assert "error" in json.loads(text)
