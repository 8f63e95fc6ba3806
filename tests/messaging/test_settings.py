import pytest
from pydantic import ValidationError

from family_guide.channels.messaging.registry import messaging_channels
from family_guide.channels.messaging.settings import (
    PREFIX,
    IncompleteChannel,
    MessagingSettings,
    channel_problems,
    channel_status,
    channels_on,
)
from family_guide.settings import ROOT, Settings
from tests.messaging.fakes import FakeMessenger, FakeTelegram, FakeTwilio

XMPP = {"FAMILY_GUIDE_XMPP_ADDRESS": "guide@localhost", "FAMILY_GUIDE_XMPP_PASSWORD": "x"}


def test_every_channel_is_off_by_default():
    assert channels_on({}) == []
    assert messaging_channels(Settings(), {}) == []
    assert [status.name for status in channel_status({})] == ["sms", "whatsapp", "messenger", "telegram", "xmpp"]
    assert all("off, needs FAMILY_GUIDE_" in str(status) for status in channel_status({}))


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        (FakeTwilio().variables(), ["sms", "whatsapp"]),
        (FakeMessenger().variables(), ["messenger"]),
        (FakeTelegram().variables(), ["telegram"]),
        (XMPP, ["xmpp"]),
    ],
)
def test_a_channel_is_on_when_its_variables_are_set_and_half_a_channel_does_not_start(variables, names):
    assert channels_on(variables) == names
    for variable in variables:
        if variable.endswith(("API_URL", "_NUMBER")):
            continue
        rest = {name: value for name, value in variables.items() if name != variable}
        for less in (rest, {**rest, variable: " "}):
            with pytest.raises(IncompleteChannel, match=variable):
                channels_on(less)
            with pytest.raises(IncompleteChannel, match=variable):
                messaging_channels(Settings(), less)


def test_a_twilio_account_without_a_number_is_half_a_channel():
    variables = {k: v for k, v in FakeTwilio().variables().items() if not k.endswith("NUMBER")}
    with pytest.raises(IncompleteChannel, match="FAMILY_GUIDE_TWILIO_SMS_NUMBER"):
        channels_on(variables)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "chat.example.org"),
        ("TWILIO_SMS_NUMBER", "call me"),
        ("TELEGRAM_SECRET", "with space"),
        ("CHANNEL_SECONDS", "0"),
    ],
)
def test_a_value_that_does_not_fit_is_named(monkeypatch, name, value):
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        MessagingSettings()


def test_all_that_is_wrong_is_said_at_once():
    variables = {"FAMILY_GUIDE_TELEGRAM_SECRET": "with space", "FAMILY_GUIDE_PUBLIC_URL": "x"}
    problems = channel_problems(variables)
    assert ["FAMILY_GUIDE_TELEGRAM_TOKEN missing" in problem for problem in problems] == [True, False, False]
    assert [problem.partition(":")[0] for problem in problems[1:]] == [
        "FAMILY_GUIDE_PUBLIC_URL",
        "FAMILY_GUIDE_TELEGRAM_SECRET",
    ]
    assert channel_problems({}) == []


def test_secrets_are_not_shown(monkeypatch):
    monkeypatch.setenv("FAMILY_GUIDE_TWILIO_AUTH_TOKEN", "hidden words")
    assert "hidden words" not in repr(MessagingSettings())


def test_the_command_says_which_channels_are_on_and_what_is_missing(monkeypatch, capsys):
    from family_guide.cli import main

    assert main(["check-channels"]) == 0
    assert "sms: off, needs FAMILY_GUIDE_TWILIO_ACCOUNT_SID" in capsys.readouterr().out
    for name, value in FakeTwilio().variables().items():
        monkeypatch.setenv(name, value)
    assert main(["check-channels"]) == 0
    assert "sms: on" in capsys.readouterr().out
    monkeypatch.delenv("FAMILY_GUIDE_TWILIO_AUTH_TOKEN")
    assert main(["check-channels"]) == 1
    said = capsys.readouterr()
    assert "sms: NOT COMPLETE, missing FAMILY_GUIDE_TWILIO_AUTH_TOKEN" in said.out
    assert "FAMILY_GUIDE_TWILIO_AUTH_TOKEN missing" in said.err


def test_the_example_file_names_every_variable_and_holds_no_secret():
    lines = (ROOT / "deploy" / "channels.env.example").read_text().splitlines()
    named = {line.removeprefix("#").partition("=")[0] for line in lines if "=" in line}
    assert named == {PREFIX + name.upper() for name in MessagingSettings.__fields__}
    secrets = [line for line in lines if any(word in line for word in ("TOKEN=", "SECRET=", "PASSWORD="))]
    assert all(line.endswith("=") for line in secrets)


def test_every_channel_has_a_page_that_names_its_variables():
    for status in channel_status({}):
        page = (ROOT / "docs" / "channels" / f"{status.name}.md").read_text()
        assert [name for name in status.missing if name not in page] == []
