"""What an operator relies on: readiness, logs, secrets from files."""

import json
import logging
import sys

import pytest
from django.db import connection

from config.environment import read_environment, with_secrets
from config.logs import JsonFormatter


def test_ready_while_the_database_answers(client, db):
    assert client.get("/ready").status_code == 200


def test_not_ready_and_nothing_internal_while_it_does_not(client, db, monkeypatch):
    from django.db import OperationalError

    def fail(*_, **__):
        raise OperationalError("password=hunter2")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", fail)
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.content == b"not ready"


def test_neither_is_redirected_to_tls_which_the_machine_itself_does_not_speak(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert [client.get(f"/{page}").status_code for page in ("health", "ready")] == [200, 200]


def test_a_log_line_is_json_with_the_place_of_an_error_and_not_its_words():
    try:
        raise ValueError("my leg hurts")
    except ValueError:
        record = logging.LogRecord("staff", logging.ERROR, "x.py", 1, "failed at %s", ("importing",), sys.exc_info())
    entry = json.loads(JsonFormatter().format(record))
    assert entry["event"] == "failed at importing"
    assert (entry["level"], entry["exception"]) == ("error", "ValueError")
    assert entry["place"].startswith("test_operation.py:")
    assert "my leg hurts" not in json.dumps(entry)


def test_secrets_come_from_files_unless_the_environment_sets_them(tmp_path):
    (tmp_path / "family_guide_staff_secret").write_text("f" * 60 + "\n")
    (tmp_path / "family_guide_database_url").write_text("postgresql://reader:x@db/guide")
    (tmp_path / "other").write_text("not ours")
    given = {"FAMILY_GUIDE_SECRETS": str(tmp_path), "FAMILY_GUIDE_VAR": str(tmp_path)}
    read = read_environment(with_secrets(given))
    assert (read.secret, read.store_url) == ("f" * 60, "postgresql://reader:x@db/guide")
    assert "OTHER" not in with_secrets(given)
    assert read_environment(with_secrets({**given, "FAMILY_GUIDE_STAFF_SECRET": "e" * 60})).secret == "e" * 60


@pytest.mark.parametrize("folder", ["/nowhere", ""])
def test_no_folder_of_secrets_is_fine(folder, tmp_path):
    assert read_environment(with_secrets({"FAMILY_GUIDE_SECRETS": folder, "FAMILY_GUIDE_VAR": str(tmp_path)})).secret
