"""An action server whose failures a test decides."""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from rasa_sdk.executor import ActionExecutor


class ActionServer:
    """Runs the project's actions as rasa-sdk's own server does.

    Attributes:
        fails: empty, or how it fails: `error` (status 500), `nonsense` (no JSON), `hang` or `hang_up`.
        seconds: how long it hangs.
    """

    def __init__(self, seconds: float) -> None:
        self.fails = ""
        self.seconds = seconds
        self._executor = ActionExecutor()
        self._executor.register_package("actions")
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.fails == "hang_up":
                    self.close_connection = True
                    return
                if outer.fails == "hang":
                    time.sleep(outer.seconds)
                status, body = outer._answer(call)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the assistant did not wait

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}/webhook"

    def _answer(self, call: dict[str, Any]) -> tuple[int, bytes]:
        if self.fails == "error":
            return 500, b'{"error": "out of order"}'
        if self.fails == "nonsense":
            return 200, b"<html>out of order</html>"
        return 200, json.dumps(asyncio.run(self._executor.run(call))).encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
