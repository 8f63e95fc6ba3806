"""Accounts, a store and a database for the tests: SQLite, or PostgreSQL where the environment says so."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

import pytest

_NUMBERS = itertools.count()
_FOLDER = Path(tempfile.mkdtemp(prefix="staff-tests-"))
if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a folder of its own, not that of the process which started it.
    os.environ["FAMILY_GUIDE_VAR"] = str(_FOLDER)
os.environ.setdefault("FAMILY_GUIDE_VAR", str(_FOLDER))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
os.environ.pop("FAMILY_GUIDE_DATABASE_URL", None)


def pytest_configure(config):
    """A file rather than memory, so that other processes see the test database."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    database.setdefault("TEST", {})
    if "sqlite" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(_FOLDER / "test.db")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _empty_cache():
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def written_database(transactional_db):
    """A database whose changes other connections see. The guard of the audit log is lifted to empty it."""
    from django.db import connection

    from accounts import audit_guard
    from accounts.roles import _make_groups

    _make_groups()
    audit_guard.install(connection)
    yield
    audit_guard.remove(connection)


@pytest.fixture
def assistant(tmp_path):
    """The assistant's store: in the same kind of database as the staff app's."""
    from tests.store import PostgresAssistant, SqliteAssistant

    server = os.environ.get("FAMILY_GUIDE_STAFF_DATABASE_URL")
    store = (
        PostgresAssistant(server, f"store_{next(_NUMBERS)}")
        if server
        else SqliteAssistant(tmp_path / "conversations.db")
    )
    yield store
    store.close()


@pytest.fixture
def store(assistant):
    from conversations.store import open_store

    opened = open_store(assistant.url)
    yield opened
    opened.close()


@pytest.fixture
def account(db):
    """Make an account of a role, with an authenticator app."""
    from django.contrib.auth.models import User
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from accounts.forms import save_role

    def make(role: str, name: str | None = None) -> User:
        user = User.objects.create_user(name or role, password="correct horse battery")
        save_role(user, role)
        TOTPDevice.objects.create(user=user, name="phone", confirmed=True)
        return user

    return make


@pytest.fixture
def signed_in(client, account):
    """Sign the client in with both factors as an account of a role."""
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    def sign_in(role: str):
        user = account(role)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=user).persistent_id
        session.save()
        return client

    return sign_in


@pytest.fixture
def imported(db, assistant, store):
    """A few conversations of every kind, imported."""
    from conversations.importer import import_once
    from tests.store import bot, check, user

    assistant.say("s1", user("what is it", "faq/what_is_asps", 0.97, at=1000.0),
                  bot("It is a cancer.", "utter_faq/what_is_asps", at=1000.2, facts=["W01"], heading="What it is"))  # fmt: skip
    assistant.say("s2", user("can we fly", "unknown", 0.5, ("faq/school_and_sports", 0.2), at=2000.0),
                  bot("I am not sure.", "utter_unknown", "fallback", at=2000.1))  # fmt: skip
    assistant.say("s3", user("she cannot breathe", "emergency", 1.0, at=3000.0, safety="emergency"),
                  bot("Call 911 now.", kind="emergency", at=3000.1))  # fmt: skip
    assistant.say("s4", user("my son [name] has it?", "chat/ask_diagnosis", 0.9, at=4000.0),
                  bot("I cannot tell.", "utter_chat/ask_diagnosis", "info", at=4000.1))  # fmt: skip
    assistant.say("s5", user("Check symptoms", "check_symptoms", 1.0, at=5000.0, button=True),
                  check("active", "lump", 5000.1), bot("A lump?", kind="question", at=5000.2))  # fmt: skip
    import_once(store)
