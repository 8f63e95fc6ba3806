"""Starts each peer as its makers do, and tells what it costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import requests
import yaml
from packaging.requirements import Requirement

from family_guide.settings import ROOT
from tests.ports import free_port

PEERS = ("family_guide", "default", "sparse", "echo")
_READY_SECONDS = 240.0
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A peer that runs.

    Attributes:
        peer: its name.
        url: its address.
        processes: its server first, then what it needs besides (Rasa: the action server).
        seconds_to_start: from the command to the first answer.
    """

    peer: str
    url: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    seconds_to_start: float = 0.0

    @classmethod
    def start(cls, peer: str, model: Path | None, folder: Path) -> Server:
        """Start a peer and wait until it answers.

        Args:
            peer: one of PEERS.
            model: its trained model; None for the echo.
            folder: for its database and its log; made anew.

        Raises:
            RuntimeError: it ended, or does not answer.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        port = free_port()
        server = cls(peer, f"http://127.0.0.1:{port}")
        began = time.monotonic()
        for command, environment in _commands(peer, model, folder, port):
            with open(folder / "log.txt", "ab") as log:
                server.processes.append(
                    subprocess.Popen(
                        command, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT
                    )
                )
        while time.monotonic() < began + _READY_SECONDS:
            if server.processes[0].poll() is not None:
                break
            try:
                if requests.get(server.url, timeout=5).ok:
                    server.seconds_to_start = time.monotonic() - began
                    return server
            except requests.ConnectionError:
                time.sleep(0.05)
        server.stop()
        raise RuntimeError(f"{peer} does not answer; its log: {folder / 'log.txt'}")

    def stop(self) -> None:
        """Stop its processes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def processor_seconds(self) -> float:
        """Return the seconds of a core that its processes have used so far."""
        total = 0
        for process in self.processes:
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / _TICK

    def megabytes(self) -> list[float]:
        """Return the resident memory of each of its processes, the server first."""
        found = []
        for process in self.processes:
            lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            found.append(int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) / 1024)
        return found


def _commands(peer: str, model: Path | None, folder: Path, port: int) -> list[tuple[list[str], dict[str, str]]]:
    if peer == "echo":
        return [([sys.executable, "-m", "benchmarks.peer_models.echo", str(port)], {})]
    assert model is not None
    if peer == "family_guide":
        settings = {"PORT": str(port), "VAR": str(folder), "MODELS": str(model.parent), "RATE_PER_ADDRESS": "0",
                    "RATE_PER_SESSION": "0"}  # fmt: skip
        return [
            (
                [sys.executable, "-m", "family_guide", "run"],
                {f"FAMILY_GUIDE_{name}": value for name, value in settings.items()},
            )
        ]
    actions = free_port()
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        yaml.safe_dump(
            {
                "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": str(folder / "rasa.db")},
                "action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"},
            }
        )
    )
    credentials.write_text("rest:\n")
    environment = {"RASA_TELEMETRY_ENABLED": "false", "SANIC_HOST": "127.0.0.1", "TF_CPP_MIN_LOG_LEVEL": "2"}
    rasa = Path(sys.executable).parent / "rasa"
    return [
        (
            [str(rasa), "run", "-m", str(model), "--endpoints", str(endpoints), "--credentials", str(credentials),
             "-i", "127.0.0.1", "-p", str(port)],
            environment,
        ),
        ([sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(actions)], environment),
    ]  # fmt: skip


def installed_megabytes(*packages: str) -> float:
    """Return the size of packages with all that they need, as it is installed here.

    Args:
        packages: names of distributions.
    """
    seen: set[str] = set()
    waiting = list(packages)
    total = 0
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        total += sum(f.stat().st_size for f in map(Path, (file.locate() for file in found.files or [])) if f.is_file())
        for line in found.requires or []:
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting.append(wanted.name)
    return total / 1e6
