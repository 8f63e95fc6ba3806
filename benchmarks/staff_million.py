"""How fast staff find conversations among a million messages on PostgreSQL.

Run from the root: `uv run --project staff python benchmarks/staff_million.py [messages]`. Starts a
PostgreSQL of its own, fills the staff database with generated conversations, and prints the median time
of a whole page, from request to HTML, for lists, filters and searches.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

STAFF = Path(__file__).resolve().parent.parent / "staff"
sys.path.insert(0, str(STAFF))

from tests.servers import postgresql  # noqa: E402

MESSAGES_A_CONVERSATION = 10
REPEATS = 15
PAGES = {
    "list, latest first": "queue=all",
    "list, needs a look": "queue=look",
    "list, least sure first": "queue=all&sort=unsure",
    "list, page 150": "queue=all&page=150",
    "filter: crisis": "queue=crisis",
    "filter: not understood": "queue=all&understood=no",
    "filter: a topic": "queue=all&topic=faq/angiogram",
    "filter: language": "queue=all&language=es",
    "filter: outcome of the symptom check": "queue=all&check=prompt",
    "filter: week, topic and confidence": "queue=all&since={week_from}&until={week_to}&topic=faq/diet&confidence=0.5",
    "search: a frequent word": "queue=all&q=spread",
    "search: a rare word": "queue=all&q=trampoline",
    "search: two words, a queue": "queue=look&q=lungs+surgery",
}


def main(messages: int) -> None:
    """Fill a database and print the medians.

    Args:
        messages: how many messages to generate.
    """
    with postgresql() as url, tempfile.TemporaryDirectory() as var:
        os.environ |= {
            "FAMILY_GUIDE_STAFF_DATABASE_URL": url,
            "FAMILY_GUIDE_VAR": var,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        _fill(messages)
        print(f"{messages:,} messages generated in {time.perf_counter() - began:.0f} s")
        _measure()


def _fill(messages: int) -> None:
    from conversations.models import Conversation, Message, TopicAsked
    from django.db import connection
    from tests.store import QUESTIONS, UNANSWERED

    chance = random.Random(7)
    now = dt.datetime.now(dt.UTC)
    words = [f"word{n}" for n in range(5000)]
    event = 0
    for block in range(0, messages // MESSAGES_A_CONVERSATION, 2000):
        conversations, said, topics = [], [], []
        for number in range(block, min(block + 2000, messages // MESSAGES_A_CONVERSATION)):
            at = now - dt.timedelta(seconds=chance.uniform(0, 90 * 86400))
            lost = chance.random() < 0.2
            texts = [
                f"{chance.choice(QUESTIONS)[0]} {' '.join(chance.choices(words, k=6))}"
                for _ in range(MESSAGES_A_CONVERSATION // 2)
            ]
            texts[0] = chance.choice(UNANSWERED) if lost else texts[0]
            if number % 997 == 0:
                texts[0] += " trampoline"
            crisis, diagnosis = chance.random() < 0.01, chance.random() < 0.05
            conversation = Conversation(
                id=number + 1,
                sender_id=f"s{number}",
                channel=chance.choice(["website", "telegram"]),
                language="es" if chance.random() < 0.03 else "en",
                started_at=at,
                last_activity=at,
                first_event_id=event + 1,
                message_count=len(texts),
                typed=len(texts),
                not_understood=int(lost),
                lowest_confidence=chance.random(),
                crisis=crisis,
                diagnosis_asked=diagnosis,
                needs_a_look=crisis or diagnosis or lost,
                search_text="\n".join(texts),
                check_status="done" if number % 5 == 0 else "",
                check_outcome="prompt" if number % 25 == 0 else "",
            )
            conversations.append(conversation)
            topic = chance.choice([label for _, label in QUESTIONS] + ["faq/diet"] * 3)
            topics.append(TopicAsked(conversation=conversation, topic=topic))
            for text in texts:
                for kind, line in (("family", text), ("guide", "An answer from the page.")):
                    event += 1
                    said.append(
                        Message(
                            event_id=event,
                            conversation=conversation,
                            kind=kind,
                            stamp=at.timestamp(),
                            at=at,
                            text=line,
                            intent="faq/can_it_spread",
                            confidence=0.9,
                            not_understood=lost and text is texts[0],
                        )
                    )
        Conversation.objects.bulk_create(conversations)
        Message.objects.bulk_create(said, batch_size=5000)
        TopicAsked.objects.bulk_create(topics)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _measure() -> None:
    from accounts.forms import save_role
    from conversations.models import Conversation
    from django.contrib.auth.models import User
    from django.core.cache import cache
    from django.test import Client
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    user = User.objects.create_user("nora")
    save_role(user, "viewer")
    device = TOTPDevice.objects.create(user=user, confirmed=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    middle = Conversation.objects.order_by("pk")[1000].pk
    today = dt.date.today()
    week = {"week_from": today - dt.timedelta(days=20), "week_to": today - dt.timedelta(days=14)}
    pages = {name: f"/conversations/?{query.format(**week)}" for name, query in PAGES.items()}
    pages |= {"transcript, in a queue": f"/conversations/{middle}/?queue=look", "dashboard, 30 days": "/"}
    client.get(pages["list, latest first"])
    print("| page | median ms | worst ms |\n|---|---|---|")
    for name, address in pages.items():
        times = []
        for _ in range(REPEATS):
            # Counts and choices are kept for seconds; a page is measured without them.
            cache.clear()
            began = time.perf_counter()
            assert client.get(address).status_code == 200, address
            times.append((time.perf_counter() - began) * 1000)
        print(f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
