"""The messaging channels of a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from family_guide.channels.messaging.settings import MessagingSettings, channels_on
from family_guide.settings import Settings

if TYPE_CHECKING:
    from family_guide.channels.messaging.shared import Backbone, MessagingChannel


def messaging_channels(configured: Settings, environment: Mapping[str, str]) -> list[MessagingChannel]:
    """Return the connectors of the channels that are on.

    Args:
        configured: the deployment's settings.
        environment: variables, such as `os.environ`.

    Raises:
        IncompleteChannel: a channel is half set; names the variable.
        pydantic.ValidationError: a variable holds a value that does not fit; names it.
    """
    names = channels_on(environment)
    if not names:
        return []
    from family_guide.channels.messaging.outbox import Outbox
    from family_guide.channels.messaging.seal import Seal
    from family_guide.channels.messaging.shared import Backbone
    from family_guide.channels.session import server_key
    from family_guide.privacy.database import create_engine

    url = configured.database_url or f"sqlite:///{configured.var / 'conversations.db'}"
    seal = Seal(server_key(configured.secret, configured.var))
    backbone = Backbone(configured, MessagingSettings.parse_obj({}), Outbox(create_engine(url)), seal)
    return [_connector(name, backbone) for name in names]


def _connector(name: str, backbone: Backbone) -> MessagingChannel:
    # Each platform's libraries are loaded only where it is on.
    if name == "sms":
        from family_guide.channels.messaging.twilio import SmsInput

        return SmsInput(backbone)
    if name == "whatsapp":
        from family_guide.channels.messaging.twilio import WhatsAppInput

        return WhatsAppInput(backbone)
    if name == "messenger":
        from family_guide.channels.messaging.messenger import MessengerInput

        return MessengerInput(backbone)
    if name == "telegram":
        from family_guide.channels.messaging.telegram import TelegramInput

        return TelegramInput(backbone)
    from family_guide.channels.messaging.xmpp import XmppInput

    return XmppInput(backbone)
