import contextlib
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest
from auditlog.models import LogEntry
from django.db import connection, connections
from django.utils import timezone

from conversations.deletion import expire, forget_sender
from conversations.events import StoredEvent
from conversations.follow import follow
from conversations.importer import import_once
from conversations.models import Conversation, ImportPosition, Message, MissingEvents, SymptomCheck
from conversations.store import StoreUnavailable, open_store
from review.models import Note, Suggestion
from tests.store import SqliteAssistant, action, bot, check, user

SAID = (Message.Kind.FAMILY, Message.Kind.GUIDE)


@contextlib.contextmanager
def following(url):
    """Follow a store in a thread, as the importer's process does."""
    stop = threading.Event()

    def run():
        follow(stop, url)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait_until(true, seconds=30):
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(ImportPosition.DoesNotExist):
            if true():
                return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


class FakeStore:
    """A store as PostgreSQL shows it: rows appear when their transaction commits."""

    assigns_ids_in_order = False

    def __init__(self):
        self.rows, self.oldest, self.following = {}, 1, 1

    def commit(self, event_id, sender="s", text="hello", at=None):
        at = time.time() if at is None else at
        import json

        self.rows[event_id] = StoredEvent(event_id, sender, "user", at, json.dumps(user(text, at=at)))

    def events_after(self, event_id, limit):
        return [self.rows[i] for i in sorted(self.rows) if i > event_id][:limit]

    def events_between(self, first_id, last_id, limit):
        return [self.rows[i] for i in sorted(self.rows) if first_id <= i <= last_id][:limit]

    def event_keys(self, ids):
        return {i: (self.rows[i].sender_id, self.rows[i].stamp) for i in ids if i in self.rows}

    def first_ids(self, sender_ids):
        found = {}
        for event in self.rows.values():
            if event.sender_id in sender_ids:
                found[event.sender_id] = min(event.id, found.get(event.sender_id, event.id))
        return found

    def feedback_after(self, feedback_id, limit):
        return []

    def running_transactions(self):
        return self.oldest, self.following

    def latest_reports(self, limit):
        return []


def test_a_turn_gives_a_conversation_with_its_sums(imported):
    conversation = Conversation.objects.get(sender_id="s2")
    assert conversation.not_understood == 1
    assert conversation.needs_a_look
    assert conversation.lowest_confidence == pytest.approx(0.5)
    asked = conversation.messages.get(kind="family")
    assert (asked.intent, asked.runner_up) == ("unknown", "faq/school_and_sports")
    assert asked.answered_after == pytest.approx(0.1, abs=0.01)


def test_an_answer_keeps_its_source(imported):
    answer = Message.objects.get(topic="faq/what_is_asps")
    assert (answer.facts, answer.heading) == (["W01"], "What it is")
    assert Conversation.objects.filter(topics__topic="faq/what_is_asps").count() == 1


def test_reading_again_changes_nothing(imported, store):
    before = Message.objects.count()
    ImportPosition.objects.update(event_id=0, sender_id="", stamp=0)
    import_once(store)
    assert Message.objects.count() == before


def test_an_abandoned_check_is_known_by_its_question(db, assistant, store):
    assistant.say("s", check("active", "who"), check("active", "lump"))
    assistant.say("s", user("never mind", "stop_check"), check("stopped", "lump"))
    assistant.say("s", check("active", "who"), check("done"), bot("Book.", kind="outcome", data={"outcome": "book"}))
    import_once(store)
    runs = SymptomCheck.objects.order_by("first_event_id").values_list("status", "question", "outcome")
    assert list(runs) == [("stopped", "lump", ""), ("done", "who", "book")]
    assert Conversation.objects.get().check_outcome == "book"


