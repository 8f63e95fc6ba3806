"""Makes the pictures of the staff guide from generated conversations: `.venv/bin/python -m tests.screenshots`."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.servers import free_port
from tests.store import SqliteAssistant, action, bot, check, conversation, user

PICTURES = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
CONVERSATIONS, DAYS = 420, 30
SIZE = {"width": 1440, "height": 900}


def story(now: float) -> list[dict]:
    """A conversation as families have them, for the picture of a transcript."""
    at = now - 1500
    return [
        action("action_session_start", at),
        user("my daughter [name] has a lump on her thigh since june. it does not hurt. is it cancer?",
             "chat/ask_diagnosis", 0.91, ("faq/symptoms", 0.05), at,
             entities=[{"entity": "symptom", "value": "lump", "finding": {"status": "present"}},
                       {"entity": "body_part", "value": "thigh"},
                       {"entity": "symptom", "value": "pain", "finding": {"status": "denied"}}]),
        bot("I cannot tell what the lump is. Only doctors who examine her can, and they should look at it soon.",
            "utter_chat/ask_diagnosis", "info", at + 0.21),
        user("Check symptoms", "check_symptoms", 1.0, at=at + 40, button=True),
        check("active", "who", at + 40.1), bot("Who is this about?", kind="question", at=at + 40.2),
        user("can we still fly to see grandma next week", "unknown", 0.34, ("faq/school_and_sports", 0.21), at + 95),
        bot("I am not sure I understood, and I do not want to guess. You can ask in other words.",
            "utter_unknown", "fallback", at + 95.3),
        user("ok. can it spread to the lungs", "faq/can_it_spread", 0.97, ("faq/where_it_spreads", 0.02), at + 160),
        bot("It can. The lungs are among the places where it is found most often when it spreads.",
            "utter_faq/can_it_spread", at=at + 160.2, facts=["W04", "S02"], heading="What are alveolar soft part sarcomas?"),
        user("what about the dye thing they do", "clarify", 0.44, ("faq/angiogram", 0.39), at + 230),
        bot("I want to be sure I answer the right question. Which of these do you mean?", "utter_clarify", "clarify", at + 230.2),
        user("Angiogram", "faq/angiogram", 1.0, at=at + 244, button=True),
        bot("An angiogram is a picture of blood vessels.", "utter_faq/angiogram", at=at + 244.2, facts=["D07"],
            heading="How do doctors find it?"),
    ]  # fmt: skip


def main() -> None:
    """Fill a throwaway app and photograph it."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        os.environ |= {
            "FAMILY_GUIDE_VAR": folder,
            "FAMILY_GUIDE_STAFF_PORT": str(port),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        os.environ.pop("FAMILY_GUIDE_DATABASE_URL", None)
        os.environ.pop("FAMILY_GUIDE_STAFF_DATABASE_URL", None)
        import django

        django.setup()
        cookie = _fill(Path(folder))
        app = subprocess.Popen([sys.executable, "manage.py", "run", "--stop-with-parent"])
        try:
            _wait(port)
            _photograph(f"http://127.0.0.1:{port}", cookie)
        finally:
            app.terminate()
            app.wait()


def _fill(folder: Path) -> dict[str, str]:
    from django.core.management import call_command

    assistant = SqliteAssistant(folder / "conversations.db")
    chance, now = random.Random(11), time.time()
    starts = sorted(now - chance.uniform(3600, DAYS * 86400) for _ in range(CONVERSATIONS))
    for number, start in enumerate(starts):
        channel = chance.choice(["website", "website", "website", "telegram", "sms"])
        events = conversation(chance, start)
        assistant.say(f"f{number}", *({**e, "input_channel": channel} if e["event"] == "user" else e for e in events))
    for number in chance.sample(range(CONVERSATIONS), 25):
        assistant.rate(f"f{number}", now, chance.choice(["down", "up", "up"]))
    assistant.say("story", *story(now))
    assistant.rate("story", now, "down", "it did not say if we can fly")
    assistant.close()
    call_command("migrate", verbosity=0)
    return _review()


def _review() -> dict[str, str]:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from accounts.forms import save_role
    from conversations.importer import import_once
    from conversations.models import Conversation, Message, Tag
    from conversations.store import open_store
    from review.models import Flag, Note, Suggestion

    store = open_store(settings.ENVIRONMENT.store_url)
    while import_once(store):
        pass
    store.close()
    nora, sam = (User.objects.create_user(name, password="correct horse battery") for name in ("nora", "sam"))
    save_role(nora, "administrator")
    save_role(sam, "reviewer")
    tags = [Tag.objects.create(name=name) for name in ("travel", "school", "wording")]
    chance = random.Random(5)
    for seen in Conversation.objects.order_by("pk")[:300]:
        seen.state = chance.choice(["done", "done", "done", "in_review", "new"])
        seen.assignee = chance.choice([nora, sam, None])
        seen.save()
        if chance.random() < 0.15:
            seen.tags.add(chance.choice(tags))
    read = Conversation.objects.get(sender_id="story")
    read.state, read.assignee = "in_review", nora
    read.save()
    read.tags.add(tags[0])
    Note.objects.create(conversation=read, author=sam, text="Third family this week that asks about flying.")
    lost = read.messages.get(not_understood=True)
    Flag.objects.create(message=lost, reason="missed", author=sam)
    topics = ("faq/school_and_sports", "faq/angiogram", "faq/can_it_spread")
    for message in Message.objects.filter(not_understood=True).exclude(pk=lost.pk).order_by("-at")[:14]:
        state = chance.choice(["proposed", "proposed", "accepted"])
        Suggestion.objects.create(
            message=message, text=message.text, topic=chance.choice(topics), author=sam, state=state
        )
    device = TOTPDevice.objects.create(user=nora, name="phone", confirmed=True)
    session = SessionStore()
    session[SESSION_KEY] = str(nora.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = nora.get_session_auth_hash()
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.create()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "read": str(read.pk)}


def _wait(port: int) -> None:
    for _ in range(720):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/login/")
            return
        time.sleep(0.25)
    raise RuntimeError("the app did not start")


def _photograph(url: str, cookie: dict[str, str]) -> None:
    from playwright.sync_api import sync_playwright

    from tests.test_reviewers_day import ARGUMENTS

    read = cookie.pop("read")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(viewport=SIZE)
        context.add_cookies([{**cookie, "url": url}])
        context.set_default_timeout(120_000)
        page = context.new_page()
        for name, address, whole in (
            ("transcript", f"/conversations/{read}/?queue=look", False),
            ("queue", "/conversations/?queue=look", False),
            ("suggestions", "/suggestions/", False),
            ("gaps", "/gaps/", False),
            ("dashboard", "/", True),
            ("audit", "/auditlog/logentry/", False),
        ):
            page.goto(url + address)
            page.screenshot(path=PICTURES / f"staff-{name}.png", full_page=whole)
        browser.close()


if __name__ == "__main__":
    main()
