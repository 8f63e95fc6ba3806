"""The website of somebody else, with the chat on it, and an assistant that lets it."""

import http.server
import signal
import threading
from pathlib import Path

from tests.conftest import Assistant, start_assistant, stop


class Website:
    """A hospital's website with a strict Content-Security-Policy of its own.

    Attributes:
        url: its address.
        page: what it shows; ASSISTANT stands for the assistant's address.
        assistant: address of the assistant.
    """

    def __init__(self) -> None:
        website = self
        self.page = ""
        self.assistant = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin = website.assistant
                policy = f"default-src 'none'; script-src {origin}; connect-src {origin}; style-src 'none'"
                body = website.page.replace("ASSISTANT", origin).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", f"{policy}; require-trusted-types-for 'script'")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop the website."""
        self._server.shutdown()
        self._server.server_close()


class Embedded:
    """The assistant behind a website, which tests may kill and start again.

    Args:
        folder: for its conversations, which outlive it.
        models: folder of the trained model.
        website: the website that may use it.

    Attributes:
        assistant: the running one.
    """

    def __init__(self, folder: Path, models: Path, website: Website) -> None:
        self._folder, self._models, self._website = folder, models, website
        self.assistant: Assistant
        self.start()

    def start(self) -> None:
        """Start it, on a port of its own."""
        self.assistant = start_assistant(self._folder, self._models, FAMILY_GUIDE_ALLOWED_ORIGINS=self._website.url)
        self._website.assistant = self.assistant.url

    def freeze(self) -> None:
        """Have it take messages and not answer them."""
        self.assistant.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.assistant.process.kill()
        self.assistant.process.wait()

    def close(self) -> None:
        """Stop it."""
        stop(self.assistant)
