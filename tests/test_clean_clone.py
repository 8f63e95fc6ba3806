"""The README's two commands, in a clean clone, as a new user runs them."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest
import requests

from family_guide.ports import take_port
from family_guide.settings import ROOT
from family_guide.training import fingerprint
from tests.conftest import READY_SECONDS
from tests.ports import free_port

INSTALL_AND_TRAIN_SECONDS = 600


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "family-guide"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def models_of(clone):
    """Return the folder for models: this repository's, where the clone would train the very same one."""
    return (ROOT if fingerprint(clone) == fingerprint(ROOT) else clone) / "var" / "models"


def environment(**more):
    """Return the environment of a user, without what this test run has set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FAMILY_GUIDE_", "VIRTUAL_ENV", "PYTEST"))}
    return {**kept, **more}


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"^    make run\b", readme, re.MULTILINE)
    assert re.search(r"^    make test\b", readme, re.MULTILINE)


def test_make_run_installs_trains_answers_and_stops_on_ctrl_c(clone, tmp_path):
    port = free_port()
    log = tmp_path / "log"
    models = models_of(clone)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=environment(FAMILY_GUIDE_PORT=str(port), FAMILY_GUIDE_MODELS=str(models)),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + INSTALL_AND_TRAIN_SECONDS + READY_SECONDS
        address = None
        while address is None and process.poll() is None and time.monotonic() < deadline:
            found = re.search(r"ready: (http://\S+?)/?\s", log.read_text("utf-8", "replace"))
            address = found and found.group(1)
            time.sleep(0.5)
        assert address, f"make run ended with {process.poll()}:\n{log.read_text('utf-8', 'replace')}"
        assert requests.get(address, timeout=30).status_code == 200
        api = f"{address}/webhooks/website"
        session = requests.post(f"{api}/sessions", json={}, timeout=30).json()["session"]
        body = {"session": session, "text": "can this sarcoma spread to other parts of her body?"}
        answer = requests.post(f"{api}/messages", json=body, timeout=30).json()["messages"][0]
        assert (answer["kind"], answer["source"]["page"]) == ("answer", "Alveolar Soft Part Sarcoma")
    finally:
        if process.poll() is None:
            # As Ctrl-C does: to everything that the terminal started.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
    assert "Traceback" not in log.read_text("utf-8", "replace")
    assert "it/s" not in log.read_text("utf-8", "replace"), "a bar that moves was written to a file"
    assert list(models.glob("family-guide-*.tar.gz"))


def test_make_test_runs_the_tests(clone):
    # The whole suite would run this very test again, so one file of it stands for all.
    done = subprocess.run(
        ["make", "test", "TESTS=tests/channels/test_text.py"],
        cwd=clone,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=INSTALL_AND_TRAIN_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_a_taken_port_is_said_clearly(assistant):
    port = assistant.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / "family-guide"), "run"],
        env=environment(FAMILY_GUIDE_PORT=port),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "FAMILY_GUIDE_PORT=" in done.stderr


def test_a_port_that_is_taken_during_the_start_is_said_clearly(model, tmp_path):
    port = free_port()
    with socket.socket() as faster, open(tmp_path / "log", "wb") as output:
        # As a second assistant does, that was started a moment later and was ready first.
        faster.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        faster.bind(("127.0.0.1", port))
        process = subprocess.Popen(
            [str(ROOT / ".venv" / "bin" / "family-guide"), "run"],
            env=environment(FAMILY_GUIDE_PORT=str(port), FAMILY_GUIDE_MODELS=str(model.parent)),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        log = tmp_path / "log"
        deadline = time.monotonic() + READY_SECONDS
        while "Starting the assistant" not in log.read_text("utf-8") and time.monotonic() < deadline:
            time.sleep(0.05)
        faster.listen()
        assert process.wait(READY_SECONDS) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in log.read_text("utf-8")


def test_a_taken_port_is_kept_from_others_and_refuses_until_there_is_an_answer():
    port = free_port()
    with take_port("127.0.0.1", port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5)
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