def test_feedback_is_put_on_the_reply_it_is_about(db, assistant, store):
    assistant.say("s", user("hi", at=10.0), bot("one", at=10.5), user("and", at=20.0), bot("two", at=20.5))
    import_once(store)
    assistant.rate("s", 20.5, "down", "not what I asked")
    import_once(store)
    assert Message.objects.get(rating="down").text == "two"
    assert Conversation.objects.get().thumbs_down == 1


def test_a_store_without_feedback_is_fine(db, tmp_path):
    import sqlite3

    from tests.store import CREATE

    sqlite3.connect(tmp_path / "old.db").execute(CREATE.format(key="INTEGER PRIMARY KEY", real="FLOAT"))
    assert import_once(open_store(f"sqlite:///{tmp_path / 'old.db'}")) == 0


def test_an_event_that_cannot_be_read_is_shown_as_such(db):
    store = FakeStore()
    store.rows[1] = StoredEvent(1, "s", "user", 1.0, "{broken")
    import_once(store)
    assert "could not be read" in Message.objects.get().text


def test_a_lower_id_that_commits_later_is_imported(db):
    store = FakeStore()
    store.commit(1)
    store.commit(3, text="third")
    store.following = 10
    import_once(store)
    assert MissingEvents.objects.get().first_id == 2
    store.commit(2, text="second")
    import_once(store)
    assert list(Message.objects.values_list("event_id", flat=True)) == [1, 2, 3]
    assert not MissingEvents.objects.exists()


def test_missing_ids_are_waited_for_while_their_transaction_may_run(db, monkeypatch):
    import datetime as dt

    monkeypatch.setattr("conversations.importer._LEAST_WAIT", dt.timedelta(0))
    store = FakeStore()
    store.commit(1)
    store.commit(9)
    store.oldest, store.following = 5, 10
    import_once(store)
    store.oldest = 9
    import_once(store)
    assert MissingEvents.objects.exists()
    store.oldest = 10
    import_once(store)
    assert not MissingEvents.objects.exists()


def test_ids_that_sqlite_gives_again_replace_what_had_them(db, assistant, store):
    assistant.say("keeps", user("first", at=1.0))
    assistant.say("leaves", user("gone", at=2.0), bot("gone too", at=3.0), bot("and this", at=3.5))
    import_once(store)
    assistant.delete("sender_id = ?", "leaves")
    assistant.say("new", user("another", at=4.0), bot("answer", at=5.0))
    import_once(store)
    assert sorted(Message.objects.values_list("text", flat=True)) == ["another", "answer", "first"]
    assert set(Conversation.objects.values_list("sender_id", flat=True)) == {"keeps", "new"}


def test_what_is_deleted_in_the_store_is_deleted_here_without_a_trace_of_its_content(imported, assistant, store):
    conversation = Conversation.objects.get(sender_id="s2")
    Note.objects.create(conversation=conversation, text="A secret note")
    message = conversation.messages.get(kind="family")
    Suggestion.objects.create(message=message, text=message.text, topic="faq/diet")
    assistant.delete("sender_id = ?", "s2")
    import_once(store)
    assert not Conversation.objects.filter(sender_id="s2").exists()
    assert not Note.objects.exists()
    assert not Suggestion.objects.exists()
    entry = LogEntry.objects.get(content_type__model="conversation", action=LogEntry.Action.DELETE)
    assert "deleted in the assistant's store" in entry.additional_data["reason"]
    written = " ".join(f"{e.changes} {e.object_repr} {e.additional_data}" for e in LogEntry.objects.all())
    assert "fly" not in written
    assert "secret" not in written


def test_old_messages_of_a_conversation_that_goes_on_are_deleted(db, assistant, store):
    assistant.say("s", user("old", at=10.0), bot("old answer", at=11.0))
    assistant.say("s", user("new", at=1000.0), bot("new answer", at=1001.0))
    import_once(store)
    assistant.delete("timestamp < ?", 500)
    import_once(store)
    assert list(Message.objects.values_list("text", flat=True)) == ["new", "new answer"]
    assert Conversation.objects.get().message_count == 1


