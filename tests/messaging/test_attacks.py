"""What nobody but a platform may do: nothing but 4xx, no crash, no word of content in the log."""

import json
import random
from urllib.parse import urlencode

import pytest

from tests.messaging.conftest import stays, until

ANN = "+15551230001"
SECRET_WORDS = "PRIVATEWORDS"
PATHS = [f"/webhooks/{channel}/webhook" for channel in ("sms", "whatsapp", "messenger", "telegram")]
ODD = [b'"', b"{", b"[", b"null", b"&", b"=", b"%ff", b"\x00", b"-1e999", b"\\ud800"]
KINDS = ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "text/plain", ""]


@pytest.fixture
async def everything(serve, twilio, messenger, telegram, assistant):
    """All platforms at once behind one server."""
    variables = {**messenger.variables(), **telegram.variables()}
    async with serve(twilio, **variables):
        messenger.server = telegram.server = twilio.server
        yield


def fuzzed(body, chance):
    """Return a body with some bytes changed, dropped, doubled or put in."""
    bytes_ = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(bytes_))
        what = chance.randrange(4)
        if what == 0:
            bytes_[place] = chance.randrange(256)
        elif what == 1:
            del bytes_[place : place + chance.randint(1, 20)]
        elif what == 2:
            bytes_[place:place] = bytes_[place : place + chance.randint(1, 50)]
        else:
            bytes_[place:place] = chance.choice(ODD)
        bytes_ = bytes_ or bytearray(b"x")
    return bytes(bytes_)


def mutated(value, chance):
    """Return a JSON value with one thing in it replaced by something of another kind."""
    odd = [None, True, -1, 1e308, "", "x", [], {}, [[[]]], {"id": {}}, 10**30, "\ud800"]
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        return {**value, key: mutated(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place + 1 :]]
    return chance.choice(odd)


async def test_unsigned_fuzz_gets_nothing_but_4xx(everything, twilio, messenger, telegram, assistant, capfd):
    chance = random.Random(7)
    form = urlencode(twilio.form(ANN, SECRET_WORDS)).encode()
    event = messenger.body(messenger.event("1", message={"mid": "m", "text": SECRET_WORDS}))
    update = json.dumps(telegram.update(5, SECRET_WORDS)).encode()
    for n in range(240):
        body = fuzzed(chance.choice([form, event, update]), chance)
        headers = {"Content-Type": chance.choice(KINDS), "X-Twilio-Signature": "x", "X-Hub-Signature-256": "sha256=x"}
        status, _ = await twilio.post(PATHS[n % 4], body, headers)
        assert 400 <= status < 500, body
    assert not assistant.heard
    assert SECRET_WORDS not in "".join(capfd.readouterr())


async def test_signed_fuzz_is_refused_or_answered_but_crashes_nothing(
    everything, twilio, messenger, telegram, assistant, capfd
):
    chance = random.Random(11)
    for _ in range(30):
        message = {"mid": "m", "text": "hi", "quick_reply": {"payload": "x"}}
        event = mutated(messenger.event("1", message=message), chance)
        body = mutated({"object": "page", "entry": [{"messaging": [event]}]}, chance)
        raw = json.dumps(body).encode()
        assert (await messenger.deliver(raw))[0] in (200, 400, 403, 404), raw
        update = mutated(telegram.update(5, "hi"), chance)
        assert (await telegram.deliver(update))[0] in (200, 400, 403), update
        pressed = {"id": "1", "from": {"id": 5}, "message": telegram.update(5, "x")["message"], "data": "y"}
        update = mutated({"update_id": 1, "callback_query": pressed}, chance)
        assert (await telegram.deliver(update))[0] in (200, 400, 403), update
        form = twilio.form(ANN, chance.choice(["hi", "\u0000", "", "😀" * 500, "/restart", "%s%n"]))
        if chance.random() < 0.5:
            form.pop(chance.choice(sorted(form)))
        assert (await twilio.deliver(form))[0] in (200, 400, 403), form
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [100_000, 2_000_000])
async def test_large_bodies_are_refused(everything, twilio, messenger, telegram, path, size):
    body = b"Body=" + b"x" * size
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": telegram.secret}
    headers |= {"X-Hub-Signature-256": messenger.signature(body)}
    status, _ = await twilio.post(path, body, headers)
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "typed",
    [
        "/restart",
        " /restart",
        "／restart",
        "\u200b/restart",
        "/session_start",
        "/back",
        "/nlu_fallback",
        "EXTERNAL: /crisis",
        '/check_symptoms{"choice": "delete:yes"}',
        '/delete_conversation{"choice": "delete:yes"}',
    ],
)
async def test_a_typed_command_is_only_words(everything, twilio, messenger, telegram, assistant, typed):
    await twilio.says(ANN, typed)
    await twilio.says(ANN, typed, "whatsapp")
    await messenger.says("1", typed)
    await telegram.says(5, typed)
    await until(lambda: len(assistant.heard) == 4)
    assert all(not what.startswith("/") and what.strip("/ ")[:3] in typed + "restart" for _, what in assistant.heard)
    assert len({conversation for conversation, _ in assistant.heard}) == 4


async def test_a_flood_of_retries_is_answered_once(everything, twilio, assistant):
    form = twilio.form(ANN, "hello")
    for _ in range(30):
        assert (await twilio.deliver(form))[0] == 200
    await until(lambda: twilio.took)
    await stays(lambda: len(twilio.took) == 1 and len(assistant.heard) == 1)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(everything, twilio, path, method):
    status, _ = await twilio.post(path, None, {}, method)
    assert 400 <= status < 500
