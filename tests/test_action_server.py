"""The separate action server: answers the assistant's calls, tells nothing internal, logs no word of a family."""

import json
import os
import subprocess
import sys
import time

import pytest
import requests
import structlog

from family_guide.actions_in_process import ActionsElsewhere
from family_guide.settings import ROOT
from family_guide.wording import WENT_WRONG
from tests.ports import free_port

SECONDS_TO_START = 90
WORDS = "my xylophone hurts"


def call_of(action):
    tracker = {
        "sender_id": "family",
        "slots": {},
        "latest_message": {"text": WORDS, "intent": {"name": "clarify"}, "entities": []},
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": action, "sender_id": "family", "tracker": tracker, "domain": {}, "version": "3.6.21"}


class Server:
    """A running action server with its monitor."""

    def __init__(self, folder):
        port, monitor = free_port(), free_port()
        self.log = folder / "log"
        self.url, self.monitor = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{monitor}"
        environment = {
            "FAMILY_GUIDE_VAR": str(folder),
            "FAMILY_GUIDE_ACTION_PORT": str(port),
            "FAMILY_GUIDE_MONITOR_PORT": str(monitor),
            "FAMILY_GUIDE_PROFILE": "production",
        }
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "family_guide", "run-actions"],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self):
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if requests.get(f"{self.monitor}/ready", timeout=5).ok:
                    return self
            except requests.ConnectionError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def call(self, action, **headers):
        return requests.post(f"{self.url}/webhook", json=call_of(action), headers=headers, timeout=20)

    def entries(self):
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("actions"))
    yield server.wait()
    server.process.terminate()
    assert server.process.wait(30) == 0


def test_it_runs_an_action(server):
    answer = server.call("action_other_language")
    assert answer.status_code == 200
    assert answer.json()["responses"]


def test_an_action_that_does_not_exist_gives_the_safe_reply(server):
    answer = server.call("action_that_is_none")
    assert (answer.status_code, answer.json()["responses"][0]["text"]) == (200, WENT_WRONG)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"tracker": 1}', b"[" * 100_000, b"\xff"])
def test_what_is_no_call_is_refused_in_one_sentence(server, body):
    answer = requests.post(f"{server.url}/webhook", data=body, timeout=20)
    assert (answer.status_code, answer.json()) == (400, {"error": "The body is no call of an action."})


@pytest.mark.parametrize("path", ["health", "actions", "status", "metrics", ""])
def test_it_has_no_other_door(server, path):
    assert requests.get(f"{server.url}/{path}", timeout=20).status_code == 404


def test_the_number_of_the_request_is_kept_and_nobodys_words_are(server):
    number = "0123456789abcdef" * 2
    assert server.call("action_other_language", **{"X-Request-ID": number}).headers["X-Request-ID"] == number
    given = server.call("action_that_is_none", **{"X-Request-ID": "my xylophone"}).headers["X-Request-ID"]
    entries = server.entries()
    assert [e["route"] for e in entries if e.get("request_id") == number] == ["webhook"]
    # What failed in a thread carries the number too.
    assert [e["event"] for e in entries if e.get("request_id") == given] == ["action.failed", "request"]
    assert "xylophone" not in server.log.read_text()


def test_it_counts(server):
    server.call("action_that_is_none")
    figures = requests.get(f"{server.monitor}/metrics", timeout=20).text
    assert 'family_guide_failures_total{where="action"}' in figures
    assert 'family_guide_stage_seconds_count{stage="action"}' in figures
    assert requests.get(f"{server.monitor}/ready", timeout=20).json()["ready"]


async def test_the_assistant_tells_it_the_number_of_the_request(server):
    number = "fedcba9876543210" * 2
    elsewhere = ActionsElsewhere(f"{server.url}/webhook")
    with structlog.contextvars.bound_contextvars(request_id=number):
        answer = await elsewhere.request(json=call_of("action_other_language"))
    assert answer["responses"]
    assert [e["route"] for e in server.entries() if e.get("request_id") == number] == ["webhook"]
    # And without a number it works as well.
    assert (await elsewhere.request(json=call_of("action_other_language")))["responses"] == answer["responses"]
