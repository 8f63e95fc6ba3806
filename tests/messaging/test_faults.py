"""What fails between us and a platform: every message is answered once, or staff are told; never twice."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from family_guide.channels.messaging import delivery
from family_guide.settings import ROOT
from tests.messaging.conftest import stays, until
from tests.ports import free_port

ANN, BOB = "+15551230001", "+15551230002"


@pytest.mark.parametrize("fault", [500, 503, 429])
async def test_a_passing_refusal_is_tried_again(serve, twilio, outbox, fault):
    twilio.faults = [fault, fault]
    async with serve(twilio):
        began = time.monotonic()
        await twilio.says(ANN, "hello")
        await until(lambda: twilio.took)
        if fault == 429:
            assert time.monotonic() - began >= 0.6, "Retry-After was not heeded"
        await stays(lambda: len(twilio.took) == 1)
    assert twilio.calls == 3
    assert outbox.waiting() == (0, 0)
    assert outbox.reports() == []


async def test_telegrams_own_way_to_ask_for_a_wait_is_understood(serve, telegram):
    telegram.faults = [429]
    telegram.retry_after = ""
    async with serve(telegram):
        began = time.monotonic()
        await telegram.says(5001, "hello")
        await until(lambda: telegram.took)
    assert time.monotonic() - began >= 1


async def test_an_outage_is_waited_out_and_the_order_kept(serve, twilio, outbox):
    async with serve(twilio):
        await twilio.down()
        for n in range(3):
            await twilio.says(ANN, f"question {n}")
        await stays(lambda: outbox.waiting()[0] + outbox.waiting()[1] == 3, 1.5)
        await twilio.start()
        await until(lambda: len(twilio.took) == 3)
        await stays(lambda: len(twilio.took) == 3)
    assert twilio.texts() == [f"You said: question {n}" for n in range(3)]


async def test_a_minute_without_any_platform_loses_and_doubles_nothing(
    serve, twilio, messenger, telegram, outbox, monkeypatch
):
    monkeypatch.setattr(delivery, "FIRST_WAIT", 1.0)
    async with serve(twilio, **(messenger.variables() | telegram.variables())):
        messenger.server = telegram.server = twilio.server
        for fake in (twilio, messenger, telegram):
            await fake.down()
        questions = [f"question {n}" for n in range(3)]
        for question in questions:
            for fake, user in ((twilio, ANN), (messenger, "7001"), (telegram, 5001)):
                assert (await fake.says(user, question))[0] == 200
        await stays(lambda: sum(outbox.waiting()) == 3 * len(questions), 60)
        for fake in (twilio, messenger, telegram):
            await fake.start()
        await until(lambda: outbox.waiting() == (0, 0), 60)
    for fake in (twilio, messenger, telegram):
        assert fake.texts() == [f"You said: {question}" for question in questions]
    assert outbox.reports() == []


async def test_an_outage_that_lasts_is_reported_to_staff_without_content(serve, twilio, outbox):
    async with serve(twilio, FAMILY_GUIDE_CHANNEL_GIVE_UP_MINUTES="0.01"):
        await twilio.down()
        await twilio.says(ANN, "a private question")
        await until(outbox.reports)
        await until(lambda: outbox.waiting() == (0, 0))
        await twilio.start()
        await stays(lambda: not twilio.took)
    (report,) = outbox.reports()
    assert (report.channel, report.what) == ("sms", "not_delivered")
    assert report.conversation.startswith("sms-")
    assert "private" not in repr(report)
    assert outbox.reports(after=report.id) == []


async def test_what_is_refused_for_good_is_not_tried_again_but_reported(serve, messenger, outbox):
    async with serve(messenger):
        event = messenger.event("7001", message={"mid": "m1", "text": "hello"})
        messenger.known.clear()
        await messenger.deliver(messenger.body(event))
        await until(outbox.reports)
        await stays(lambda: messenger.calls == 1)
    assert [(r.what, r.reason) for r in outbox.reports()] == [("not_delivered", "messenger 100")]


async def test_a_slow_platform_is_waited_for(serve, twilio):
    twilio.faults = ["slow"]
    async with serve(twilio):
        await twilio.says(ANN, "hello")
        await until(lambda: twilio.took)
        await stays(lambda: len(twilio.took) == 1)


@pytest.mark.parametrize("fault", ["reset", "lost"])
async def test_after_a_broken_connection_twilio_is_asked_whether_it_was_sent(serve, twilio, outbox, fault):
    twilio.faults = [fault]
    async with serve(twilio):
        await twilio.says(ANN, "hello")
        await until(lambda: twilio.took)
        await until(lambda: outbox.waiting() == (0, 0))
        await stays(lambda: twilio.texts() == ["You said: hello"])
    assert outbox.reports() == []


@pytest.mark.parametrize("fault", ["reset", "lost"])
async def test_where_nobody_can_tell_the_family_and_staff_are_told_and_nothing_is_sent_twice(
    serve, telegram, outbox, fault
):
    telegram.faults = [fault]
    async with serve(telegram):
        await telegram.says(5001, "hello")
        await until(lambda: any("may not have reached you" in text for text in telegram.texts()))
        await until(lambda: outbox.waiting() == (0, 0))
    assert telegram.texts().count("You said: hello") == (1 if fault == "lost" else 0)
    assert len(telegram.took) == (2 if fault == "lost" else 1)
    assert [report.what for report in outbox.reports()] == ["maybe_delivered"]


async def test_a_platform_that_never_answers_is_not_waited_for_for_ever(serve, telegram, outbox):
    telegram.faults = ["hangs"]
    async with serve(telegram, FAMILY_GUIDE_CHANNEL_SECONDS="0.4"):
        await telegram.says(5001, "hello")
        await until(lambda: telegram.took)
    assert "may not have reached you" in telegram.texts()[0]


async def test_a_failing_assistant_still_answers(serve, twilio, assistant):
    assistant.fails = True
    async with serve(twilio):
        await twilio.says(ANN, "hello")
        await until(lambda: twilio.took)
    assert "Something went wrong on our side" in twilio.texts()[0]


async def test_families_do_not_wait_for_each_other(serve, twilio, assistant):
    async def slow_for_ann(message):
        await asyncio.sleep(2 if "slow" in message.text else 0)
        await assistant(message)

    async with serve(twilio, slow_for_ann):
        await twilio.says(ANN, "slow question")
        await twilio.says(BOB, "quick question")
        await until(lambda: twilio.took, 1.5)
        assert twilio.took[0][0] == BOB
        await until(lambda: len(twilio.took) == 2)


async def test_two_servers_answer_each_message_once_and_in_order(serve, twilio, assistant, outbox):
    async with serve(twilio):
        first = twilio.server
        async with serve(twilio):
            second = twilio.server
            for n in range(6):
                form = twilio.form(ANN, f"question {n}")
                # Twilio sends it again, to another server.
                for twilio.server in (first, second) if n % 2 else (second, first):
                    assert (await twilio.deliver(form))[0] == 200
            await until(lambda: len(twilio.took) == 6)
            await stays(lambda: len(twilio.took) == 6)
    assert twilio.texts() == [f"You said: question {n}" for n in range(6)]
    assert len(assistant.heard) == 6


async def test_a_retried_webhook_after_a_restart_is_not_answered_again(serve, twilio):
    form = twilio.form(ANN, "hello")
    async with serve(twilio):
        await twilio.deliver(form)
        await until(lambda: twilio.took)
    async with serve(twilio):
        await twilio.deliver(form)
        await stays(lambda: len(twilio.took) == 1)


async def test_what_was_left_at_a_stop_is_answered_after_the_start(serve, twilio, outbox):
    async with serve(twilio):
        await twilio.down()
        await twilio.says(ANN, "hello")
        await until(lambda: outbox.waiting() == (0, 1))
    await twilio.start()
    async with serve(twilio):
        await until(lambda: twilio.took)
        await stays(lambda: len(twilio.took) == 1)


async def test_too_many_messages_get_one_notice_but_an_emergency_is_always_answered(serve, twilio, assistant, outbox):
    async with serve(twilio, FAMILY_GUIDE_RATE_PER_SESSION="2"):
        for n in range(6):
            await twilio.says(ANN, f"question {n}")
        await twilio.says(ANN, "she is not breathing")
        await until(lambda: outbox.waiting() == (0, 0))
    assert len(assistant.heard) == 2
    assert ["wait a minute" in text for text in twilio.texts()] == [False, False, True, False]
    assert "call 911" in twilio.texts()[3]


async def test_a_message_that_is_too_long_is_said_to_be(serve, twilio, assistant):
    async with serve(twilio, FAMILY_GUIDE_MAX_CHARS="50"):
        await twilio.says(ANN, "x" * 51)
        await until(lambda: len(twilio.took) == 1)
        await twilio.says(ANN, "she is not breathing " + "x" * 51)
        await until(lambda: len(twilio.took) == 2)
    assert "too long" in twilio.texts()[0]
    assert "call 911" in twilio.texts()[1]
    assert not assistant.heard


async def test_nothing_that_identifies_a_family_is_stored_or_logged(serve, twilio, tmp_path, capfd):
    async with serve(twilio):
        await twilio.down()
        await twilio.says(ANN, "my very private question")
        await twilio.deliver({**twilio.form(ANN, "private"), "MessageSid": ANN})
        await asyncio.sleep(0.5)
        stored = b"".join(file.read_bytes() for file in tmp_path.glob("conversations.db*"))
        await twilio.start()
        await until(lambda: len(twilio.took) == 2)
    assert stored
    logged = "".join(capfd.readouterr()).encode()
    for secret in (b"5551230001", b"private", twilio.token.encode() + b'"'):
        assert secret not in stored
        assert secret not in logged


async def test_what_another_key_sealed_is_reported_and_not_in_the_way(serve, twilio, outbox, tmp_path):
    async with serve(twilio):
        await twilio.down()
        await twilio.says(ANN, "hello")
        await until(lambda: outbox.waiting() == (0, 1))
    await twilio.start()
    (tmp_path / "secret.key").write_text("another key")
    async with serve(twilio):
        await until(outbox.reports)
        await until(lambda: outbox.waiting() == (0, 0))
        await twilio.says(ANN, "hello again")
        await until(lambda: twilio.took)
    assert [report.reason for report in outbox.reports()] == ["key changed"]


async def test_a_killed_server_answers_after_its_restart_each_message_once(twilio, outbox, tmp_path):
    """Killed while it answers one family and sends to another: SIGKILL, with nothing tidied up."""
    environment = {**os.environ, **twilio.variables(), "FAMILY_GUIDE_VAR": str(tmp_path)}
    heard = tmp_path / "heard.txt"

    def start(seconds):
        port = free_port()
        twilio.server = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "tests.messaging.small_server", str(port), str(seconds), str(heard)]
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    async def listening():
        for _ in range(600):
            try:
                async with twilio.client.get(f"{twilio.server}/webhooks/sms/"):
                    return
            except OSError:
                await asyncio.sleep(0.1)
        raise AssertionError("the server did not start")

    server = start(60)
    try:
        await listening()
        twilio.faults = ["slow"]
        for user, text in [(BOB, "slow question"), (ANN, "question 0"), (ANN, "question 1")]:
            assert (await twilio.says(user, text))[0] == 200
        await until(lambda: twilio.calls == 1 and "slow" in heard.read_text())
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert outbox.waiting() == (2, 1)

        server = start(0)
        await until(lambda: len(twilio.took) == 3, 60)
        await until(lambda: outbox.waiting() == (0, 0))
        await stays(lambda: len(twilio.took) == 3)
    finally:
        server.kill()
        server.wait()
    assert twilio.texts(ANN) == ["You said: question 0", "You said: question 1"]
    assert twilio.texts(BOB) == ["You said: slow question"]
    assert outbox.reports() == []


def test_waits_grow_up_to_two_minutes():
    assert delivery.LONGEST_WAIT == 120
