import asyncio

import pytest

from family_guide.channels.conversation import NO_WORDS, Conversations
from family_guide.wording import WENT_WRONG


def conversations(handler, seconds=5.0):
    return Conversations("test", handler, seconds)


async def say(message):
    await message.output_channel.send_response("x", {"text": f"You said {message.text}"})


async def test_a_message_is_handed_on_and_answered():
    replies = await conversations(say).typed("c", "hello")
    assert [r.text for r in replies] == ["You said hello"]


async def test_a_command_is_handed_on_as_plain_words():
    replies = await conversations(say).typed("c", "/restart")
    assert [r.text for r in replies] == ["You said restart"]


@pytest.mark.parametrize("text", ["😀", "...", "\u200b", "/"])
async def test_what_has_no_words_is_answered_kindly(text):
    async def never(message):
        raise AssertionError("handed on")

    assert [r.text for r in await conversations(never).typed("c", text)] == [NO_WORDS]


async def test_a_failure_gets_the_safe_reply():
    async def fails(message):
        await say(message)
        raise RuntimeError("database at 10.0.0.1 is gone")

    assert [r.text for r in await conversations(fails).typed("c", "hello")] == [WENT_WRONG]


async def test_silence_gets_the_safe_reply():
    async def silent(message):
        return None

    assert [r.text for r in await conversations(silent).typed("c", "hello")] == [WENT_WRONG]


async def test_what_hangs_gets_the_safe_reply_in_time():
    async def hangs(message):
        await asyncio.sleep(60)

    replies = await asyncio.wait_for(conversations(hangs, 0.1).typed("c", "hello"), 2)
    assert [r.text for r in replies] == [WENT_WRONG]


async def test_an_emergency_is_answered_whatever_fails():
    async def fails(message):
        raise RuntimeError

    (reply,) = await conversations(fails).typed("c", "she is not breathing")
    assert reply.kind == "emergency"
    assert "911" in reply.text


async def test_an_emergency_is_answered_when_it_was_understood_and_then_something_failed():
    async def fails(message):
        message.parse_data = {"intent": {"name": "emergency"}}
        await message.output_channel.send_response("x", {"text": WENT_WRONG})

    (reply,) = await conversations(fails).typed("c", "she is not breathing")
    assert reply.kind == "emergency"


async def test_a_message_sent_twice_at_once_is_taken_once():
    taken = []

    async def slow(message):
        taken.append(message.text)
        await asyncio.sleep(0.05)
        await say(message)

    guarded = conversations(slow)
    first, second = await asyncio.gather(*(guarded.typed("c", "hello", "id-1") for _ in range(2)))
    assert taken == ["hello"]
    assert first == second


async def test_a_button_reaches_rasa_as_what_it_stands_for():
    seen = []

    async def note(message):
        seen.append(message.parse_data["intent"]["name"])
        await say(message)

    await conversations(note).chosen("c", '/ask_topic{"topic": "x"}', "X")
    assert seen == ["ask_topic"]
