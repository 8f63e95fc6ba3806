"""The connectors in a process of their own that a test can kill.

Arguments: port, seconds that an answer to a slow question takes, file of what was heard.
"""

import asyncio
import os
import sys

from rasa.core.channels import channel as rasa_channels
from sanic import Sanic

from family_guide.channels.messaging import desk
from family_guide.channels.messaging.registry import messaging_channels
from family_guide.settings import Settings
from tests.messaging.conftest import StandIn


def main():
    port, seconds, heard = sys.argv[1:]
    # The test need not wait as long as a server does for another.
    desk.LEASE_SECONDS, desk.RENEW_SECONDS, desk.SWEEP_SECONDS = 3.0, 1.0, 0.3

    async def answer(message):
        with open(heard, "a") as file:
            file.write(f"{message.text}\n")
        await asyncio.sleep(float(seconds) if "slow" in message.text else 0)
        await message.output_channel.send_response(message.sender_id, {"text": f"You said: {message.text}"})

    app = Sanic("small_server", configure_logging=False)
    rasa_channels.register(messaging_channels(Settings(), os.environ), app, route="/webhooks/")
    app.ctx.agent = StandIn(answer)
    app.run(host="127.0.0.1", port=int(port), access_log=False, motd=False)


if __name__ == "__main__":
    main()
