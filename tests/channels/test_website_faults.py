"""Whatever fails behind the website's API: a kind answer in time, and nothing kept that was deleted."""

import asyncio
import contextlib
import sqlite3
import threading
import time

import pytest
from rasa.core.lock_store import LockError

from family_guide.privacy import database
from family_guide.privacy.retention import delete_expired
from family_guide.settings import Settings
from family_guide.wording import WENT_WRONG
from tests.channels.small_website import bearer, small_website

SECONDS = 2
DATABASE_SECONDS = database._ANSWER_SECONDS


@pytest.fixture
def website(tmp_path):
    with small_website(Settings(var=tmp_path, reply_seconds=SECONDS)) as running:
        yield running


class Hangs:
    """A database that takes a connection and never answers."""

    def __init__(self, store):
        self.feedback = store.feedback

    async def retrieve(self, conversation):
        await asyncio.sleep(60)

    retrieve_full_tracker = get_or_create_tracker = retrieve

    def delete_conversation(self, conversation):
        # A thread cannot be stopped; long enough to be waited for in vain.
        time.sleep(3 * SECONDS)


class Gone(Hangs):
    """A database that refuses everything, in words that are nobody's business."""

    async def retrieve(self, conversation):
        raise ConnectionError("sqlalchemy: database at 10.0.0.1 is gone")

    retrieve_full_tracker = get_or_create_tracker = retrieve

    def delete_conversation(self, conversation):
        raise ConnectionError("sqlalchemy: database at 10.0.0.1 is gone")


@pytest.mark.parametrize("store", [Hangs, Gone])
@pytest.mark.parametrize("message_id", [None, "one"])
def test_without_its_database_every_message_is_answered_in_time(website, store, message_id):
    session = website.begin()
    website.agent.tracker_store = store(website.agent.tracker_store)
    fields = {"message_id": message_id} if message_id else {}
    began = time.monotonic()
    answer = website.say(session, "can it spread", **fields)
    emergency = website.say(session, "she can't breathe")

    assert time.monotonic() - began < 4 * SECONDS
    assert [message["text"] for message in answer.json()["messages"]] == [WENT_WRONG]
    assert emergency.json()["messages"][0]["kind"] == "emergency"


@pytest.mark.parametrize("store", [Hangs, Gone])
def test_without_its_database_everything_else_fails_kindly_and_in_time(website, store):
    session = website.begin()
    about = website.say(session, "hello").json()["messages"][0]["id"]
    website.agent.tracker_store = store(website.agent.tracker_store)
    rating = {"session": session, "about": about, "rating": "up"}
    began = time.monotonic()
    answers = [
        website.ask("GET", "/history", headers=bearer(session)),
        website.ask("POST", "/feedback", json=rating),
        website.forget(session),
    ]

    assert time.monotonic() - began < 6 * SECONDS
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert all("911" in answer.json()["error"]["message"] for answer in answers)


def test_a_message_sent_again_is_taken_once(website):
    session = website.begin()
    first, again = (website.say(session, "hello", message_id="one").json() for _ in range(2))

    assert first == again
    assert website.agent.heard == ["hello"]


def test_a_message_sent_again_after_the_safe_reply_is_taken_then(website):
    session = website.begin()
    website.agent.seconds = 2 * SECONDS
    assert website.say(session, "hello", message_id="one").json()["messages"][0]["text"] == WENT_WRONG
    website.agent.seconds = 0
    assert website.say(session, "hello", message_id="one").json()["messages"][0]["text"] == "You said: hello"
    assert website.history(session) == ["hello", "You said: hello"]


def test_deleting_waits_for_the_message_that_is_on_its_way(website):
    session = website.begin()
    website.say(session, "first")
    website.agent.seconds = SECONDS / 8
    sending = threading.Thread(target=website.say, args=(session, "second"))
    sending.start()
    while "second" not in website.agent.heard:
        time.sleep(0.01)
    assert website.forget(session).status_code == 204
    sending.join()

    assert website.history(session) == []


def test_what_could_not_be_deleted_is_deleted_when_it_is_asked_for_again(website):
    session = website.begin()
    website.say(session, "hello")
    website.agent.says["yes"] = {"kind": "info", "data": {"delete_conversation": True}}
    store = website.agent.tracker_store
    with contextlib.ExitStack() as stack:
        deletes = store.delete_conversation
        stack.callback(setattr, store, "delete_conversation", deletes)
        store.delete_conversation = Gone(store).delete_conversation
        assert website.say(session, "yes", message_id="one").status_code == 503
    assert website.say(session, "yes", message_id="one").status_code == 200

    assert website.history(session) == []


def test_feedback_is_kept_once_for_each_message_and_goes_with_the_conversation(website):
    session = website.begin()
    about = website.say(session, "hello").json()["messages"][0]["id"]
    engine = website.agent.tracker_store.engine
    for rating, comment in (("up", ""), ("down", "call me at 617-555-0142")):
        fields = {"session": session, "about": about, "rating": rating, "comment": comment}
        assert website.ask("POST", "/feedback", json=fields).status_code == 204

    ((rating, comment, stamp),) = engine.execute("SELECT rating, comment, message_timestamp FROM feedback")
    assert (rating, stamp) == ("down", float(about))
    assert "555" not in comment
    website.forget(session)
    assert engine.execute("SELECT count(*) FROM feedback").scalar() == 0


@pytest.mark.parametrize("about", ["", "1", "nan", "-1e999", "1700000000.000000"])
def test_only_what_was_said_in_this_chat_can_be_rated(website, about):
    other = website.say(website.begin(), "hello").json()["messages"][0]["id"]
    session = website.begin()
    website.say(session, "hello")
    for one in (about, other):
        answer = website.ask("POST", "/feedback", json={"session": session, "about": one, "rating": "up"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_message")


def test_a_conversation_that_stays_locked_is_answered_in_time(website):
    session = website.begin()

    @contextlib.asynccontextmanager
    async def never(*arguments, **options):
        raise LockError("could not acquire the lock of website-0123")
        yield

    website.agent.lock_store.lock = never
    assert website.say(session, "can it spread").json()["messages"][0]["text"] == WENT_WRONG
    assert website.say(session, "he can't breathe").json()["messages"][0]["kind"] == "emergency"
    assert website.forget(session).status_code == 503


def test_a_locked_database_costs_no_message(website, tmp_path):
    session = website.begin()
    website.say(session, "first")
    writer = sqlite3.connect(tmp_path / "conversations.db", isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    assert website.say(session, "second", message_id="two").json()["messages"][0]["text"] == WENT_WRONG
    # A message that is being written is waited for, as long as the database may take.
    assert time.monotonic() - began < 2 * SECONDS + DATABASE_SECONDS
    writer.execute("ROLLBACK")
    writer.close()

    again = website.say(session, "second", message_id="two").json()["messages"]
    assert [message["text"] for message in again] == ["You said: second"]
    assert website.history(session) == ["first", "You said: first", "second", "You said: second"]


def test_what_is_older_than_its_time_is_no_longer_shown(website):
    session = website.begin()
    website.say(session, "hello")
    delete_expired(website.agent.tracker_store, days=1, now=time.time() + 2 * 86400)

    assert website.history(session) == []
