"""A reviewer's day in a browser, and every page under axe."""

import base64
import hashlib
import hmac
import struct
import time

import pytest
from auditlog.models import LogEntry
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, sync_playwright

from accounts.forms import save_role
from conversations.importer import import_once
from conversations.models import Conversation, Tag
from tests.store import bot, user

PASSWORD = "correct horse battery"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


def code(key: str, at: float) -> str:
    """The code that an authenticator app shows (RFC 6238)."""
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.new(secret, struct.pack(">Q", int(at // 30)), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@pytest.fixture
def page(live_server, written_database):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
        opened = context.new_page()
        opened.asked_elsewhere = []
        opened.on(
            "request",
            lambda r: None if r.url.startswith((live_server.url, "data:")) else opened.asked_elsewhere.append(r.url),
        )
        yield opened
        browser.close()


@pytest.fixture
def conversations(written_database, assistant, store):
    now = time.time()
    for number, question in enumerate(["can we fly to grandma", "is flying ok", "flu shot?"]):
        at = now - 600 + number * 60
        assistant.say(f"s{number}", user(question, "unknown", 0.4, ("faq/school_and_sports", 0.2), at=at),
                      bot("I am not sure I understood.", "utter_unknown", "fallback", at=at + 0.2))  # fmt: skip
    at = now - 900
    for number in range(130):
        assistant.say("long", user(f"what is it, part {number}", "faq/what_is_asps", 0.9, at=at + number),
                      bot("It is a rare cancer.", "utter_faq/what_is_asps", at=at + number + 0.2, heading="What it is"))  # fmt: skip
    assistant.report("s0", "not_delivered", "blocked by the user", now)
    import_once(store)


def check(page: Page) -> None:
    found = Axe().run(page, options=WCAG).response["violations"]
    assert not found, (page.url, [(v["id"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found])


def sign_in(page: Page, name: str, role: str) -> None:
    person = User.objects.create_user(name, password=PASSWORD)
    save_role(person, role)
    page.goto("/")
    check(page)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    check(page)
    key = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Six-digit code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("That code is not right").wait_for()
    # A wrong code makes the next wait a second.
    time.sleep(1.1)
    page.get_by_label("Six-digit code").fill(code(key, time.time()))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Dashboard").wait_for()


def test_a_day_from_the_queue_to_the_audit_entry(page, conversations):
    sign_in(page, "nora", "administrator")
    page.get_by_role("link", name="Not understood 3").click()
    check(page)
    first = Conversation.objects.get(sender_id="s0")
    page.get_by_role("link", name=f"#{first.pk}", exact=True).click()
    page.wait_for_url(f"**/conversations/{first.pk}/**")  # and its script, which listens for keys
    page.keyboard.press("n")
    page.wait_for_function("document.activeElement.classList.contains('stands-out')")
    page.get_by_text("Should have been answered by").click()
    page.get_by_label("Topic for this message").select_option("faq/school_and_sports")
    check(page)
    page.get_by_role("button", name="Suggest").click()
    page.get_by_text("an editor will decide").wait_for()
    page.locator(".line.guide summary", has_text="Flag").click()
    page.locator(".line.guide").get_by_label("Reason for the flag").select_option("wrong")
    page.locator(".line.guide").get_by_role("button", name="Flag").click()
    page.get_by_text("The message is flagged").wait_for()
    page.get_by_label("New tag").fill("travel")
    page.get_by_label("Add a note").wait_for()
    page.get_by_role("button", name="Save the review").click()
    page.get_by_text("The review is saved").wait_for()
    page.get_by_label("Add a note").fill("Families ask about flying.")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Families ask about flying.").wait_for()
    check(page)
    page.locator("h1").click()
    page.keyboard.press("d")
    page.wait_for_url("**/conversations/**")
    page.get_by_text("The review is saved").wait_for()
    assert Conversation.objects.get(sender_id="s0").state == "done"

    page.get_by_role("link", name="Suggestions").click()
    check(page)
    page.get_by_label("Tick all").check()
    page.get_by_role("button", name="Accept what is ticked").click()
    page.get_by_role("button", name="Make a batch of 1").click()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download training data").click()
    assert "can we fly to grandma" in download.value.path().read_text()
    page.get_by_role("link", name="Audit log").click()
    page.get_by_role("cell", name="exported").first.wait_for()
    check(page)
    assert not page.asked_elsewhere


def test_every_other_page_is_accessible(page, conversations):
    sign_in(page, "nora", "administrator")
    long = Conversation.objects.get(sender_id="long")
    tag = Tag.objects.create(name="travel")
    middle = long.messages.filter(text="what is it, part 70").get()
    for address in (
        "/", "/?days=7", "/gaps/", "/conversations/?queue=all&understood=no", "/conversations/?q=nothing+like+it",
        f"/conversations/{long.pk}/", f"/conversations/{long.pk}/message/{middle.pk}/", "/suggestions/?state=exported",
        "/conversations/tag/", "/conversations/tag/add/", "/auth/user/", "/auth/user/add/",
        f"/auth/user/{User.objects.get().pk}/change/", "/auditlog/logentry/", "/password_change/", "/no-such-page/",
        "/conversations/export.csv?q=nothing+like+it", "/undelivered/", "/suggestions/?state=accepted",
        f"/conversations/tag/{tag.pk}/change/", f"/conversations/tag/{tag.pk}/delete/",
        f"/conversations/tag/{tag.pk}/history/", f"/auth/user/{User.objects.get().pk}/history/",
        f"/auth/user/{User.objects.get().pk}/password/",
        f"/auditlog/logentry/{LogEntry.objects.latest('id').pk}/history/",
    ):  # fmt: skip
        page.goto(address)
        check(page)
    page.goto(f"/conversations/{long.pk}/message/{middle.pk}/")
    assert page.evaluate("document.activeElement.id") == f"m{middle.pk}"
    page.set_viewport_size({"width": 380, "height": 800})
    for address in ("/", "/conversations/", f"/conversations/{long.pk}/"):
        page.goto(address)
        check(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 380, address
    assert not page.asked_elsewhere


def test_being_locked_out_is_said_in_words(page, written_database):
    save_role(User.objects.create_user("nora", password=PASSWORD), "viewer")
    page.goto("/")
    for _ in range(5):
        page.get_by_label("Username").fill("nora")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Go on").click()
        page.wait_for_load_state()
    page.get_by_role("heading", name="Locked for a while").wait_for()
    check(page)
