"""A line between the browser and the assistant that can be cut, and mended."""

import contextlib
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit


class Line:
    """Passes every connection on to an assistant.

    Args:
        target: address of the assistant.

    Attributes:
        url: address of this end.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._cut = False
        self._swallow = b""
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "Line":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """Break all connections; new ones break at once."""
        self._cut = True
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    def mend(self) -> None:
        """Let connections through again."""
        self._cut = False

    def lose_reply_to(self, path: str) -> None:
        """Let the next request to a path through, and break the line before its reply arrives."""
        self._swallow = path.encode()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._server.accept()
            except OSError:
                return
            if self._cut:
                browser.close()
                continue
            where = urlsplit(self.target)
            try:
                assistant = socket.create_connection((where.hostname or "", where.port or 80))
            except OSError:
                browser.close()
                continue
            self._connections += [browser, assistant]
            lost = threading.Event()
            for source, sink, is_request in ((browser, assistant, True), (assistant, browser, False)):
                threading.Thread(target=self._pump, args=(source, sink, is_request, lost), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_request: bool, lost: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_request and self._swallow and self._swallow in data.split(b"\r\n", 1)[0]:
                    self._swallow = b""
                    lost.set()
                if not is_request and lost.is_set():
                    # With no byte of a reply the browser itself would ask again.
                    sink.sendall(data[:10])
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
