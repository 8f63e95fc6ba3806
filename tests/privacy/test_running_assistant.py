"""The running assistant, sent all kinds of identifying text: nothing of it is in any byte that it leaves."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from family_guide.settings import ROOT
from tests.conftest import Assistant, start_assistant, stop
from tests.ports import free_port

NAMES = ["Jayden", "Xiomara", "Thandiwe", "Agnieszka", "Marisol", "Oluwaseun", "Bjorn", "Priyanka", "Yusuf", "Delphine"]
FAMILY_NAMES = ["Abernethy", "Delacroix", "Gonzalez", "Kowalczyk", "Nakamura", "Oyelaran", "Pettigrew"]


@dataclass
class Identifying:
    """A message, and what of it must not be kept."""

    text: str
    secrets: list[str]


FORMS = [
    ("my son {name} has a lump on his thigh", "{name}"),
    ("My daughter's name is {name} {family} and she limps", "{name}|{family}"),
    ("this is {name}'s mom, is ASPS rare?", "{name}"),
    ("call me back at 617-555-{four}, her leg hurts", "555-{four}"),
    ("(617) 555 {four} is my cell. What is embolization", "555 {four}"),
    ("write to {low}.{lowfamily}{two}@example.org about radiation", "{low}.{lowfamily}{two}"),
    ("we live at {three} Larkspur Lane, Apt {two}, Springfield, IL 62{three}", "Larkspur|IL 62{three}"),
    ("MRN E{seven}, does chemo work", "E{seven}"),
    ("her chart number is H{four}-{three}, what did the scan say", "H{four}-{three}"),
    ("insurance member ID XQZ{seven}{two}, do you take it", "XQZ{seven}{two}"),
    ("our policy no. {two}-AC-{five}", "{two}-AC-{five}"),
    ("SSN 9{two}-{two}-{four}", "9{two}-{two}-{four}"),
    ("he was born on 0{one}/1{one}/201{one}, what helps against pain", "0{one}/1{one}/201{one}"),
    ("date of birth: March 1{one}th, 201{one}. Is it cancer?", "March 1{one}th"),
    ("his story is at https://caringbridge.example.com/visit/{low}{lowfamily}{two}", "{low}{lowfamily}{two}"),
    ("my instagram is {low}_{lowfamily}{two}", "{low}_{lowfamily}"),
    ("Regards, {name} {family}", "{name}|{family}"),
]


def messages(count: int) -> list[Identifying]:
    """Return different messages of every form, in turn."""
    made = []
    forms = cycle(FORMS)
    for number in range(count):
        text, secrets = next(forms)
        name, family = NAMES[number % len(NAMES)], FAMILY_NAMES[number % len(FAMILY_NAMES)]
        values = {
            "name": name,
            "family": family,
            "low": name.lower(),
            "lowfamily": family.lower(),
            "one": number % 9 + 1,
            "two": 11 + number % 88,
            "three": 201 + number * 7,
            "four": 1034 + number * 83,
            "five": 10007 + number * 613,
            "seven": 3107219 + number * 60013,
        }
        made.append(Identifying(text.format(**values), secrets.format(**values).split("|")))
    return made


MESSAGES = messages(100)
DATABASES = ("conversations.db", "staff.db")
STAFF_SECONDS = 60
CONTENT = "the xylophone hurts my gallbladder"
"""Identifies nobody, but is a family's own words: not for a log either."""


def post(url: str, **fields: object) -> requests.Response:
    """Send JSON, whatever comes back."""
    return requests.post(url, json=fields, timeout=30)


