"""A backup is restored into a fresh server: everything is there, and nothing but what was backed up."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from family_guide.secret_files import make_secrets
from tests.deploy.stack import DEPLOY, connection, make_databases
from tests.services import Postgres

DATABASES = ("family_guide", "family_guide_staff")


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Two fresh servers with the databases and roles of a deployment: one in use, one to restore into."""
    secrets = tmp_path_factory.mktemp("backup") / "secrets"
    list(make_secrets(secrets))
    made = []
    for _ in range(2):
        folder = Path(tempfile.mkdtemp(prefix="family-guide-backup-"))
        server = Postgres(folder)
        server.start()
        make_databases(server, secrets)
        made.append((server, folder))
    yield [server for server, _ in made]
    for server, folder in made:
        server.stop("immediate")
        shutil.rmtree(folder)


def connect(server, database, user="postgres"):
    opened = psycopg2.connect(host="127.0.0.1", port=server.port, dbname=database, user=user)
    opened.autocommit = True
    return opened


def ask(server, database, statement, user="postgres"):
    with connect(server, database, user) as opened, opened.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(scope="module")
def used(servers):
    """The server in use, with conversations of the real store and a table of the staff app."""
    from family_guide.privacy.tracker_store import PrivateSQLTrackerStore

    server = servers[0]
    store = PrivateSQLTrackerStore(host=f"postgresql://family_guide@127.0.0.1:{server.port}/family_guide")
    rows = [
        {
            "sender_id": f"website-{number % 50}",
            "type_name": "user",
            "timestamp": 1e9 + number,
            "intent_name": "faq",
            "action_name": None,
            "data": f'{{"text": "Está bien? 癌 {number}"}}',
        }
        for number in range(2000)
    ]
    for sender in {row["sender_id"] for row in rows}:
        store._insert(sender, [row for row in rows if row["sender_id"] == sender], 0)
    store.close()
    ask(server, "family_guide_staff", "CREATE TABLE note (id serial PRIMARY KEY, text text)", "family_guide_staff")
    ask(server, "family_guide_staff", "INSERT INTO note (text) VALUES ('a'), ('b')", "family_guide_staff")
    return server


def run(script, server, *arguments, **environment):
    return subprocess.run(
        [DEPLOY / "postgres" / script, *arguments],
        env={**os.environ, **connection(server), **environment},
        capture_output=True,
        text=True,
    )


CASTS = re.compile(r"::[a-z]+( varying)?(\[\])?|[()]")


def whole(server):
    """Return all that is in both databases: rows, definitions of tables, indexes, sequences and rights."""
    found = {}
    for database in DATABASES:
        tables = [
            name for (name,) in ask(server, database, "SELECT tablename FROM pg_tables WHERE schemaname='public'")
        ]
        for table in sorted(tables):
            found[database, table] = sorted(map(repr, ask(server, database, f'SELECT * FROM "{table}"')))
        for what in (
            "SELECT indexdef FROM pg_indexes WHERE schemaname='public'",
            "SELECT sequencename, last_value FROM pg_sequences",
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema='public'",
            "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema='public'",
        ):
            # PostgreSQL writes the casts of an index's condition in another order once it has been dumped.
            found[database, what] = sorted(CASTS.sub("", repr(row)) for row in ask(server, database, what))
    return found


@pytest.fixture(scope="module")
def backup(used, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backups")
    done = run("backup.sh", used, folder)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_only_its_owner_reads_a_backup(backup):
    assert all(path.stat().st_mode & 0o077 == 0 for path in (backup, *backup.iterdir()))


def test_a_changed_backup_is_refused(backup, servers, tmp_path):
    changed = tmp_path / backup.name
    shutil.copytree(backup, changed)
    dump = changed / "family_guide.dump"
    content = bytearray(dump.read_bytes())
    content[-100] ^= 1
    dump.write_bytes(content)
    assert run("restore.sh", servers[1], changed).returncode != 0
    assert ask(servers[1], "family_guide", "SELECT count(*) FROM pg_tables WHERE schemaname='public'") == [(0,)]


def test_everything_is_there_after_restoring_into_a_fresh_server(backup, servers, used):
    assert len(whole(used)["family_guide", "events"]) == 2000
    done = run("restore.sh", servers[1], backup)
    assert done.returncode == 0, done.stderr
    assert whole(servers[1]) == whole(used)


def test_what_is_restored_goes_on_being_written_to(backup, servers):
    # After the restore above: ids go on where they were.
    ask(
        servers[1],
        "family_guide",
        "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES ('a', 'user', 1, '{}')",
        "family_guide",
    )
    assert ask(servers[1], "family_guide", "SELECT count(*), max(id) FROM events") == [(2001, 2001)]


def test_nothing_is_restored_over_what_is_there(backup, used):
    done = run("restore.sh", used, backup)
    assert done.returncode == 1
    assert "is not empty" in done.stderr


def test_old_backups_are_deleted_and_others_are_not(used, tmp_path):
    old, young, foreign = (tmp_path / n for n in ("family-guide-old", "family-guide-young", "photos"))
    for folder, days in ((old, 20), (young, 5), (foreign, 20)):
        folder.mkdir()
        os.utime(folder, (time.time() - days * 86400,) * 2)
    assert run("backup.sh", used, tmp_path, KEEP_DAYS="14").returncode == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert "family-guide-old" not in left
    assert {"family-guide-young", "photos"} < left


def test_a_failed_backup_leaves_nothing_that_looks_like_one(used, tmp_path):
    done = run("backup.sh", used, tmp_path, PGPORT="1")
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM events", "UPDATE events SET data = ''", "INSERT INTO events (sender_id) VALUES ('x')",
     "DROP TABLE events", "CREATE TABLE mine (id int)", "TRUNCATE events"],
)  # fmt: skip
def test_the_staff_app_reads_conversations_and_cannot_change_them(used, statement):
    assert ask(used, "family_guide", "SELECT count(*) FROM events", "family_guide_staff") == [(2000,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(used, "family_guide", statement, "family_guide_staff")


def test_the_assistant_has_no_door_to_the_staffs_database(used):
    with pytest.raises(psycopg2.OperationalError):
        connect(used, "family_guide_staff", "family_guide")
