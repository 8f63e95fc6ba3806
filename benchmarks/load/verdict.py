"""Whether what families were told is what is stored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

Record = dict[str, Any]


def records(file: Path) -> list[Record]:
    """Return what the families noted, oldest first."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def stored_ids(url: str) -> dict[str, list[str]]:
    """Return the ids of the messages in each stored conversation, in order."""
    engine = sa.create_engine(url)
    found: dict[str, list[str]] = defaultdict(list)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id"))
        for sender, data in rows:
            found[sender].append(json.loads(data).get("message_id") or "")
    engine.dispose()
    return found


def broken(noted: Iterable[Record], stored: dict[str, list[str]]) -> list[str]:
    """Return every promise that was broken, in words; empty when all were kept.

    - a reply is the right one, or asks to send the message again;
    - what was answered is stored once, in order, in one conversation of that family alone;
    - what is stored was sent.
    """
    problems = []
    by_family: dict[str, list[Record]] = defaultdict(list)
    for record in noted:
        by_family[record["family"]].append(record)
        if record["outcome"] == "wrong":
            problems.append(f"wrong reply: {record}")
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for conversation, ids in stored.items():
        for place, identity in enumerate(ids):
            places[identity].append((conversation, place))
    for family, attempts in by_family.items():
        answered = [a["id"] for a in attempts if a["outcome"] == "right"]
        for identity in answered:
            if len(places[identity]) != 1:
                problems.append(f"answered and stored {len(places[identity])} times: {identity}")
        found = [places[identity][0] for identity in answered if places[identity]]
        if found != sorted(found, key=lambda place: place[1]):
            problems.append(f"stored out of order: {family}")
        conversations = {conversation for conversation, _ in found}
        if len(conversations) > 1:
            problems.append(f"in {len(conversations)} conversations: {family}")
        sent = {a["id"] for a in attempts}
        for conversation in conversations:
            ids = stored[conversation]
            problems += [f"not of this family: {identity}" for identity in set(ids) - sent]
            problems += [f"stored twice: {identity}" for identity in {i for i in ids if ids.count(i) > 1}]
    return problems
