"""Each role on each page and each action."""

import pytest
from auditlog.models import LogEntry

from accounts.roles import ADMINISTRATOR, EDITOR, REVIEWER, ROLES, VIEWER
from conversations.models import Conversation, Message
from review.models import Batch, Flag, Suggestion

PAGES = {
    "/": VIEWER, "/conversations/": VIEWER, "/conversations/{c}/": VIEWER, "/gaps/": VIEWER, "/suggestions/": VIEWER,
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
    "/suggestions/decide/": (EDITOR, {"decision": "accept", "suggestion": "1"}),
    "/suggestions/batch/": (EDITOR, {}),
}


@pytest.fixture
def places(imported):
    message = Message.objects.get(text="can we fly")
    flag = Flag.objects.create(message=message, reason="missed")
    batch = Batch.objects.create()
    other = Message.objects.get(text="what is it")
    Suggestion.objects.create(message=other, text=other.text, topic="faq/diet", state="exported", batch=batch)
    return {"c": message.conversation_id, "m": message.pk, "f": flag.pk, "b": batch.pk}


def allowed(role, least):
    return ROLES.index(role) >= ROLES.index(least)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_pages_and_no_other(role, signed_in, places):
    client = signed_in(role)
    for page, least in PAGES.items():
        status = client.get(page.format(**places)).status_code
        assert status == (200 if allowed(role, least) else 403), (role, page)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_its_actions_and_no_other(role, signed_in, places):
    client = signed_in(role)
    for address, (least, data) in ACTIONS.items():
        status = client.post(address.format(**places), data).status_code
        assert status == (302 if allowed(role, least) else 403), (role, address)
        assert client.get(address.format(**places)).status_code in (403, 404, 405)


def test_nobody_gets_in_without_signing_in(client, places):
    for page in (*PAGES, *ACTIONS):
        assert client.get(page.format(**places)).status_code == 302, page


def test_a_password_alone_opens_nothing(client, account, places):
    client.force_login(account(ADMINISTRATOR), backend="django.contrib.auth.backends.ModelBackend")
    for page in PAGES:
        assert client.get(page.format(**places)).status_code == 302, page


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
