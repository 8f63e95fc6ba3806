"""Replies that did not arrive: imported, shown, looked after, and deleted with what the store deletes."""

import time

from auditlog.models import LogEntry

from conversations.deletion import expire, forget_sender
from conversations.importer import import_once
from conversations.models import Conversation, Undelivered
from tests.store import bot, user


def test_a_report_of_the_assistant_is_shown_with_its_conversation(signed_in, assistant, store):
    assistant.say("t1", user("what is it", at=10.0, channel="telegram"), bot("It is a cancer.", at=11.0))
    assistant.report("t1", "not_delivered", "blocked by the user", at=12.0)
    assistant.report("nobody", "not_answered", "too old", at=13.0)
    import_once(store)
    client = signed_in("viewer")
    page = client.get("/undelivered/").content.decode()
    conversation = Conversation.objects.get()
    assert "The reply was not delivered" in page
    assert "blocked by the user" in page
    assert conversation.reference in page
    assert "The message was not answered" in page
    assert "none is stored" in page
    assert "The reply was not delivered" in client.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Looked after</button>" not in page


def test_what_somebody_looked_after_counts_no_more_and_is_in_the_audit_log(signed_in, assistant, store):
    assistant.report("t1", "maybe_delivered", "timeout", at=12.0)
    import_once(store)
    client = signed_in("reviewer")
    assert '<span class="count urgent">1</span>' in client.get("/undelivered/").content.decode()
    report = Undelivered.objects.get()
    assert client.post(f"/undelivered/{report.pk}/seen/").status_code == 302
    assert '<span class="count urgent">' not in client.get("/undelivered/").content.decode()
    import_once(store)
    report.refresh_from_db()
    assert report.seen_by.username == "reviewer"
    assert LogEntry.objects.filter(content_type__model="undelivered", actor=report.seen_by).exists()


def test_a_report_goes_when_the_store_deletes_it(db, assistant, store):
    assistant.report("t1", "not_delivered", "gone", at=12.0)
    assistant.report("t2", "not_delivered", "gone", at=12.0)
    import_once(store)
    assistant.delete("conversation = ?", "t1", table="channel_report")
    import_once(store)
    assert list(Undelivered.objects.values_list("sender_id", flat=True)) == ["t2"]


def test_a_report_goes_by_age_and_on_request_even_without_the_store(db, assistant, store):
    assistant.report("old", "not_delivered", "gone", at=12.0)
    assistant.report("new", "not_delivered", "gone", at=time.time())
    import_once(store)
    expire(90)
    assert list(Undelivered.objects.values_list("sender_id", flat=True)) == ["new"]
    forget_sender("new")
    assert not Undelivered.objects.exists()


def test_a_store_without_messaging_channels_is_fine(signed_in, imported, assistant, store):
    assistant.delete("id > ?", 0, table="channel_report")
    import_once(store)
    assert "Every reply was delivered" in signed_in("viewer").get("/undelivered/").content.decode()
