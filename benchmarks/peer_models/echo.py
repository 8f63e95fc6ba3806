"""The floor: the same web server, doing nothing. `python -m benchmarks.peer_models.echo PORT`"""

import sys

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json


def main(port: int) -> None:
    """Answer every message with itself, in the form of Rasa's REST channel.

    Args:
        port: of 127.0.0.1.
    """
    app = Sanic("echo", configure_logging=False)

    @app.get("/")
    async def health(request: Request) -> HTTPResponse:
        return json({"status": "ok"})

    @app.post("/webhooks/rest/webhook")
    async def webhook(request: Request) -> HTTPResponse:
        return json([{"recipient_id": request.json["sender"], "text": request.json["message"]}])

    app.run(host="127.0.0.1", port=port, access_log=False, workers=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
