"""The staff app beside the assistant: readable within seconds, stopped with it, and never in its way."""

import json
import os
import socket
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
import requests

from family_guide.staff_app import staff_app_beside
from tests.conftest import Assistant, start_assistant, stop
from tests.ports import free_port

READABLE_SECONDS = 5
"""In which a message of a family can be read by staff, as promised."""

UP_SECONDS = 90


@pytest.fixture
def app_folder(tmp_path: Path) -> Path:
    """A staff app whose manage.py is written by the test."""
    python = tmp_path / "staff" / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path / "staff"


def wait_for(what, seconds: float = UP_SECONDS):
    """Wait until a function gives something, and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, sqlite3.Error, ValueError):
            if found := what():
                return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


def gone(process: int) -> bool:
    """Return whether a process has ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_families_are_answered_where_the_staff_app_is_not_installed(tmp_path, capsys):
    with staff_app_beside(tmp_path):
        answered = True
    assert answered
    assert "make install-staff" in capsys.readouterr().err


def test_families_are_answered_when_the_staff_app_fails(app_folder, capsys):
    (app_folder / "manage.py").write_text("raise SystemExit(3)")
    said = ""
    with staff_app_beside(app_folder):
        while "code 3" not in said:
            time.sleep(0.02)
            said += capsys.readouterr().err
    assert "Families are answered without it" in said


def test_the_staff_app_ends_with_the_assistant(app_folder, capsys):
    started = app_folder / "pid"
    (app_folder / "manage.py").write_text(
        f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    )
    with staff_app_beside(app_folder):
        process = wait_for(lambda: int(started.read_text()))
    assert gone(process)
    assert not capsys.readouterr().err


@pytest.fixture(scope="module")
def together(model, tmp_path_factory):
    """The assistant with the staff app beside it, as `make run` starts them, and the staff app's port."""
    folder, port = tmp_path_factory.mktemp("together"), free_port()
    running = start_assistant(folder, model.parent, "--staff", FAMILY_GUIDE_STAFF_PORT=str(port))
    yield running, port
    stop(running)


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def staff_rows(assistant: Assistant, query: str) -> list[tuple]:
    with closing(sqlite3.connect(assistant.var / "staff.db")) as database:
        return database.execute(query).fetchall()


def test_the_staff_app_says_where_it_is_and_how_to_make_the_first_account(together):
    running, port = together
    wait_for(lambda: f"Staff app:  http://127.0.0.1:{port}/" in running.log.read_text())
    wait_for(lambda: "add_account NAME --role administrator" in running.log.read_text())
    page = wait_for(lambda: requests.get(f"http://127.0.0.1:{port}/", timeout=10))
    assert page.status_code == 200
    assert "Sign in" in page.text


def test_a_message_can_be_read_within_five_seconds_and_is_redacted(together):
    running, port = together
    wait_for(lambda: listens(port))
    wait_for(lambda: staff_rows(running, "SELECT read_at FROM conversations_importposition WHERE read_at NOT NULL"))
    session = running.session()
    running.send(session, "my son Jayden has a lump, call 617-555-0142")
    began = time.monotonic()
    read = "SELECT text FROM conversations_message WHERE kind = 'family'"
    found = wait_for(lambda: staff_rows(running, read), READABLE_SECONDS)
    assert time.monotonic() - began <= READABLE_SECONDS
    assert found == [("my son [name] has a lump, call [phone]",)]


def test_staff_read_what_was_understood_what_was_answered_and_from_where(together):
    running, _ = together
    session = running.session()
    (answer, *_rest) = running.send(session, "can it spread")
    rating = {"session": session, "about": answer["id"], "rating": "down", "comment": "ask Jayden at 617-555-0142"}
    assert requests.post(f"{running.url}/webhooks/website/feedback", json=rating, timeout=30).status_code == 204
    running.send(session, "she has a hard lump on her thigh, no fever")
    running.send(session, "she cannot breathe")
    wanted = (
        "SELECT intent, confidence, runner_up, topic, heading, facts, safety, reply_kind, entities, rating,"
        " rating_comment, kind FROM conversations_message WHERE conversation_id ="
        " (SELECT conversation_id FROM conversations_message WHERE text = 'can it spread') ORDER BY event_id"
    )
    wait_for(lambda: any(row[6] == "emergency" for row in staff_rows(running, wanted)))
    wait_for(lambda: any(row[9] for row in staff_rows(running, wanted)))
    rows = staff_rows(running, wanted)
    family, guide = [row for row in rows if row[-1] == "family"], [row for row in rows if row[-1] == "guide"]
    intent, confidence, runner_up = family[0][:3]
    assert intent == "faq/can_it_spread"
    assert 0.5 < confidence <= 1
    assert runner_up not in ("", intent)
    topic, heading, facts = guide[0][3:6]
    assert topic == "faq/can_it_spread"
    assert heading
    assert json.loads(facts)
    assert guide[0][9:11] == ("down", "ask [name] at [phone]")
    found = {(entity["entity"], entity["status"]) for row in family for entity in json.loads(row[8])}
    assert ("symptom", "present") in found
    assert "emergency" in {row[7] for row in guide}


def test_what_a_family_deletes_is_gone_for_staff_too(together):
    running, _ = together
    session = running.session()
    running.send(session, "what is a gallbladder lozenge")
    read = "SELECT id FROM conversations_message WHERE text LIKE '%lozenge%'"
    wait_for(lambda: staff_rows(running, read))
    address = f"{running.url}/webhooks/website/conversation"
    assert requests.delete(address, headers={"Authorization": f"Bearer {session}"}, timeout=30).status_code == 204
    wait_for(lambda: not staff_rows(running, read))
    reasons = staff_rows(running, "SELECT additional_data FROM auditlog_logentry WHERE action = 2")
    assert any("deleted in the assistant" in str(reason) for reason in reasons)
    # The rows go first, their bytes with the emptying of the write-ahead log right after.
    for file in (running.var / "staff.db", running.var / "staff.db-wal"):
        wait_for(lambda file=file: not file.exists() or b"lozenge" not in file.read_bytes())


def test_the_staff_app_ends_even_with_an_assistant_that_was_killed(together):
    running, port = together
    wait_for(lambda: listens(port))
    running.process.kill()
    running.process.wait()
    wait_for(lambda: not listens(port), 30)


def test_a_taken_port_is_named_and_families_are_answered(tmp_path, monkeypatch, capfd):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("FAMILY_GUIDE_STAFF_PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("FAMILY_GUIDE_VAR", str(tmp_path))
        said = ""
        with staff_app_beside():
            while "Families are answered without it" not in said:
                time.sleep(0.05)
                said += capfd.readouterr().err
    assert "FAMILY_GUIDE_STAFF_PORT" in said
