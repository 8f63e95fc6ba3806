"""Real services for tests, started on loopback in a folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

_START_SECONDS = 60


def postgres_programs() -> Path:
    """Return the folder with initdb and pg_ctl; installs Debian's package if it is missing.

    Raises:
        RuntimeError: it is missing and cannot be installed; says what to do.
    """
    found = _installed_postgres()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "postgresql"]):
            subprocess.run(["apt-get", "-qq", *command], check=False, env=environment, capture_output=True)
        found = _installed_postgres()
    if found is None:
        raise RuntimeError("These tests need PostgreSQL: run `apt-get install postgresql` as root.")
    return found


def _installed_postgres() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if versions:
        return versions[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class Postgres:
    """A PostgreSQL server of our own that tests can stop, kill and start again."""

    def __init__(self, folder: Path, survives_power_cuts: bool = False) -> None:
        """Make a new database cluster in a folder; `start` starts it.

        Args:
            folder: where its data lie.
            survives_power_cuts: wait for the disk at every commit, as it must in service. No test cuts the power,
                and whatever else fills the disk could hold a commit for longer than the assistant waits; the
                processes of the server can be killed all the same. Figures of speed want it on.
        """
        self._settings = f"-c fsync={'on' if survives_power_cuts else 'off'}"
        self._programs = postgres_programs()
        self._data = folder / "data"
        self._log = folder / "log"
        self._folder = folder
        self.port = free_port()
        # PostgreSQL refuses to run as root.
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._user:
            if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
                subprocess.run(["useradd", "--system", "--no-create-home", "postgres"], check=True)
            shutil.chown(folder, "postgres")
        folder.chmod(0o755)
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """Address of the database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 {self._settings}"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-o", options, *_WAIT, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `smart`, `fast`, or `immediate` as if it crashed."""
        self._run("pg_ctl", "-D", str(self._data), "-m", mode, *_WAIT, "stop")

    def freeze(self) -> None:
        """Stop every process of the server where it is: connections stay, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        parent = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for pid in (parent, *map(int, children)):
            os.kill(pid, which)

    def _run(self, program: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it, and a pipe would never end.
        with tempfile.TemporaryFile() as output:
            command = [*self._user, str(self._programs / program), *arguments]
            if subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False).returncode:
                output.seek(0)
                log = self._log.read_text(errors="replace") if self._log.exists() else ""
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}\n{log}")


_WAIT = ("-w", "-t", str(_START_SECONDS))


class Redis:
    """A Redis server of our own, in memory only, that tests can kill, freeze and start again."""

    def __init__(self) -> None:
        """Choose a port; `start` starts it."""
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the server."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("These tests need Redis: run `apt-get install redis-server` as root.")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        """Kill the server, with all that it held."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Stop the process where it is: connections stay, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A running Redis server; a test that stops it starts it again."""
    server = Redis()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL server; a test that stops it starts it again."""
    folder = Path(tempfile.mkdtemp(prefix="family-guide-postgres-"))
    server = Postgres(folder)
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """Address of a running PostgreSQL server."""
    return postgres.url