def send_bad_requests(assistant: Assistant, session: str, said: Identifying) -> None:
    """Send the message in all the ways that are refused."""
    api = f"{assistant.url}/webhooks/website"
    text = f"{said.text}. {CONTENT}"
    answers = [
        post(f"{api}/messages", session=session, text=text * 200),
        post(f"{api}/messages", session=text[:400], text=text),
        post(f"{api}/messages", session=session, text=text, choice=text),
        post(f"{api}/messages", session=session, choice=text),
        post(f"{api}/messages", session=session, text={"nested": text}),
        post(f"{api}/messages", session=session, text=[text]),
        post(f"{api}/feedback", session=session, rating=text, comment=text, about=text),
        requests.post(f"{api}/messages", data=f'{{"text": "{text}"', timeout=30),
        requests.post(f"{api}/messages", data=text.encode("utf-16"), timeout=30),
        requests.put(f"{api}/messages?text={quote(text)}", timeout=30),
        requests.get(f"{assistant.url}/{quote(text)}", timeout=30),
        requests.get(f"{api}/history", headers={"Authorization": f"Bearer {quote(text)}"}, timeout=30),
        requests.delete(f"{api}/conversation", headers={"Authorization": f"Bearer {quote(text)}"}, timeout=30),
        requests.get(f"{api}/", headers={"Referer": f"https://example.org/{quote(text)}", "User-Agent": quote(text)}),
    ]
    assert all(answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
    assert sum(answer.status_code >= 400 for answer in answers) == len(answers) - 1


@pytest.fixture(scope="module")
def folder(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The var folder of an assistant that was told everything, with staff reading along, and then stopped."""
    folder = tmp_path_factory.mktemp("private")
    assistant = start_assistant(folder, model.parent, "--staff", FAMILY_GUIDE_STAFF_PORT=str(free_port()))
    try:
        tell(assistant)
        wait_for_staff(folder)
    finally:
        stop(assistant)
    return folder


def wait_for_staff(folder: Path) -> None:
    """Wait until staff can read all that families said."""
    deadline = time.monotonic() + STAFF_SECONDS
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(folder / "conversations.db")) as store:
            said = store.execute("SELECT count(*) FROM events WHERE type_name = 'user'").fetchone()[0]
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(folder / "staff.db")) as staff:
            read = "SELECT count(*) FROM conversations_message WHERE kind = 'family'"
            if staff.execute(read).fetchone()[0] >= said:
                return
        time.sleep(0.2)
    raise AssertionError(f"staff could not read everything: {(folder / 'log.txt').read_text()[-2000:]}")


def tell(assistant: Assistant) -> None:
    """Send the 100 messages: in chats, in symptom checks, and some of them as bad requests and feedback too."""
    chats = [assistant.session() for _ in range(10)]
    for number, said in enumerate(MESSAGES):
        chat = chats[number % len(chats)]
        if number // len(chats) == 5 and number % 2:
            # From here on every other chat is inside the symptom check.
            assistant.send(chat, "I want to do the symptom check")
        answer = assistant.send(chat, f"{said.text}. {CONTENT}" if number % 3 == 0 else said.text)[0]
        if number % 10 == 0:
            send_bad_requests(assistant, chat, said)
        if number % 7 == 0:
            given = post(
                f"{assistant.url}/webhooks/website/feedback",
                session=chat,
                rating="down",
                comment=said.text,
                about=answer["id"],
            )
            assert given.status_code == 204


def kept_bytes(folder: Path) -> dict[str, bytes]:
    """Return all that an assistant left, by file."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def forms_of(secret: str) -> list[bytes]:
    """Return how a text might stand in a file, in lower case."""
    lower = secret.lower()
    return [lower.encode(), quote(lower).lower().encode(), lower.encode("utf-16-le"), json.dumps(lower)[1:-1].encode()]


def rows(folder: Path) -> list[tuple[object, ...]]:
    """Return every row of every table, of the assistant's database and the staff app's."""
    found = []
    for name in DATABASES:
        with closing(sqlite3.connect(folder / name)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            found += [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    return found


def test_no_byte_of_any_file_identifies_a_family(folder: Path) -> None:
    files = kept_bytes(folder)
    assert {*DATABASES, "log.txt"} <= set(files)
    for name, content in files.items():
        lower = content.lower()
        found = {secret for said in MESSAGES for secret in said.secrets if any(f in lower for f in forms_of(secret))}
        assert not found, f"{name}: {found}"


def test_no_row_of_any_table_identifies_a_family(folder: Path) -> None:
    stored = rows(folder)
    assert len(stored) > 6 * len(MESSAGES)
    text = "\n".join(str(value) for row in stored for value in row).lower()
    assert not {secret for said in MESSAGES for secret in said.secrets if secret.lower() in text}


def test_what_the_assistant_needs_was_kept(folder: Path) -> None:
    said = [json.loads(str(row[-1])) for row in rows(folder) if '"event": "user"' in str(row[-1])]
    texts = [str(event["text"]) for event in said]
    assert len([text for text in texts if "[" in text]) >= len(MESSAGES) * 0.95
    assert "my son [name] has a lump on his thigh" in texts
    assert any(CONTENT in text for text in texts)


def test_no_word_of_a_family_is_in_a_log(folder: Path) -> None:
    for name, content in kept_bytes(folder).items():
        if name.startswith(DATABASES):
            continue
        assert b"xylophone" not in content, name
        assert b"lump on his thigh" not in content, name
        assert b"Traceback" not in content, name


def test_deletion_on_request_and_by_age_is_in_the_audit_log_without_content(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start_assistant(tmp_path, model.parent)
    try:
        session = running.session()
        running.send(session, MESSAGES[0].text)
        address = f"{running.url}/webhooks/website/conversation"
        deleted = requests.delete(address, headers={"Authorization": f"Bearer {session}"}, timeout=30)
        assert deleted.status_code == 204
    finally:
        stop(running)
    monkeypatch.setenv("FAMILY_GUIDE_VAR", str(tmp_path))
    monkeypatch.setenv("FAMILY_GUIDE_RETENTION_DAYS", "3")
    command = [sys.executable, "-m", "family_guide", "delete-expired"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Deleted 0 event(s)" in ended.stdout
    entries = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    told = [(entry["event"], entry.get("days"), entry.get("events")) for entry in entries]
    assert told[0] == ("retention.deleted", 90, 0), "the server deletes when it starts"
    assert told[1][0] == "conversation.deleted"
    assert entries[1]["events"] > 0
    assert len(entries[1]["conversation"]) == 12
    assert told[2:] == [("retention.deleted", 3, 0)]
    assert b"conversation.deleted" in running.log.read_bytes()
