import csv
import io
import json
from datetime import timedelta

import pytest
import yaml
from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from config.environment import database_from_url, read_environment
from conversations.models import Conversation, Message
from insight.gaps import group
from review.models import Note, Suggestion
from review.nlu_export import conversation_test, example, nlu_yaml


def listed(client, query):
    return {c.sender_id for c in client.get(f"/conversations/?{query}").context["shown"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("queue=look", {"s2", "s3", "s4"}),
        ("queue=emergency", {"s3"}),
        ("queue=crisis", set()),
        ("queue=doubt", {"s2"}),
        ("queue=diagnosis", {"s4"}),
        ("topic=faq/what_is_asps", {"s1"}),
        ("confidence=0.6", {"s2"}),
        ("understood=no", {"s2"}),
        ("safety=either", {"s3"}),
        ("check=any", {"s5"}),
        ("check=abandoned", {"s5"}),
        ("check=at:lump", {"s5"}),
        ("check=at:pain", set()),
        ("feedback=none&q=fly", {"s2"}),
        ("q=breathe", {"s3"}),
        ("channel=website&language=en&q=fly", {"s2"}),
        ("state=done", set()),
        ("assignee=nobody&q=breathe", {"s3"}),
        ("since=1970-01-01&until=1970-01-01", {"s1", "s2", "s3", "s4", "s5"}),
        ("since=1990-01-01", set()),
    ],
)
def test_a_filter_lists_what_it_says(query, found, signed_in, imported):
    assert listed(signed_in("viewer"), query) == found


def test_a_filter_that_is_wrong_says_so_and_breaks_nothing(signed_in, imported):
    page = signed_in("viewer").get("/conversations/?since=2026-02-02&until=2026-01-01&page=x&sort=nonsense")
    assert page.status_code == 200
    assert b"Choose the same day or a later one" in page.content


def test_next_and_previous_follow_the_queue(signed_in, imported):
    client = signed_in("viewer")
    middle = Conversation.objects.get(sender_id="s3")
    context = client.get(f"/conversations/{middle.pk}/?queue=look").context
    assert context["before"] == Conversation.objects.get(sender_id="s4").pk
    assert context["after"] == Conversation.objects.get(sender_id="s2").pk


def test_a_transcript_shows_what_was_understood_and_the_source(signed_in, imported):
    client = signed_in("viewer")
    page = client.get(f"/conversations/{Conversation.objects.get(sender_id='s1').pk}/").content.decode()
    assert "97%" in page
    assert "What it is" in page
    assert "facts W01" in page


def test_what_was_redacted_is_marked_and_kept(signed_in, imported):
    client = signed_in("reviewer")
    message = Message.objects.get(text__contains="[name]")
    page = client.get(f"/conversations/{message.conversation_id}/").content.decode()
    assert '<span class="redacted">[name]</span>' in page
    client.post(
        f"/conversations/{message.conversation_id}/message/{message.pk}/suggest/", {"topic": "faq/diet", "text": "x"}
    )
    assert "[name]" in Suggestion.objects.get().text


def test_reading_a_transcript_is_recorded(signed_in, imported):
    conversation = Conversation.objects.first()
    signed_in("viewer").get(f"/conversations/{conversation.pk}/")
    entry = LogEntry.objects.filter(action=LogEntry.Action.ACCESS, content_type__model="conversation").get()
    assert (entry.actor.username, entry.additional_data["did"]) == ("viewer", "read the transcript")


def test_a_note_is_in_the_audit_log_without_its_words(signed_in, imported):
    conversation = Conversation.objects.first()
    signed_in("reviewer").post(f"/conversations/{conversation.pk}/note/", {"text": "confidential words"})
    assert Note.objects.get().author.username == "reviewer"
    assert LogEntry.objects.filter(content_type__model="note").exists()
    assert not any("confidential" in str(e.changes) for e in LogEntry.objects.all())


def test_the_database_refuses_to_change_the_audit_log(signed_in, imported):
    signed_in("viewer").get(f"/conversations/{Conversation.objects.first().pk}/")
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        LogEntry.objects.update(object_repr="x")
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        LogEntry.objects.filter(pk=LogEntry.objects.latest("id").pk)._raw_delete("default")


def test_a_review_is_saved_with_a_new_tag(signed_in, imported):
    conversation = Conversation.objects.get(sender_id="s2")
    client = signed_in("reviewer")
    client.post(f"/conversations/{conversation.pk}/review/", {"state": "in_review", "new_tag": "travel"})
    conversation.refresh_from_db()
    assert conversation.state == "in_review"
    assert listed(client, f"tag={conversation.tags.get().pk}") == {"s2"}


def test_csv_and_json_hold_the_messages_and_the_export_is_recorded(signed_in, imported):
    client = signed_in("editor")
    rows = list(csv.DictReader(io.StringIO(client.get("/conversations/export.csv?q=fly").content.decode())))
    assert [row["text"] for row in rows] == ["can we fly", "I am not sure."]
    assert len(json.loads(client.get("/conversations/export.json").content)) == 10
    did = [(e.additional_data or {}).get("did") for e in LogEntry.objects.filter(action=LogEntry.Action.ACCESS)]
    assert did.count("exported") == 2


def test_an_export_of_nothing_says_so(signed_in, imported):
    page = signed_in("editor").get("/conversations/export.csv?q=zzzz")
    assert page.status_code == 400
    assert b"nothing to export" in page.content


