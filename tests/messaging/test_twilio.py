"""SMS and WhatsApp through a fake of Twilio."""

import pytest
from twilio.request_validator import RequestValidator

from tests.messaging.conftest import stays, until

ANN, BOB = "+15551230001", "+15551230002"


@pytest.mark.parametrize(
    ("caller", "signature"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc=")],
)
def test_signatures_are_those_of_twilios_published_examples(caller, signature):
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": caller,
        "Digits": "1234",
        "From": caller,
        "To": "+18005551212",
    }
    assert RequestValidator("12345").validate("https://mycompany.com/myapp.php?foo=1&bar=2", form, signature)


@pytest.mark.parametrize(("channel", "user"), [("sms", ANN), ("whatsapp", f"whatsapp:{ANN}")])
async def test_a_question_is_acknowledged_at_once_and_answered(serve, twilio, assistant, channel, user):
    assistant.seconds = 0.3
    async with serve(twilio):
        status, body = await twilio.says(ANN, "is asps cancer", channel)
        assert status == 200
        assert "<Message" not in body
        assert not twilio.took
        await until(lambda: twilio.took)
        assert twilio.took == [(user, "You said: is asps cancer")]
        ((conversation, _),) = assistant.heard
        assert conversation.startswith(f"{channel}-")
        assert "5551230001" not in conversation


OPTIONS = {
    "text": "How long has the lump been there?",
    "buttons": [
        {"title": "Less than two weeks", "payload": '/check_symptoms{"choice": "check:long:short"}'},
        {"title": "Longer", "payload": '/check_symptoms{"choice": "check:long:long"}'},
    ],
}


@pytest.mark.parametrize("typed", ["2", " 2. ", "2)", "option 2", "#2", "two", "２", "2️⃣", "longer", "Longer."])
async def test_options_are_numbered_and_understood_when_typed(serve, twilio, assistant, typed):
    assistant.says = [[OPTIONS]]
    async with serve(twilio):
        await twilio.says(ANN, "check her symptoms")
        await until(lambda: twilio.took)
        assert twilio.texts()[0].endswith("1. Less than two weeks\n2. Longer\n\nReply 1 or 2.")
        await twilio.says(ANN, typed)
        await until(lambda: len(twilio.took) == 2)
    assert assistant.heard[1][1] == "check_symptoms"
    assert twilio.texts()[1] == "You said: Longer"


@pytest.mark.parametrize("typed", ["3", "0", "911", "2 weeks", "longer than that"])
async def test_what_is_no_option_is_handed_on_as_typed(serve, twilio, assistant, typed):
    assistant.says = [[OPTIONS]]
    async with serve(twilio):
        await twilio.says(ANN, "check her symptoms")
        await until(lambda: twilio.took)
        await twilio.says(ANN, typed)
        await until(lambda: len(assistant.heard) == 2)
    assert assistant.heard[1][1] == typed


async def test_a_number_means_the_last_options_of_the_same_family_only(serve, twilio, assistant):
    async with serve(twilio):
        assistant.says = [[OPTIONS]]
        await twilio.says(ANN, "check her symptoms")
        await until(lambda: len(twilio.took) == 1)
        await twilio.says(BOB, "2")
        await until(lambda: len(twilio.took) == 2)
        await twilio.says(ANN, "what is asps")
        await until(lambda: len(twilio.took) == 3)
        await twilio.says(ANN, "2")
        await until(lambda: len(twilio.took) == 4)
    assert [what for _, what in assistant.heard] == ["check her symptoms", "2", "what is asps", "2"]


async def test_options_of_several_messages_are_numbered_through(serve, twilio, assistant):
    assistant.says = [[{"text": "It can.", "buttons": [{"title": "A", "payload": "/affirm"}]}, OPTIONS]]
    async with serve(twilio):
        await twilio.says(ANN, "can it spread")
        await until(lambda: len(twilio.took) == 2)
        assert "1. A" in twilio.texts()[0]
        assert "2. Less than two weeks\n3. Longer" in twilio.texts()[1]
        await twilio.says(ANN, "3")
        await until(lambda: len(twilio.took) == 3)
    assert twilio.texts()[2] == "You said: Longer"


async def test_a_long_answer_is_split_at_sentence_ends_and_sent_in_order(serve, twilio, assistant):
    sentences = [f"This is sentence number {n} of a long answer." for n in range(120)]
    assistant.says = [[{"text": " ".join(sentences)}]]
    async with serve(twilio):
        await twilio.says(ANN, "tell me all")
        await until(lambda: len(twilio.took) == 4)
    assert not twilio.refused
    texts = twilio.texts()
    assert [text[:6] for text in texts] == [f"({n}/4) " for n in range(1, 5)]
    assert all(text.endswith("answer.") for text in texts)
    assert " ".join(text[6:] for text in texts) == " ".join(sentences)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
