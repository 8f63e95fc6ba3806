"""Whole journeys on every platform, through the real assistant."""

import asyncio
import re

import pytest

from family_guide.channels.messaging.outbox import Outbox
from family_guide.privacy.database import create_engine
from tests.conftest import start_assistant, stop
from tests.messaging.conftest import until
from tests.messaging.fakes import FakeMessenger, FakeTelegram, FakeTwilio
from tests.messaging.prosody import Prosody
from tests.messaging.test_xmpp import Family

ANN, BOB = "+15551230001", "+15551230002"
SECONDS = 30
MOST_STEPS = 30


@pytest.fixture(scope="module")
def fakes():
    """The platforms, each with its port, started by the tests that use them."""
    return {"twilio": FakeTwilio(), "messenger": FakeMessenger(), "telegram": FakeTelegram()}


@pytest.fixture(scope="module")
def prosody(tmp_path_factory):
    server = Prosody(tmp_path_factory.mktemp("prosody"))
    server.register("guide", "guide-password")
    server.register("ann", "family-password")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def real(model, fakes, prosody, tmp_path_factory):
    variables = {
        "FAMILY_GUIDE_XMPP_ADDRESS": "guide@localhost",
        "FAMILY_GUIDE_XMPP_PASSWORD": "guide-password",
        "FAMILY_GUIDE_XMPP_SERVER": f"127.0.0.1:{prosody.port}",
        "FAMILY_GUIDE_XMPP_CA_FILE": str(prosody.ca_file),
    }
    for fake in fakes.values():
        variables |= fake.variables()
    running = start_assistant(tmp_path_factory.mktemp("messaging"), model.parent, **variables)
    yield running
    stop(running)


async def _on(fake, real):
    await fake.start()
    fake.server = real.url
    return fake


@pytest.fixture
async def twilio(fakes, real):
    yield await _on(fakes["twilio"], real)
    await fakes["twilio"].stop()


@pytest.fixture
async def messenger(fakes, real):
    yield await _on(fakes["messenger"], real)
    await fakes["messenger"].stop()


@pytest.fixture
async def telegram(fakes, real):
    yield await _on(fakes["telegram"], real)
    await fakes["telegram"].stop()


@pytest.fixture
def new(real):
    """Waits for what is taken after the first `count`, until nothing is left to be delivered."""
    outbox = Outbox(create_engine(f"sqlite:///{real.var / 'conversations.db'}"))

    async def whole(took, count):
        await until(lambda: len(took) > count and outbox.waiting() == (0, 0), SECONDS)
        await asyncio.sleep(0.1)
        return took[count:]

    yield whole
    outbox.close()


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_a_journey_by_numbers(new, twilio, channel):
    user = ANN if channel == "sms" else f"whatsapp:{ANN}"

    async def say(text):
        count = len(twilio.took)
        assert (await twilio.says(ANN, text, channel))[0] == 200
        return "\n\n".join(text for who, text in await new(twilio.took, count) if who == user)

    answer = await say("can this sarcoma spread to other parts of her body?")
    assert "Source: " in answer
    assert "Reply 1" in answer
    assert await say("1") != answer

    said = await say("check her symptoms")
    for _ in range(MOST_STEPS):
        if "specialist" in said or "Reply" not in said:
            break
        said = await say(re.findall(r"^(\d+)\. ", said, re.MULTILINE)[0])
    assert "specialist" in said
    assert not twilio.refused

    emergency = await say("she can't breathe")
    assert "911" in emergency
    assert emergency.endswith("tel:911")

    assert "can this sarcoma spread" in await say("what do you know about me")
    assert "Yes, delete it" in await say("please delete my conversation")
    assert "deleted" in await say("1")
    assert "can this sarcoma spread" not in await say("what do you know about me")


async def test_stop_by_text_message(new, twilio):
    count = len(twilio.took)
    await twilio.says(BOB, "is asps cancer")
    await new(twilio.took, count)
    count = len(twilio.took)
    await twilio.says(BOB, "STOP")
    await twilio.says(BOB, "is asps cancer")
    await asyncio.sleep(1.5)
    assert len(twilio.took) == count
    assert not twilio.refused
    await twilio.says(BOB, "START")
    ((_, welcome),) = await new(twilio.took, count)
    assert "cannot diagnose" in welcome


async def test_a_journey_by_quick_replies(new, messenger):
    user = "7001"

    async def after(step):
        count = len(messenger.took)
        assert (await step)[0] == 200
        took = await new(messenger.took, count)
        return " ".join(messenger.text_of(message) for _, message in took), took[-1][1].get("quick_replies", [])

    answer, quick = await after(messenger.says(user, "can it spread"))
    assert "Source: " in answer
    assert quick
    said, quick = await after(messenger.says(user, "check symptoms"))
    for _ in range(MOST_STEPS):
        if "specialist" in said or not quick:
            break
        said, quick = await after(messenger.presses(user, quick[0]["title"]))
    assert "specialist" in said
    await after(messenger.says(user, "he is unconscious and won't wake up"))
    buttons = messenger.took[-1][1]["attachment"]["payload"]["buttons"]
    assert buttons[0]["title"] == "Call 911"
    assert not messenger.refused


async def test_a_journey_by_buttons(new, telegram):
    user = 5001

    async def after(step):
        count = len(telegram.took)
        assert (await step)[0] == 200
        took = [message for _, message in await new(telegram.took, count)]
        rows = [row for message in took for row in message.get("reply_markup", {}).get("inline_keyboard", [])]
        return " ".join(telegram.text_of(message) for message in took), [button["text"] for (button,) in rows]

    said, buttons = await after(telegram.says(user, "/start"))
    assert "cannot diagnose" in said
    said, buttons = await after(telegram.says(user, "check symptoms"))
    for _ in range(MOST_STEPS):
        if "specialist" in said or not buttons:
            break
        said, buttons = await after(telegram.presses(user, buttons[0]))
    assert "specialist" in said
    said, _ = await after(telegram.says(user, "I want to kill myself"))
    assert "988" in [m["phone_number"] for _, m in telegram.took if "phone_number" in m]
    said, buttons = await after(telegram.says(user, "please delete my conversation"))
    said, _ = await after(telegram.presses(user, buttons[0]))
    assert "deleted" in said
    assert not telegram.refused


async def test_a_journey_of_a_real_client_over_a_real_server(new, prosody):
    ann = Family(prosody, "ann")
    await asyncio.wait_for(ann.ready.wait(), 15)

    async def say(text):
        count = len(ann.got)
        ann.says(text)
        return "\n\n".join(await new(ann.got, count))

    assert "Source: " in await say("can it spread")
    said = await say("check her symptoms")
    for _ in range(MOST_STEPS):
        if "specialist" in said or "Reply" not in said:
            break
        said = await say("1")
    assert "specialist" in said
    assert "tel:911" in await say("she is not breathing")
    await ann.disconnect(wait=0.5)


def test_the_channel_of_each_conversation_is_kept_and_who_it_was_is_not(real):
    stored = b"".join(file.read_bytes() for file in real.var.glob("conversations.db*"))
    logged = real.log.read_bytes()
    for channel in (b"sms-", b"whatsapp-", b"messenger-", b"telegram-", b"xmpp-"):
        assert channel in stored
    for user in (b"5551230001", b"5551230002", b"ann@localhost"):
        assert user not in stored
        assert user not in logged
