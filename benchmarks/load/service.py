"""A service of several servers: assistants behind nginx, with PostgreSQL and Redis or with SQLite.

Every process is started again as soon as it ends, as a container manager does, unless a
fault keeps it away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests

from family_guide.settings import ROOT
from family_guide.training import trained_model
from tests.ports import free_port
from tests.services import Postgres, Redis

_READY_SECONDS = 600
QUESTION = "can it spread"

_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream assistants {{
        zone assistants 128k;
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://assistants;
            proxy_http_version 1.1;
            proxy_set_header Connection close;
            proxy_connect_timeout 2s;
            proxy_read_timeout 15s;
            # A message has an id of its own and is taken once, so another server may be asked as well.
            proxy_next_upstream error timeout non_idempotent;
            proxy_next_upstream_tries 2;
        }}
    }}
}}
"""


class Supervised:
    """A process that is started again whenever it ends.

    Args:
        name: of its log.
        command: what is run.
        folder: for the log.
        environment: besides that of this process.
    """

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        self._log = folder / f"{name}.log"
        self._command = command
        self._environment = {**os.environ, **(environment or {})}
        self._stopped = False
        self.process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        with open(self._log, "ab") as output:
            return subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=output, stderr=subprocess.STDOUT
            )

    def _watch(self) -> None:
        while not self._stopped:
            self.process.wait()
            if not self._stopped:
                self.process = self._start()

    def kill(self) -> None:
        """Kill it as a crash does; it is started again at once."""
        self.process.kill()

    def stop(self) -> None:
        """End it for good."""
        self._stopped = True
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Service:
    """The running service.

    Args:
        folder: for everything that it writes.
        servers: how many assistants.
        sqlite: whether conversations are in SQLite in `folder / "disk"`, for one server only.
        action_url: address of an action server; without one actions run in the assistants.
        preload: a library that each assistant is started with, and its environment.
    """

    def __init__(
        self,
        folder: Path,
        servers: int = 2,
        sqlite: bool = False,
        action_url: str = "",
        preload: Callable[[int], dict[str, str]] = lambda number: {},
    ) -> None:
        self.folder = folder
        self.postgres, self.redis = (None, None) if sqlite else (self._postgres(), Redis())
        shared = {
            "FAMILY_GUIDE_MODELS": str(trained_model(ROOT / "var" / "models").parent),
            "FAMILY_GUIDE_SECRET": "the same on every server, for this run alone",
            "FAMILY_GUIDE_RATE_PER_ADDRESS": "0",
            "FAMILY_GUIDE_RATE_PER_SESSION": "0",
            "FAMILY_GUIDE_ACTION_URL": action_url,
            "OMP_NUM_THREADS": "1",
        }
        if self.postgres is not None and self.redis is not None:
            self.postgres.start()
            self.redis.start()
            shared |= {"FAMILY_GUIDE_DATABASE_URL": self.postgres.url, "FAMILY_GUIDE_REDIS_URL": self.redis.url}
            self.database = self.postgres.url
        else:
            self.database = f"sqlite:///{folder / 'disk' / 'conversations.db'}"
        self.ports = [free_port() for _ in range(servers)]
        self.assistants = []
        for number, port in enumerate(self.ports):
            var = folder / "disk" if sqlite else folder / f"assistant-{number}"
            var.mkdir(parents=True, exist_ok=True)
            own = {"FAMILY_GUIDE_PORT": str(port), "FAMILY_GUIDE_VAR": str(var), **preload(number)}
            command = [sys.executable, "-m", "family_guide", "run"]
            self.assistants.append(Supervised(f"assistant-{number}", command, folder, shared | own))
        self.port = free_port()
        configuration = folder / "nginx.conf"
        upstream = " ".join(f"server 127.0.0.1:{port} max_fails=2 fail_timeout=2s;" for port in self.ports)
        configuration.write_text(_NGINX.format(folder=folder, port=self.port, servers=upstream))
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if nginx is None:
            raise RuntimeError("nginx is missing: apt-get install nginx")
        self.proxy = Supervised("nginx", [nginx, "-c", str(configuration)], folder)
        self.wait(_READY_SECONDS)

    @property
    def url(self) -> str:
        """The address that families use."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, seconds: float) -> float:
        """Wait until every server and the proxy answer a question, twice in a row.

        Returns:
            The seconds until the first of the two.

        Raises:
            TimeoutError: they did not in that time.
        """
        began = time.monotonic()
        first = None
        while time.monotonic() < began + seconds:
            if all(answers(f"http://127.0.0.1:{port}") for port in (*self.ports, self.port)):
                if first is not None:
                    return first
                first = time.monotonic() - began
            else:
                first = None
                time.sleep(0.1)
        raise TimeoutError(f"The service did not answer within {seconds} seconds; see the logs in {self.folder}")

    def stop(self) -> None:
        """End everything."""
        for process in (self.proxy, *self.assistants):
            process.stop()
        if self.postgres is not None and self.redis is not None:
            self.redis.thaw()
            self.redis.kill()
            self.postgres.stop("immediate")

    def _postgres(self) -> Postgres:
        folder = self.folder / "postgres"
        folder.mkdir()
        return Postgres(folder, survives_power_cuts=True)


def answers(url: str) -> bool:
    """Return whether a server answers a question with its curated answer now."""
    api = f"{url}/webhooks/website"
    try:
        session = requests.post(f"{api}/sessions", json={}, timeout=10).json()["session"]
        body = {"session": session, "text": QUESTION, "message_id": "probe"}
        replied = requests.post(f"{api}/messages", json=body, timeout=10).json()
        return bool(replied["messages"][0]["kind"] == "answer")
    except (requests.RequestException, KeyError, ValueError):
        return False