async def test_an_emergency_carries_a_number_to_tap_even_when_the_assistant_fails(serve, twilio, assistant, channel):
    assistant.fails = True
    async with serve(twilio):
        await twilio.says(ANN, "she is not breathing", channel)
        await until(lambda: twilio.took)
    assert "call 911" in twilio.texts()[0]
    assert twilio.texts()[0].endswith("tel:911")


async def test_stop_is_honoured_until_start(serve, twilio, assistant, outbox):
    async with serve(twilio):
        await twilio.says(ANN, "what is asps")
        await until(lambda: len(twilio.took) == 1)
        await twilio.says(ANN, "Stop")
        await until(lambda: outbox.waiting() == (0, 0))
        await twilio.says(ANN, "what is asps")
        await until(lambda: outbox.waiting() == (0, 0))
        await stays(lambda: len(twilio.took) == 1)
        assert not twilio.refused
        assert len(assistant.heard) == 1
        await twilio.says(ANN, "START")
        await until(lambda: len(twilio.took) == 2)
        assert twilio.texts()[1].startswith("Welcome")
        await twilio.says(ANN, "what is asps")
        await until(lambda: len(twilio.took) == 3)
    assert outbox.reports() == []


async def test_help_says_what_this_is_and_whom_to_call(serve, twilio, assistant):
    async with serve(twilio):
        await twilio.says(ANN, "HELP")
        await until(lambda: twilio.took)
    assert "911" in twilio.texts()[0]
    assert "STOP" in twilio.texts()[0]
    assert not assistant.heard


async def test_yes_and_stop_are_plain_words_where_they_are_no_keywords(serve, twilio, assistant):
    async with serve(twilio):
        await twilio.says(ANN, "yes")
        await twilio.says(ANN, "stop", "whatsapp")
        await until(lambda: len(twilio.took) == 2)
    assert sorted(what for _, what in assistant.heard) == ["stop", "yes"]


async def test_nothing_is_added_to_what_twilio_itself_answered_to_a_keyword(serve, twilio, assistant, outbox):
    async with serve(twilio):
        await twilio.says(ANN, "HELP", OptOutType="HELP")
        await until(lambda: outbox.waiting() == (0, 0))
        await stays(lambda: not twilio.took)
    assert not assistant.heard


async def test_a_number_that_twilio_blocks_is_written_to_no_more(serve, twilio, outbox):
    twilio.opted_out.add(ANN)
    async with serve(twilio):
        await twilio.says(ANN, "what is asps")
        await until(lambda: twilio.refused)
        await twilio.says(ANN, "what is asps")
        await until(lambda: outbox.waiting() == (0, 0))
        await stays(lambda: len(twilio.refused) == 1)


async def test_a_picture_or_a_place_gets_a_kind_reply(serve, twilio, assistant):
    form = twilio.form(ANN, "", "whatsapp", NumMedia="1", MediaUrl0="https://x", Latitude="1", Longitude="2")
    async with serve(twilio):
        status, _ = await twilio.deliver(form, "whatsapp")
        assert status == 200
        await until(lambda: twilio.took)
    assert twilio.texts()[0].startswith("I can only read words.")
    assert not assistant.heard


async def test_a_message_that_cannot_be_kept_is_answered_at_once(serve, twilio, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from family_guide.channels.messaging.outbox import Outbox

    def fails(*_):
        raise OperationalError("INSERT", {}, Exception())

    async with serve(twilio):
        monkeypatch.setattr(Outbox, "receive", fails)
        status, body = await twilio.says(ANN, "she is not breathing")
        assert status == 200
        assert "<Message>" in body
        assert "911" in body


async def test_another_accounts_or_an_unsigned_message_is_refused(serve, twilio, assistant, capfd):
    form = twilio.form(ANN, "secret words")
    other = {**form, "AccountSid": "AC" + "1" * 32}
    async with serve(twilio):
        for sent, signature in [
            (form, "x"),
            (form, twilio.signature("sms", form, token="another")),
            (form, twilio.signature("whatsapp", form)),
            ({**form, "Body": "changed"}, twilio.signature("sms", form)),
            (other, twilio.signature("sms", other)),
        ]:
            status, _ = await twilio.deliver(sent, signature=signature)
            assert status == 403
        assert (await twilio.post("/webhooks/sms/webhook", b"Body=x", {}))[0] == 403
    assert not assistant.heard
    logged = "".join(capfd.readouterr())
    assert "secret words" not in logged
    assert ANN not in logged