def test_accepted_suggestions_become_training_data_and_a_test(signed_in, imported):
    client = signed_in("editor")
    message = Message.objects.get(text="can we fly")
    client.post(
        f"/conversations/{message.conversation_id}/message/{message.pk}/suggest/", {"topic": "faq/school_and_sports"}
    )
    suggestion = Suggestion.objects.get()
    client.post("/suggestions/decide/", {"decision": "accept", "suggestion": suggestion.pk})
    made = client.post("/suggestions/batch/")
    nlu = yaml.safe_load(client.get(made.url + "nlu.yml").content)
    assert nlu == {"version": "3.1", "nlu": [{"intent": "faq/school_and_sports", "examples": "- can we fly\n"}]}
    test = client.get(made.url + "test.yml")
    # Rasa reads no other files as tests.
    assert 'filename="test_' in test.headers["Content-Disposition"]
    story = yaml.safe_load(test.content)["stories"][0]
    assert story["steps"] == [{"user": "can we fly\n", "intent": "faq/school_and_sports"}, {"action": "utter_faq"}]
    suggestion.refresh_from_db()
    assert suggestion.state == "exported"


@pytest.mark.parametrize(
    "text", ["a [name](symptom) thing", 'quotes " and : colons', "two\nlines", "- a dash", "# a hash", "{braces}"]
)
def test_any_text_gives_valid_training_data(text):
    suggestion = Suggestion(pk=1, text=text, topic="faq/diet")
    examples = yaml.safe_load(nlu_yaml([suggestion]))["nlu"][0]["examples"]
    assert examples == f"- {example(text)}\n"
    assert "](" not in examples
    assert yaml.safe_load(conversation_test([suggestion]))["stories"][0]["steps"][0]["user"].strip() == example(text)


def test_alike_questions_are_one_group():
    labels = group(["can he fly on a plane", "is it ok to fly", "can she get her flu shot", "flu shot safe?", "???"])
    assert labels[0] == labels[1] != labels[2] == labels[3]


def test_gaps_name_the_question_and_lead_to_its_messages(signed_in, imported):
    Message.objects.filter(not_understood=True).update(at=F("at"))
    Message.objects.filter(not_understood=True).update(at=timezone.now())
    gaps = signed_in("viewer").get("/gaps/").context["gaps"]
    assert [gap.question for gap in gaps] == ["can we fly"]


def test_five_wrong_passwords_lock_the_account_out(client, account):
    account("viewer")
    for _ in range(5):
        answer = client.post("/login/", {"username": "viewer", "password": "wrong"})
    assert answer.status_code == 429
    answer = client.post("/login/", {"username": "viewer", "password": "correct horse battery"})
    assert answer.status_code == 429


def test_pages_come_with_the_headers_that_protect_them(signed_in, imported):
    headers = signed_in("viewer").get("/conversations/").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"


def test_an_empty_database_is_explained(signed_in, db):
    client = signed_in("viewer")
    assert b"The import has not run yet" in client.get("/conversations/").content
    assert b"No conversations yet" in client.get("/").content


SECRET = "s" * 60


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"FAMILY_GUIDE_STAFF_PORT": "many"}, "FAMILY_GUIDE_STAFF_PORT"),
        ({"FAMILY_GUIDE_STAFF_PROFILE": "fast"}, "FAMILY_GUIDE_STAFF_PROFILE"),
        ({"FAMILY_GUIDE_STAFF_PROFILE": "production", "FAMILY_GUIDE_STAFF_SECRET": SECRET}, "ALLOWED_HOSTS"),
        (
            {"FAMILY_GUIDE_STAFF_PROFILE": "production", "FAMILY_GUIDE_STAFF_ALLOWED_HOSTS": "a.example"},
            "SECRET is missing",
        ),
        ({"FAMILY_GUIDE_STAFF_SECRET": "short"}, "SECRET is too short"),
        ({"FAMILY_GUIDE_STAFF_DATABASE_URL": "mysql://x/y"}, "FAMILY_GUIDE_STAFF_DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named(variables, named, tmp_path):
    with pytest.raises(ImproperlyConfigured, match=named):
        read_environment({"FAMILY_GUIDE_VAR": str(tmp_path), **variables})


def test_a_database_address_is_taken_apart():
    found = database_from_url("postgresql+psycopg2://ann:p%40ss@db.example:5433/staff")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "ann", "p@ss", "db.example", "5433", "staff",
    )  # fmt: skip


def test_a_session_ends_after_some_minutes_without_a_click(signed_in, imported):
    client = signed_in("viewer")
    assert client.get("/conversations/").status_code == 200
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == "" or int(cookie["max-age"]) == 30 * 60
    session = Session.objects.get()
    assert timedelta(minutes=29) < session.expire_date - timezone.now() <= timedelta(minutes=30)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/conversations/").status_code == 302


def test_cookies_are_kept_from_scripts_and_other_sites(client, account):
    account("viewer")
    client.get("/login/")
    client.post("/login/", {"username": "viewer", "password": "correct horse battery"})
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] == "Strict", name


def test_a_form_from_another_site_is_refused(account):
    account("viewer")
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post("/login/", {"username": "viewer", "password": "correct horse battery"})
    assert answer.status_code == 403


def test_a_host_that_is_not_ours_is_refused(client, db):
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400
