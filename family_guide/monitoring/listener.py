"""Health, readiness and metrics of a process, on a port of their own that no proxy passes on."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

Check = Callable[[], Awaitable[None]]
"""Raises while the process is not ready for that reason."""

_LOOP_SECONDS = 5.0
_CHECK_SECONDS = 3.0


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Monitor:
    """Answers `/health`, `/ready` and `/metrics` from a thread, so also while the event loop is busy or stuck.

    Args:
        loop: the event loop of the process; `/health` fails when it does not get to its work for 5 seconds.
        checks: what must hold for the process to be ready, by name.
        about: what `/ready` says besides, such as the name of the model.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        checks: Mapping[str, Check],
        about: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._loop, self._checks, self._about = loop, checks, about
        self._server: WSGIServer | None = None
        self._draining = False

    def start(self, host: str, port: int) -> int:
        """Listen, and return the port (0 chooses a free one).

        Raises:
            OSError: the port cannot be used.
        """
        self._server = make_server(host, port, self._answer, _Server, _Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True, name="monitor").start()
        return int(self._server.server_port)

    def drain(self) -> None:
        """Answer from now on that the process is not ready: it is about to stop."""
        self._draining = True

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        kind = "application/json"
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            status, body = "405 Method Not Allowed", b"{}"
        elif path == "/metrics":
            status, body, kind = "200 OK", generate_latest(REGISTRY), CONTENT_TYPE_LATEST
        elif path == "/health":
            alive = self._in_loop(_nothing, _LOOP_SECONDS)
            status, body = _status(alive), json.dumps({"healthy": alive}).encode()
        elif path == "/ready":
            found = {name: self._in_loop(check, _CHECK_SECONDS) for name, check in self._checks.items()}
            ready = all(found.values()) and not self._draining
            said = {"ready": ready, "draining": self._draining, "checks": found, **self._about()}
            status, body = _status(ready), json.dumps(said).encode()
        else:
            status, body = "404 Not Found", b"{}"
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _in_loop(self, check: Check, seconds: float) -> bool:
        try:
            asyncio.run_coroutine_threadsafe(_run(check), self._loop).result(seconds)
        except (Exception, FutureTimeout):  # whatever is wrong, the answer is no
            return False
        return True


async def _run(check: Check) -> None:
    await check()


async def _nothing() -> None:
    pass


def _status(good: bool) -> str:
    return "200 OK" if good else "503 Service Unavailable"
