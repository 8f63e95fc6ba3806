"""What a message costs in a long conversation, and in a database with many.

python -m benchmarks.conversations length
python -m benchmarks.conversations growth [--events 10000000]

Each on a PostgreSQL of its own with the trained model, with Rasa's store beside ours.
Cost is the time from a channel to the stored reply, without HTTP. What is compared is
measured in turn, message by message, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore

from family_guide.assistant import Assistant
from family_guide.channels.conversation import Conversations
from family_guide.logs import configure_logs
from family_guide.privacy.database import patiently
from family_guide.privacy.tracker_store import PrivateSQLTrackerStore
from family_guide.server import load_assistant
from family_guide.settings import ROOT, Settings
from family_guide.training import trained_model
from family_guide.wording import WENT_WRONG
from tests.services import Postgres

RESULTS = ROOT / "benchmarks" / "results" / "conversations.json"
TARGET = 1.2
"""Highest ratio of the later message to the earlier, and of the full database to the empty one."""

FIRST_TURNS = (
    "hello",
    "check symptoms",
    "my child",
    "10",
    "pause",
    "can it spread",
    "what is asps",
    "how is it treated",
    "what are the signs",
)
MEASURED = "can it spread to the lungs"
OUR_INDEXES = ("ix_events_sender_id_id", "ix_events_state", "ix_events_timestamp")
_COLUMNS = "sender_id, type_name, timestamp, intent_name, action_name, data"


class Bench:
    """One assistant that answers from whichever store it is handed."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._channel = Conversations("website", assistant.handle_message, 60)

    async def cost(self, store: TrackerStore, conversation: str, text: str = MEASURED) -> float:
        """Answer a message from a store and return how long that took, in milliseconds."""
        assert self._assistant.processor is not None
        store.domain = self._assistant.domain
        self._assistant.tracker_store = self._assistant.processor.tracker_store = store
        began = time.perf_counter()
        replies = await self._channel.typed(conversation, text)
        took = (time.perf_counter() - began) * 1000
        assert replies[0].text != WENT_WRONG, "a failure is not a figure"
        return took

    async def begin(self, store: TrackerStore) -> str:
        """Have the first turns of a real conversation and return its id."""
        conversation = uuid.uuid4().hex
        for text in FIRST_TURNS:
            await self.cost(store, conversation, text)
        return conversation


def copies(engine: sa.engine.Engine, conversation: str, turns: int, how_many: int) -> list[str]:
    """Copy a conversation, its last turn repeated until it has so many turns.

    Returns:
        The ids of the copies.
    """
    ids = [uuid.uuid4().hex for _ in range(how_many)]
    with patiently(), engine.begin() as connection:
        last = connection.execute(
            sa.text(
                "SELECT max(id) FROM (SELECT id FROM events WHERE sender_id = :of AND action_name = 'action_listen'"
                " ORDER BY id DESC OFFSET 1) AS listening"
            ),
            {"of": conversation},
        ).scalar()
        for new in ids:
            for more, above in ((1, 0), (turns - len(FIRST_TURNS), last)):
                connection.execute(
                    sa.text(
                        f"INSERT INTO events ({_COLUMNS})"
                        " SELECT :new, type_name, timestamp, intent_name, action_name, data"
                        " FROM events, generate_series(1, :more) AS turn WHERE sender_id = :of AND id > :above"
                        " ORDER BY turn, id"
                    ),
                    {"new": new, "of": conversation, "more": more, "above": above},
                )
    return ids


def summary(times: Iterable[float]) -> dict[str, float]:
    """Return the 10th, 50th and 95th percentile of times in milliseconds; other work disturbs the first least."""
    cut = statistics.quantiles(times, n=20)
    return {"p10": round(cut[1], 1), "p50": round(cut[9], 1), "p95": round(cut[18], 1)}


def _ratio(later: dict[str, float], earlier: dict[str, float]) -> dict[str, float]:
    return {percentile: round(later[percentile] / earlier[percentile], 2) for percentile in ("p10", "p50")}


