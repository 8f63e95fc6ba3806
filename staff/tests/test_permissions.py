"""Each role on each page and each action."""

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.urls import URLResolver, get_resolver, resolve

from accounts.roles import ADMINISTRATOR, EDITOR, REVIEWER, ROLES, VIEWER
from conversations.models import Conversation, Message, Tag, Undelivered
from review.models import Batch, Flag, Suggestion

PAGES = {
    "/": VIEWER, "/conversations/": VIEWER, "/conversations/{c}/": VIEWER, "/gaps/": VIEWER, "/undelivered/": VIEWER, "/conversations/{c}/message/{m}/": VIEWER,
    "/password_change/": VIEWER, "/conversations/tag/{t}/change/": VIEWER, "/conversations/tag/{t}/delete/": EDITOR,
    "/auth/user/{u}/change/": ADMINISTRATOR,
    "/conversations/tag/{t}/history/": VIEWER, "/auth/user/{u}/history/": ADMINISTRATOR,
    "/auditlog/logentry/{e}/history/": ADMINISTRATOR, "/suggestions/": VIEWER,
    "/conversations/tag/": VIEWER, "/conversations/tag/add/": REVIEWER,
    "/conversations/export.csv": EDITOR, "/conversations/export.json": EDITOR,
    "/suggestions/batch/{b}/": EDITOR, "/suggestions/batch/{b}/nlu.yml": EDITOR, "/suggestions/batch/{b}/test.yml": EDITOR,
    "/auth/user/": ADMINISTRATOR, "/auth/user/add/": ADMINISTRATOR, "/auditlog/logentry/": ADMINISTRATOR,
}  # fmt: skip
ACTIONS = {
    "/conversations/{c}/review/": (REVIEWER, {"state": "done"}),
    "/conversations/{c}/note/": (REVIEWER, {"text": "a note"}),
    "/conversations/{c}/message/{m}/flag/": (REVIEWER, {"reason": "wrong"}),
    "/conversations/{c}/message/{m}/suggest/": (REVIEWER, {"topic": "faq/diet"}),
    "/flags/{f}/remove/": (REVIEWER, {}),
    "/undelivered/{r}/seen/": (REVIEWER, {}),
    "/conversations/tag/add/": (REVIEWER, {"name": "a new tag"}),
    "/conversations/tag/{t}/change/": (EDITOR, {"name": "another name"}),
    "/conversations/tag/{t}/delete/": (EDITOR, {"post": "yes"}),
    "/auth/user/add/": (
        ADMINISTRATOR,
        {"username": "new", "password1": "a new long secret", "password2": "a new long secret", "role": "viewer"},
    ),
    "/auth/user/{u}/change/": (ADMINISTRATOR, {"username": "renamed", "role": "viewer", "is_active": "on"}),
    "/auth/user/{u}/password/": (
        ADMINISTRATOR,
        {"password1": "another long secret", "password2": "another long secret", "usable_password": "true"},
    ),
    "/suggestions/decide/": (EDITOR, {"decision": "accept", "suggestion": "1"}),
    "/suggestions/batch/": (EDITOR, {}),
}


OUTSIDE_THE_MATRIX = {
    # Before signing in, and of one's own account.
    "login", "logout", "second_factor", "password_change_done", "health", "ready",
    # Of Django's admin and Unfold: scripts' helpers, which give nothing of ours.
    "jsi18n", "autocomplete", "view_on_site", "app_list", "search",
    # Refused to everybody: tested below.
    "auditlog_logentry_add", "auditlog_logentry_change", "auditlog_logentry_delete", "auth_user_delete",
}  # fmt: skip


@pytest.fixture
def places(imported):
    message = Message.objects.get(text="can we fly")
    flag = Flag.objects.create(message=message, reason="missed")
    batch = Batch.objects.create()
    other = Message.objects.get(text="what is it")
    Suggestion.objects.create(message=other, text=other.text, topic="faq/diet", state="exported", batch=batch)
    report = Undelivered.objects.create(report_id=1, at=message.at, channel="sms", sender_id="x", what="not_delivered")
    return {
        "c": message.conversation_id, "m": message.pk, "f": flag.pk, "b": batch.pk, "r": report.pk,
        "e": LogEntry.objects.latest("id").pk, "t": Tag.objects.create(name="a tag").pk, "u": User.objects.create_user("somebody", is_staff=True).pk,
    }  # fmt: skip


def allowed(role, least):
    return ROLES.index(role) >= ROLES.index(least)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_pages_and_no_other(role, signed_in, places):
    client = signed_in(role)
    for page, least in PAGES.items():
        status = client.get(page.format(**places)).status_code
        # One page opens another at a place in it.
        shown = 302 if "/message/" in page else 200
        assert status == (shown if allowed(role, least) else 403), (role, page)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_its_actions_and_no_other(role, signed_in, places):
    client = signed_in(role)
    for address, (least, data) in ACTIONS.items():
        status = client.post(address.format(**places), data).status_code
        assert status == (302 if allowed(role, least) else 403), (role, address)
        if address not in PAGES and "/password/" not in address:
            assert client.get(address.format(**places)).status_code in (403, 404, 405)


def test_every_address_of_the_site_is_in_the_matrix(places):
    def names(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from names(pattern.url_patterns)
            elif pattern.name:
                yield pattern.name

    tested = {resolve(address.format(**places)).url_name for address in (*PAGES, *ACTIONS)}
    assert set(names(get_resolver().url_patterns)) - tested == OUTSIDE_THE_MATRIX


def test_nobody_gets_in_without_signing_in(client, places):
    for page in (*PAGES, *ACTIONS):
        assert client.get(page.format(**places)).status_code == 302, page


def test_a_password_alone_opens_nothing(client, account, places):
    client.force_login(account(ADMINISTRATOR), backend="django.contrib.auth.backends.ModelBackend")
    for page in PAGES:
        assert client.get(page.format(**places)).status_code == 302, page


@pytest.mark.parametrize("role", ROLES)
def test_nobody_deletes_an_account_and_helpers_of_scripts_give_nothing(role, signed_in, places):
    client = signed_in(role)
    address = "/auth/user/{u}/delete/".format(**places)
    assert client.get(address).status_code == client.post(address, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=places["u"]).exists()
    assert not client.get("/search/?s=somebody").content.strip()
    choices = "/autocomplete/?term=a&app_label=auth&model_name=user&field_name=groups"
    assert client.get(choices).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_nobody_changes_the_audit_log(role, signed_in, imported):
    client = signed_in(role)
    client.get(f"/conversations/{Conversation.objects.first().pk}/")
    entry = LogEntry.objects.latest("id")
    for deed in ("change", "delete"):
        address = f"/auditlog/logentry/{entry.pk}/{deed}/"
        assert client.post(address, {"object_repr": "x", "post": "yes"}).status_code == 403
    assert client.get("/auditlog/logentry/add/").status_code == 403
    assert LogEntry.objects.filter(pk=entry.pk, object_repr=entry.object_repr).exists()
