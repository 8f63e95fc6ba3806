"""How fast staff find conversations among a million messages on PostgreSQL.

Run from the root: `uv run --project staff python benchmarks/staff_million.py [messages]`. Starts a
PostgreSQL of its own, fills the staff database with generated conversations, and prints the median time
of a whole page, from request to HTML, for lists, filters and searches, and the processor time that it takes.
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
from typing import Any

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
    """Write conversations straight into the tables: a million rows one by one would take half an hour."""
    from conversations.models import Conversation, Message, TopicAsked
    from django.db import connection
    from tests.store import QUESTIONS, UNANSWERED

    chance = random.Random(7)
    now = dt.datetime.now(dt.UTC)
    words = [f"word{n}" for n in range(5000)]
    conversations, said, topics = _Rows(Conversation), _Rows(Message), _Rows(TopicAsked)
    event = 0
    for number in range(messages // MESSAGES_A_CONVERSATION):
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
        conversations.add(
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
        topic = chance.choice([label for _, label in QUESTIONS] + ["faq/diet"] * 3)
        topics.add(conversation_id=number + 1, topic=topic)
        for text in texts:
            for kind, line in (("family", text), ("guide", "An answer from the page.")):
                event += 1
                said.add(
                    event_id=event,
                    conversation_id=number + 1,
                    kind=kind,
                    stamp=at.timestamp(),
                    at=at,
                    text=line,
                    intent="faq/can_it_spread",
                    confidence=0.9,
                    entities="[]",
                    facts="[]",
                    not_understood=lost and text is texts[0],
                )
    with connection.cursor() as cursor:
        for rows in (conversations, topics, said):
            rows.copy(cursor)
        cursor.execute("VACUUM ANALYZE")


class _Rows:
    """Rows of a model's table, numbered from 1, to be copied into it."""

    def __init__(self, model: Any) -> None:
        fields = [field for field in model._meta.concrete_fields if not field.primary_key]
        blank = model()
        self._table = model._meta.db_table
        self._defaults = {field.column: getattr(blank, field.attname) for field in fields}
        self._rows: list[tuple[Any, ...]] = []

    def add(self, **values: Any) -> None:
        """Add a row; what is not given has the model's default."""
        self._rows.append((*{**self._defaults, **values}.values(),))

    def copy(self, cursor: Any) -> None:
        """Copy the rows into the table."""
        columns = ", ".join(self._defaults)
        with cursor.copy(f"COPY {self._table} ({columns}) FROM STDIN") as copy:
            for row in self._rows:
                copy.write_row(row)
        self._rows.clear()


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
    print("| page | median ms | worst ms | processor ms |\n|---|---|---|---|")
    for name, address in pages.items():
        times = []
        used = _processor_seconds()
        for _ in range(REPEATS):
            # Counts and choices are kept for seconds; a page is measured without them.
            cache.clear()
            began = time.perf_counter()
            assert client.get(address).status_code == 200, address
            times.append((time.perf_counter() - began) * 1000)
        used = (_processor_seconds() - used) / REPEATS * 1000
        print(f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} | {used:.0f} |", flush=True)


def _processor_seconds() -> float:
    """Return the processor time that this process and the database's for it have used: the same on a busy machine."""
    from django.db import connection

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    fields = Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()
    return time.process_time() + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