async def length(bench: Bench, server: Postgres, rounds: int) -> dict[str, Any]:
    """Measure the 10th, 100th and 1,000th message of conversations, with both stores."""
    stores: dict[str, Any] = {
        "ours": PrivateSQLTrackerStore(host=server.url),
        "stock": SQLTrackerStore(host=server.url),
    }
    first = await bench.begin(stores["ours"])
    turns = (10, 100, 1000)
    found: dict[str, Any] = {}
    for name, store in stores.items():
        many = rounds if name == "ours" else max(5, rounds // 10)
        conversations = {n: copies(store.engine, first, n - 1, many) for n in turns}
        for conversation in copies(store.engine, first, 10, 5):
            await bench.cost(store, conversation)
        times: dict[int, list[float]] = {n: [] for n in turns}
        for number in range(many):
            for n in turns:
                times[n].append(await bench.cost(store, conversations[n][number]))
        found[name] = {str(n): summary(times[n]) for n in turns}
        found[name]["ratio_1000_to_10"] = _ratio(found[name]["1000"], found[name]["10"])
        print(name, json.dumps(found[name]), flush=True)
    return found


def fill(engine: sa.engine.Engine, conversation: str, events: int) -> float:
    """Copy a conversation until the table holds so many events; return the seconds it took."""
    began = time.perf_counter()
    with patiently(), engine.begin() as connection:
        size = connection.execute(
            sa.text("SELECT count(*) FROM events WHERE sender_id = :of"), {"of": conversation}
        ).scalar()
        connection.execute(sa.text("SET LOCAL synchronous_commit = off"))
        connection.execute(
            sa.text(
                f"INSERT INTO events ({_COLUMNS}) SELECT md5(family::text), type_name, timestamp + family, intent_name,"
                " action_name, data FROM generate_series(1, :families) AS family, events WHERE sender_id = :of"
            ),
            {"families": events // size, "of": conversation},
        )
    with patiently(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE events"))
    return time.perf_counter() - began


async def growth(bench: Bench, server: Postgres, rounds: int, events: int) -> dict[str, Any]:
    """Measure a message with an empty database and a full one, with and without our indexes."""
    admin = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
    for name in ("little", "much"):
        admin.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    urls = {name: server.url.rsplit("/", 1)[0] + f"/{name}" for name in ("little", "much")}
    stock = {name: SQLTrackerStore(host=url) for name, url in urls.items()}
    found: dict[str, Any] = {"events": events}
    firsts = {name: await bench.begin(store) for name, store in stock.items()}
    found["seconds_to_fill"] = round(fill(stock["much"].engine, firsts["much"], events), 1)
    print(json.dumps(found), flush=True)

    async def compare(label: str, stores: dict[str, Any]) -> None:
        times: dict[str, list[float]] = {name: [] for name in stores}
        conversations = {name: copies(stores[name].engine, firsts[name], 10, rounds + 3) for name in stores}
        for number in range(rounds + 3):
            for name, store in stores.items():
                took = await bench.cost(store, conversations[name][number])
                if number >= 3:
                    times[name].append(took)
        found[label] = {name: summary(times[name]) for name in stores}
        found[label]["ratio"] = _ratio(found[label]["much"], found[label]["little"])
        print(label, json.dumps(found[label]), flush=True)

    await compare("stock", stock)
    began = time.perf_counter()
    ours = {"little": PrivateSQLTrackerStore(host=urls["little"])}
    ours["much"] = PrivateSQLTrackerStore(host=urls["much"])
    found["seconds_to_migrate"] = round(time.perf_counter() - began, 1)
    await compare("ours", ours)
    for store in ours.values():
        with patiently(), store.engine.begin() as connection:
            for index in OUR_INDEXES:
                connection.execute(sa.text(f"DROP INDEX {index}"))
            connection.execute(sa.text("ANALYZE events"))
    await compare("ours_without_indexes", ours)
    with ours["much"].engine.connect() as connection:
        found["table_gb"] = round(
            connection.execute(sa.text("SELECT pg_total_relation_size('events')")).scalar() / 1e9, 1
        )
    return found


async def measure(arguments: argparse.Namespace, server: Postgres, var: Path) -> dict[str, Any]:
    """Run one of the two measurements."""
    os.environ["FAMILY_GUIDE_DATABASE_URL"] = server.url
    bench = Bench(await load_assistant(trained_model(ROOT / "var" / "models"), Settings(var=var)))
    if arguments.what == "length":
        return await length(bench, server, arguments.rounds)
    return await growth(bench, server, arguments.rounds, arguments.events)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["length", "growth"])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--events", type=int, default=10_000_000)
    arguments = parser.parse_args()
    # Ended from outside, the database is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="family-guide-conversations-"))
    server = Postgres(folder, survives_power_cuts=True)
    server.start()
    try:
        configure_logs(logging.WARNING)
        found = asyncio.run(measure(arguments, server, folder))
    finally:
        server.stop("immediate")
        shutil.rmtree(folder)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**results, arguments.what: found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
