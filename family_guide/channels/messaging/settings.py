"""Settings of the messaging channels, and which of them are on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseSettings, Field, SecretStr, ValidationError, validator

PREFIX = "FAMILY_GUIDE_"


class MessagingSettings(BaseSettings):
    """What the environment sets; a variable is `FAMILY_GUIDE_` and the field's name.

    A channel is on when its own variables are set, and off otherwise.
    """

    public_url: str = Field("", description="Address at which platforms reach us, as in https://chat.example.org.")
    channel_give_up_minutes: float = Field(
        60, gt=0, description="Minutes after which an undelivered reply is given up."
    )
    channel_seconds: float = Field(15, gt=0, description="Seconds a platform's API may take to answer.")

    twilio_account_sid: str = Field("", description="Twilio: the account's SID.")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="Twilio: the account's auth token.")
    twilio_sms_number: str = Field(
        "", description="Twilio: number that families text, as in +15551234567; turns SMS on."
    )
    twilio_whatsapp_number: str = Field(
        "", description="Twilio: WhatsApp number, as in +15551234567; turns WhatsApp on."
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="Twilio: address of the API.")

    messenger_app_secret: SecretStr = Field(SecretStr(""), description="Messenger: the app's secret.")
    messenger_verify_token: SecretStr = Field(
        SecretStr(""), description="Messenger: word of your choice that Meta sends back once."
    )
    messenger_page_token: SecretStr = Field(SecretStr(""), description="Messenger: the page's access token.")
    messenger_api_url: str = Field("https://graph.facebook.com/v23.0", description="Messenger: address of the API.")

    telegram_token: SecretStr = Field(SecretStr(""), description="Telegram: the bot's token.")
    telegram_secret: SecretStr = Field(
        SecretStr(""), description="Telegram: word of your choice that Telegram sends with each message."
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="Telegram: address of the API.")

    xmpp_address: str = Field("", description="XMPP: the assistant's address, as in guide@chat.example.org.")
    xmpp_password: SecretStr = Field(SecretStr(""), description="XMPP: its password.")
    xmpp_server: str = Field("", description="XMPP: host:port of the server; found by DNS when not set.")
    xmpp_ca_file: str = Field(
        "", description="XMPP: file of the authority behind the server's certificate, if private."
    )

    @validator("public_url", "twilio_api_url", "messenger_api_url", "telegram_api_url")
    def _an_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            raise ValueError("must begin with https:// and a name")
        return value.rstrip("/")

    @validator("twilio_sms_number", "twilio_whatsapp_number")
    def _a_number(cls, value: str) -> str:
        # The platform's own way of writing WhatsApp numbers is a common thing to paste.
        value = value.removeprefix("whatsapp:")
        if value and not re.fullmatch(r"\+?\d{3,15}", value):
            raise ValueError("must be a number such as +15551234567")
        return value

    @validator("telegram_secret")
    def _a_header_value(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
            raise ValueError("may hold letters, digits, _ and - only, up to 256")
        return value

    class Config:
        """Where pydantic reads the values."""

        env_prefix = PREFIX
        validate_all = True


@dataclass(frozen=True)
class ChannelStatus:
    """Whether a channel is on.

    Attributes:
        name: the channel.
        missing: variables that it still needs.
        touched: whether any variable of its own is set.
    """

    name: str
    missing: tuple[str, ...]
    touched: bool

    @property
    def on(self) -> bool:
        """Whether everything it needs is set."""
        return not self.missing

    def __str__(self) -> str:
        if self.on:
            return f"{self.name}: on"
        needs = ", ".join(self.missing)
        return f"{self.name}: {'NOT COMPLETE, missing' if self.touched else 'off, needs'} {needs}"


class IncompleteChannel(RuntimeError):
    """Some variables of a channel are set and others are not; the message names them."""


_TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
_NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sms": (("TWILIO_SMS_NUMBER",), (*_TWILIO, "TWILIO_SMS_NUMBER", "PUBLIC_URL")),
    "whatsapp": (("TWILIO_WHATSAPP_NUMBER",), (*_TWILIO, "TWILIO_WHATSAPP_NUMBER", "PUBLIC_URL")),
    "messenger": (
        ("MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN", "MESSENGER_PAGE_TOKEN"),
        ("MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN", "MESSENGER_PAGE_TOKEN", "PUBLIC_URL"),
    ),
    "telegram": (("TELEGRAM_TOKEN", "TELEGRAM_SECRET"), ("TELEGRAM_TOKEN", "TELEGRAM_SECRET", "PUBLIC_URL")),
    "xmpp": (("XMPP_ADDRESS", "XMPP_PASSWORD"), ("XMPP_ADDRESS", "XMPP_PASSWORD")),
}
"""Per channel: the variables that show that it is wanted, and those that it needs."""


def channel_status(environment: Mapping[str, str]) -> list[ChannelStatus]:
    """Return which channels are on, and what the others need.

    Args:
        environment: variables, such as `os.environ`.
    """

    def is_set(name: str) -> bool:
        return bool(environment.get(PREFIX + name, "").strip())

    statuses = []
    for name, (own, needs) in _NEEDS.items():
        touched = any(map(is_set, own))
        if name == "sms" and any(map(is_set, _TWILIO)) and not is_set("TWILIO_WHATSAPP_NUMBER"):
            # An account without any number is half of a channel too.
            touched = True
        missing = tuple(PREFIX + variable for variable in needs if not is_set(variable))
        statuses.append(ChannelStatus(name, missing, touched))
    return statuses


def channel_problems(environment: Mapping[str, str]) -> list[str]:
    """Return what keeps channels from starting, each with the variable and the fix; empty if nothing does.

    Args:
        environment: variables, such as `os.environ`.
    """
    problems = [_half_set(status) for status in channel_status(environment) if status.touched and not status.on]
    given = {
        name: environment[key] for name in MessagingSettings.__fields__ if (key := PREFIX + name.upper()) in environment
    }
    try:
        MessagingSettings(**given)
    except ValidationError as error:
        problems += [f"{PREFIX}{str(one['loc'][0]).upper()}: {one['msg']}." for one in error.errors()]
    return problems


def _half_set(status: ChannelStatus) -> str:
    return (
        f"The channel {status.name} is only half set: {', '.join(status.missing)} missing. "
        f"Set it, or unset the others (docs/channels/{status.name}.md)."
    )


def channels_on(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the channels that are on.

    Raises:
        IncompleteChannel: a channel is half set.
    """
    statuses = channel_status(environment)
    for status in statuses:
        if status.touched and not status.on:
            raise IncompleteChannel(_half_set(status))
    return [status.name for status in statuses if status.on]
