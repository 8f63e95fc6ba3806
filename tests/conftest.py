"""What the tests share: one trained model, and the real assistant running on it."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from family_guide.rolling import GATE_MODEL
from family_guide.settings import ROOT
from family_guide.training import trained_model
from tests.ports import free_port

READY_SECONDS = 180

FIRST = "test_clean_clone.py"
"""Trains the model that the others need, by `make run`."""

LONGEST = (
    "test_symptom_check_api.py",
    "test_quiet.py",
    "deploy/test_service.py",
    "privacy/test_running_assistant.py",
    "messaging/test_faults.py",
    "widget/test_bad_line.py",
    "deploy/test_fuzz.py",
    "messaging/test_journeys.py",
    "widget/test_accessibility.py",
    "test_understanding.py",
)
"""Files that take longest, each on one process: early, so that none is left alone at the end."""


def pytest_configure() -> None:
    """Allow each process as many open files as a server has: the stand-ins of hundreds of tests run in one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what trains the model, then the files that need none, then the longest ones.

    So one process trains while the other does what needs no model.
    """
    folder = Path(__file__).parent
    place = {folder / name: number for number, name in enumerate(LONGEST)}
    with_model = {item.path for item in items if "model" in getattr(item, "fixturenames", ())}

    def order(item: pytest.Item) -> tuple[bool, bool, int]:
        return item.path != folder / FIRST, item.path in with_model, place.get(item.path, len(LONGEST))

    items.sort(key=order)


@dataclass
class Assistant:
    """A running assistant.

    Attributes:
        url: its address, without a slash at the end.
        var: its var folder, with the database of conversations.
        log: the file that holds all it printed.
        process: the process that was started.
    """

    url: str
    var: Path
    log: Path
    process: subprocess.Popen[bytes]

    def session(self) -> str:
        """Return the token of a new chat."""
        response = requests.post(f"{self.url}/webhooks/website/sessions", json={}, timeout=30)
        assert response.status_code == 201, response.text
        return str(response.json()["session"])

    def send(self, session: str, text: str | None = None, **fields: object) -> list[dict]:  # type: ignore[type-arg]
        """Send a message and return the messages that answer it."""
        body = {"session": session, **fields} if text is None else {"session": session, "text": text, **fields}
        response = requests.post(f"{self.url}/webhooks/website/messages", json=body, timeout=30)
        assert response.status_code == 200, response.text
        messages = response.json()["messages"]
        assert messages, "every message gets a reply"
        return list(messages)

    def ask(self, text: str) -> dict:  # type: ignore[type-arg]
        """Ask in a new chat and return the first message that answers."""
        return self.send(self.session(), text)[0]


def start_assistant(folder: Path, models: Path, *arguments: str, **environment: str) -> Assistant:
    """Start the assistant as `make run` does and wait until it is ready.

    Args:
        folder: for its database and its log.
        models: folder of the trained model.
        arguments: of `family-guide run`, such as --staff.
        environment: settings, such as FAMILY_GUIDE_MAX_CHARS.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    settings = {
        "FAMILY_GUIDE_PORT": str(port),
        "FAMILY_GUIDE_VAR": str(folder),
        "FAMILY_GUIDE_MODELS": str(models),
        # Many tests at once come from one address; the tests of the limits set their own.
        "FAMILY_GUIDE_RATE_PER_ADDRESS": "0",
        "FAMILY_GUIDE_RATE_PER_SESSION": "0",
        **environment,
    }
    with open(log, "wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "family_guide", "run", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    assistant = Assistant(f"http://127.0.0.1:{port}", folder, log, process)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if b"is ready" in log.read_bytes():
            return assistant
        time.sleep(0.2)
    process.kill()
    raise AssertionError(f"The assistant did not start:\n{log.read_text()}")


def stop(assistant: Assistant) -> None:
    """Stop an assistant and wait until it is gone."""
    assistant.process.terminate()
    try:
        assistant.process.wait(20)
    except subprocess.TimeoutExpired:
        assistant.process.kill()
        assistant.process.wait()


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model of the content as it is, trained at most once; or the one that a release is about."""
    if os.environ.get(GATE_MODEL):
        return Path(os.environ[GATE_MODEL])
    return trained_model(ROOT / "var" / "models")


@pytest.fixture(scope="session")
def assistant(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The assistant, running on its real model with a database of its own."""
    running = start_assistant(tmp_path_factory.mktemp("assistant"), model.parent)
    yield running
    stop(running)