def test_deletion_on_request_works_at_once(imported):
    assert forget_sender("s3")
    assert not forget_sender("s3")
    assert not Conversation.objects.filter(sender_id="s3").exists()


def test_conversations_are_deleted_by_age_even_without_the_store(imported):
    Conversation.objects.filter(sender_id="s1").update(last_activity=timezone.now())
    assert expire(0) == 0
    assert expire(90) == 4
    assert list(Conversation.objects.values_list("sender_id", flat=True)) == ["s1"]
    reasons = [entry.additional_data["reason"] for entry in LogEntry.objects.filter(action=LogEntry.Action.DELETE)]
    assert reasons == ["deleted because of its age"] * 4


@pytest.mark.skipif("ON_POSTGRESQL" in os.environ, reason="the file beside the database is SQLite's")
def test_no_byte_of_what_was_deleted_stays_in_a_file(written_database, assistant, store):
    assistant.say("s", user("the xylophone hurts", at=10.0), bot("answer", at=11.0))
    assistant.say("other", user("what is it", at=12.0))
    import_once(store)
    file = Path(connection.settings_dict["NAME"])
    files = [file, file.with_name(f"{file.name}-wal")]
    assert any(b"xylophone" in path.read_bytes() for path in files)
    assistant.delete("sender_id = ?", "s")
    import_once(store)
    assert not any(b"xylophone" in path.read_bytes() for path in files if path.exists())


def test_a_family_that_writes_again_reopens_a_done_review(imported, assistant, store):
    Conversation.objects.filter(sender_id="s1").update(state="done")
    assistant.say("s1", user("one more thing", at=9000.0))
    import_once(store)
    assert Conversation.objects.get(sender_id="s1").state == "new"


def test_no_store_yet_is_said_in_words(tmp_path):
    with pytest.raises(StoreUnavailable, match="no assistant database yet"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}")


def test_an_address_of_another_kind_is_said_in_words():
    with pytest.raises(StoreUnavailable, match="FAMILY_GUIDE_DATABASE_URL"):
        open_store("mysql://somewhere/db")


def test_the_import_begins_when_the_store_comes_and_says_what_is_missing(written_database, tmp_path, monkeypatch):
    monkeypatch.setattr("conversations.follow._SECONDS_AFTER_A_PROBLEM", 0.05)
    file = tmp_path / "later.db"
    with following(f"sqlite:///{file}"):
        wait_until(lambda: "no assistant database yet" in ImportPosition.objects.get().problem)
        store = SqliteAssistant(file)
        store.say("s", user("at last"))
        wait_until(lambda: Message.objects.filter(text="at last").exists())
        assert ImportPosition.objects.get().problem == ""
        store.close()


def test_an_import_that_is_killed_fifty_times_loses_and_doubles_nothing(written_database, assistant):
    chance = random.Random(3)
    for number in range(60):
        assistant.say(f"s{number % 17}", action(), user(f"message {number}"), check("active", "lump"), bot("answer"))
    connections.close_all()
    said = 60
    for _ in range(50):
        child = os.fork()
        if child == 0:
            try:
                follower = open_store(assistant.url)
                import conversations.importer as importer

                importer.BATCH = 7
                while True:
                    import_once(follower)
            finally:
                os._exit(1)
        for _ in range(chance.randint(1, 3)):
            assistant.say(f"s{said % 17}", user(f"message {said}"), check("active", "pain"), bot("answer"))
            said += 1
            time.sleep(chance.uniform(0, 0.04))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    last = open_store(assistant.url)
    while import_once(last):
        pass
    assert Message.objects.filter(kind__in=SAID).count() == assistant.count() == 2 * said
    texts = list(Message.objects.filter(kind="family").values_list("text", flat=True))
    assert sorted(texts) == sorted(f"message {n}" for n in range(said))
    assert sum(Conversation.objects.values_list("message_count", flat=True)) == said
    connection.close()
