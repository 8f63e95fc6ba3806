"""The same tests on a real PostgreSQL, and the import from a store there with late commits."""

import os
import subprocess
import sys
import time

import psycopg
import pytest

from tests.servers import postgresql
from tests.store import COLUMNS, CREATE, FEEDBACK, INDEX, bot, row, user

pytestmark = pytest.mark.skipif("ON_POSTGRESQL" in os.environ, reason="this run is the one on PostgreSQL")


@pytest.fixture(scope="module")
def server():
    with postgresql() as url:
        yield url


def test_every_test_passes_on_postgresql(server, tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "ON_POSTGRESQL": "yes",
        "FAMILY_GUIDE_STAFF_DATABASE_URL": server,
        "FAMILY_GUIDE_VAR": str(tmp_path),
    }
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *(f"tests/test_{name}.py" for name in ("importer", "undelivered", "permissions", "pages"))],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-4000:]


def test_late_commits_are_imported_from_postgresql(server, db):
    from conversations.importer import import_once
    from conversations.models import Message, MissingEvents
    from conversations.store import open_store

    def insert(connection, sender, event):
        connection.execute(f"INSERT INTO events ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)", row(sender, event))

    with psycopg.connect(server) as slow, psycopg.connect(server, autocommit=True) as quick:
        quick.execute(CREATE.format(key="SERIAL PRIMARY KEY", real="DOUBLE PRECISION"))
        quick.execute(FEEDBACK.format(key="SERIAL PRIMARY KEY", real="DOUBLE PRECISION"))
        quick.execute(INDEX)
        store = open_store(server)
        insert(slow, "slow", user("first id, last to commit"))
        insert(quick, "quick", user("second id", at=time.time()))
        insert(quick, "quick", bot("answer"))
        import_once(store)
        assert set(Message.objects.values_list("conversation__sender_id", flat=True)) == {"quick"}
        slow.commit()
        import_once(store)
        assert Message.objects.count() == 3
        assert not MissingEvents.objects.exists()
        quick.execute(
            "INSERT INTO feedback (sender_id, message_timestamp, rating) VALUES ('quick', %s, 'up')", [time.time()]
        )
        quick.execute("DELETE FROM events WHERE sender_id = 'slow'")
        import_once(store)
        assert Message.objects.count() == 2
        assert Message.objects.filter(rating="up").count() == 1
        store.close()


def test_the_import_goes_on_after_the_server_broke_every_connection(server, written_database, monkeypatch):
    from conversations.models import Message
    from tests.store import PostgresAssistant
    from tests.test_importer import following, wait_until

    monkeypatch.setattr("conversations.follow._SECONDS_AFTER_A_PROBLEM", 0.05)
    assistant = PostgresAssistant(server, "store_broken")
    assistant.say("s", user("before"))
    with following(assistant.url):
        wait_until(lambda: Message.objects.filter(text="before").exists())
        with psycopg.connect(server, autocommit=True) as admin:
            ours = "SELECT pid FROM pg_stat_activity WHERE application_name = 'family-guide-staff'"
            assert admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({ours}) AS p").rowcount >= 1
        assistant.say("s", user("after"))
        wait_until(lambda: Message.objects.filter(text="after").exists())
    assistant.close()
