"""Telegram through a fake of its Bot API."""

import asyncio
import json
import time

import pytest

from tests.messaging.conftest import stays, until

ANN = 5001


async def test_the_webhook_is_set_with_the_secret(serve, telegram):
    async with serve(telegram):
        await until(lambda: telegram.webhook)
    assert telegram.webhook["url"] == "https://chat.example.org/webhooks/telegram/webhook"
    assert telegram.webhook["secret_token"] == telegram.secret


async def test_the_webhook_is_set_later_when_telegram_is_away_at_the_start(serve, telegram):
    await telegram.down()
    async with serve(telegram):
        await asyncio.sleep(0.3)
        await telegram.start()
        await until(lambda: telegram.webhook)


async def test_a_button_is_pressed_and_its_clock_taken_off(serve, telegram, assistant):
    title = "Is it treated with one of the many kinds of medicine that there are?"
    payload = '/ask_topic{"topic": "' + "x" * 200 + '"}'
    assistant.says = [[{"text": "It can.", "buttons": [{"title": title, "payload": payload}]}]]
    async with serve(telegram):
        await telegram.says(ANN, "can it spread")
        await until(lambda: telegram.took)
        assert not telegram.refused
        shown = telegram.took[0][1]["reply_markup"]["inline_keyboard"][0][0]["text"]
        assert title.startswith(shown.rstrip("…"))
        await telegram.presses(ANN, shown)
        await until(lambda: len(telegram.took) == 2 and telegram.answered)
    assert assistant.heard[1][1] == "ask_topic"
    assert telegram.texts()[1] == f"You said: {title}"


async def test_a_button_of_another_chat_cannot_be_pressed(serve, telegram, assistant):
    assistant.says = [[{"text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}]}]]
    async with serve(telegram):
        await telegram.says(ANN, "delete")
        await until(lambda: telegram.took)
        forged = telegram.pressing(ANN, "Yes")
        forged["callback_query"]["from"]["id"] = 6002
        forged["callback_query"]["message"]["chat"]["id"] = 6002
        await telegram.deliver(forged)
        await until(lambda: len(telegram.took) == 2)
    assert len(assistant.heard) == 1


async def test_start_is_welcomed_and_other_commands_are_words(serve, telegram, assistant):
    async with serve(telegram):
        await telegram.says(ANN, "/start")
        await telegram.says(ANN, "/restart")
        await telegram.says(ANN, '/check_symptoms{"choice": "x"}')
        await until(lambda: len(telegram.took) == 3)
    assert telegram.texts()[0].startswith("Welcome")
    assert [what for _, what in assistant.heard] == ["restart", 'check_symptoms{"choice": "x"}']


async def test_a_long_answer_is_split_within_the_limit(serve, telegram, assistant):
    assistant.says = [[{"text": "Words and words. " * 1000}]]
    async with serve(telegram):
        await telegram.says(ANN, "tell me all")
        await until(lambda: len(telegram.took) == 5)
    assert not telegram.refused
    assert all(text.endswith("words.") for text in telegram.texts())


async def test_an_emergency_comes_with_a_contact_to_call(serve, telegram):
    async def fails(message):
        raise RuntimeError

    async with serve(telegram, fails):
        await telegram.says(ANN, "she is not breathing")
        await until(lambda: len(telegram.took) == 2)
    assert telegram.took[1][1]["phone_number"] == "911"


async def test_groups_and_edits_are_left_alone(serve, telegram, assistant):
    group = telegram.update(ANN, "hello all")
    group["message"]["chat"] = {"id": -100, "type": "group"}
    edited = {"update_id": 1, "edited_message": telegram.update(ANN, "x")["message"]}
    async with serve(telegram):
        for update in (group, edited, {"update_id": 2, "my_chat_member": {}}):
            assert (await telegram.deliver(update))[0] == 200
        await stays(lambda: not telegram.took and not assistant.heard)


@pytest.mark.parametrize("secret", ["wrong", "our-Secret_", "our-Secret_1x", "é"])
async def test_another_bots_secret_is_refused(serve, telegram, assistant, secret):
    async with serve(telegram):
        assert (await telegram.deliver(telegram.update(ANN, "hi"), secret))[0] == 403
        body = json.dumps(telegram.update(ANN, "hi"))
        assert (await telegram.post("/webhooks/telegram/webhook", body, {}))[0] == 403
        # Nothing that Rasa's connector has besides is served.
        assert (await telegram.post("/webhooks/telegram/set_webhook", None, {}, "GET"))[0] == 404
    assert not assistant.heard


async def test_a_retried_update_is_answered_once_and_an_old_one_refused(serve, telegram):
    update = telegram.update(ANN, "hi")
    old = telegram.update(ANN, "hi", date=int(time.time()) - 90_000)
    async with serve(telegram):
        for _ in range(3):
            assert (await telegram.deliver(update))[0] == 200
        assert (await telegram.deliver(old))[0] == 403
        await until(lambda: telegram.took)
        await stays(lambda: len(telegram.took) == 1)
