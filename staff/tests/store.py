"""A small writer of Rasa's table of events: what the assistant would have stored."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

CREATE = """CREATE TABLE IF NOT EXISTS events (
    id {key}, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL, timestamp {real},
    intent_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"""
INDEX = "CREATE INDEX IF NOT EXISTS ix_events_sender_id_id ON events (sender_id, id)"
FEEDBACK = """CREATE TABLE IF NOT EXISTS feedback (
    id {key}, sender_id VARCHAR(255) NOT NULL, message_timestamp {real}, rating VARCHAR(4), comment TEXT,
    created_at {real})"""
REPORTS = """CREATE TABLE IF NOT EXISTS channel_report (
    id {key}, at {real} NOT NULL, channel VARCHAR(16) NOT NULL, conversation VARCHAR(64) NOT NULL,
    what VARCHAR(32) NOT NULL, reason VARCHAR(80) NOT NULL)"""
COLUMNS = "sender_id, type_name, timestamp, intent_name, action_name, data"

Event = dict[str, Any]


def user(
    text: str,
    label: str = "faq/can_it_spread",
    confidence: float = 0.93,
    runner_up: tuple[str, float] = ("faq/how_serious", 0.03),
    at: float | None = None,
    button: bool = False,
    safety: str | None = None,
    language: str = "en",
    entities: list[Event] | None = None,
    channel: str = "website",
) -> Event:
    """A message of a family, as Rasa serialises it."""
    intent, at = label.split("/")[0], time.time() if at is None else at
    ranking = (
        [] if label in ("unknown", "clarify", "emergency", "crisis") else [{"name": label, "confidence": confidence}]
    )
    parsed: Event = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": ranking if button else [*ranking, {"name": runner_up[0], "confidence": runner_up[1]}],
        "entities": entities or ([{"entity": "topic", "value": "x", "extractor": "button"}] if button else []),
        "safety": {"kind": safety, "sign": "s", "words": "w"} if safety else None,
        "language": language,
    }
    if "/" in label:
        parsed["response_selector"] = {
            intent: {
                "response": {"intent_response_key": label, "utter_action": f"utter_{label}", "confidence": confidence}
            }
        }
    return {
        "event": "user", "timestamp": at, "text": text, "parse_data": parsed, "input_channel": channel,
        "message_id": "m", "metadata": {},
    }  # fmt: skip


def bot(text: str, response: str = "", kind: str = "answer", at: float | None = None, **metadata: Any) -> Event:
    """A message of the assistant, as Rasa serialises it."""
    own = {"kind": kind, **metadata}
    if response:
        own["utter_action"] = response
    return {
        "event": "bot", "timestamp": time.time() if at is None else at, "text": text, "data": {}, "metadata": own,
    }  # fmt: skip


def check(status: str, question: str = "", at: float | None = None) -> Event:
    """The state of a symptom check, kept in a slot."""
    state = {"version": 1, "status": status, "open": question, "answers": {}, "asked": [question] if question else []}
    return {
        "event": "slot", "timestamp": time.time() if at is None else at, "name": "symptom_check", "value": state,
    }  # fmt: skip


def action(name: str = "action_listen", at: float | None = None) -> Event:
    """An action that ran: nothing for staff to read."""
    return {"event": "action", "timestamp": time.time() if at is None else at, "name": name}


def row(sender_id: str, event: Event) -> tuple[Any, ...]:
    """The columns of an event."""
    intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
    return (sender_id, event["event"], event["timestamp"], intent, event.get("name"), json.dumps(event))


class WrittenStore:
    """The assistant's store, written as the assistant writes it: the common part of both databases."""

    url: str
    _connection: Any
    _mark = "?"

    def _make(self, key: str, real: str) -> None:
        for statement in (CREATE, INDEX, FEEDBACK, REPORTS):
            self._connection.execute(statement.format(key=key, real=real))
        self._connection.commit()

    def _write(self, statement: str, *rows_: tuple[Any, ...]) -> None:
        with closing(self._connection.cursor()) as cursor:
            cursor.executemany(statement.replace("?", self._mark), rows_)
        self._connection.commit()

    def say(self, sender_id: str, *events: Event) -> None:
        """Store events in one transaction."""
        self._write(f"INSERT INTO events ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", *(row(sender_id, e) for e in events))

    def rate(self, sender_id: str, at: float, rating: str, comment: str = "") -> None:
        """Store feedback on the reply of a moment."""
        self._write(
            "INSERT INTO feedback (sender_id, message_timestamp, rating, comment, created_at) VALUES (?, ?, ?, ?, ?)",
            (sender_id, at, rating, comment, at),
        )

    def report(self, sender_id: str, what: str, reason: str, at: float) -> None:
        """Store a report of a reply that did not arrive."""
        self._write(
            "INSERT INTO channel_report (at, channel, conversation, what, reason) VALUES (?, ?, ?, ?, ?)",
            (at, "telegram", sender_id, what, reason),
        )

    def delete(self, condition: str, *values: Any, table: str = "events") -> None:
        """Delete rows."""
        self._write(f"DELETE FROM {table} WHERE {condition}", values)

    def count(self, kinds: tuple[str, ...] = ("user", "bot")) -> int:
        """How many events of some kinds there are."""
        marks = ", ".join(self._mark for _ in kinds)
        found = self._connection.execute(f"SELECT count(*) FROM events WHERE type_name IN ({marks})", kinds).fetchone()
        self._connection.commit()
        return int(found[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SqliteAssistant(WrittenStore):
    """The assistant's store in a file."""

    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        self._connection = sqlite3.connect(file, timeout=20)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._make("INTEGER PRIMARY KEY", "FLOAT")


class PostgresAssistant(WrittenStore):
    """The assistant's store in a database of its own on a PostgreSQL server."""

    _mark = "%s"

    def __init__(self, server: str, name: str) -> None:
        self._server, self._name = server, name
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self.url = f"{server.rsplit('/', 1)[0]}/{name}"
        self._connection = psycopg.connect(self.url)
        self._make("SERIAL PRIMARY KEY", "DOUBLE PRECISION")

    def close(self) -> None:
        """Close the connection and drop the database."""
        super().close()
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)")


QUESTIONS = (
    ("what is asps", "faq/what_is_asps"), ("can it spread to the lungs", "faq/can_it_spread"),
    ("is it our fault", "faq/is_it_our_fault"), ("does the lump hurt", "faq/why_lump_painless"),
    ("will she need surgery", "faq/surgery_overview"), ("can it come back later", "faq/can_it_come_back"),
    ("how rare is this", "faq/how_common"), ("what is an angiogram", "faq/angiogram"),
    ("will there be chemo", "faq/chemotherapy"), ("is it in the genes", "faq/is_it_genetic"),
)  # fmt: skip
UNANSWERED = (
    "can he still fly on a plane", "is it ok to fly with the tumor", "flying to see grandma ok?", "may we fly next week",
    "can she get her flu shot", "flu vaccine during treatment?", "is the flu shot safe for him",
    "does the hospital have a room for parents to sleep", "can parents sleep at the hospital", "where do parents sleep",
    "can we bring the dog to visit", "are pets allowed on the ward", "what about her braces in the scanner",
    "swimming in the pool with the bandage", "can he swim after the biopsy",
)  # fmt: skip


def conversation(chance: random.Random, start: float) -> list[Event]:
    """A likely conversation: a few questions, now and then something that staff should see."""
    events, at = [action("action_session_start", start), action("action_listen", start)], start
    for _ in range(chance.randint(1, 5)):
        at += chance.uniform(5, 90)
        kind = chance.random()
        done = at + chance.uniform(0.05, 0.6)
        if kind < 0.62:
            text, label = chance.choice(QUESTIONS)
            other = chance.choice(QUESTIONS)[1]
            sure = chance.uniform(0.62, 0.99)
            events += [
                user(text, label, sure, (other, (1 - sure) * 0.6), at),
                bot(
                    "An answer from the page.",
                    f"utter_{label}",
                    at=done,
                    facts=["S02", "W04"],
                    heading="What are alveolar soft part sarcomas?",
                ),
            ]
        elif kind < 0.74:
            events += [
                user(
                    chance.choice(UNANSWERED), "unknown", chance.uniform(0.3, 0.6), ("faq/school_and_sports", 0.21), at
                ),
                bot("I am not sure I understood, and I do not want to guess.", "utter_unknown", "fallback", at=done),
            ]
        elif kind < 0.82:
            events += [
                user("what about the leg thing they do", "clarify", 0.41, ("faq/limb_salvage", 0.3), at),
                bot("I want to be sure I answer the right question.", "utter_clarify", "clarify", at=done),
            ]
        elif kind < 0.86:
            events += [
                user("my son [name] has a lump on his thigh, does he have asps", "chat/ask_diagnosis", 0.88, at=at,
                     entities=[{"entity": "symptom", "value": "lump"}, {"entity": "body_part", "value": "thigh"}]),
                bot("I cannot tell what it is. Only an exam by a doctor can.", "utter_chat/ask_diagnosis", "info", at=done),
            ]  # fmt: skip
        elif kind < 0.88:
            events += [
                user("she cannot breathe", "emergency", 1.0, at=at, safety="emergency"),
                bot("Call 911 now.", kind="emergency", at=done),
            ]
        elif kind < 0.89:
            events += [
                user("i do not want to live anymore", "crisis", 1.0, at=at, safety="crisis"),
                bot("You can call or text 988 at any time.", kind="crisis", at=done),
            ]
        else:
            questions = ["who", "warning", "age", "lump", "pain", "growing", "limping", "movement", "where", "how_long"]
            reached = chance.randint(1, 14)
            for number, question in enumerate(questions[:reached]):
                moment = at + number * 8
                events += [
                    user("Check symptoms" if not number else "Yes", "check_symptoms", 1.0, at=moment, button=True),
                    check("active", question, moment + 0.02),
                    bot(f"The question about {question}.", kind="question", at=moment + 0.05),
                ]
            at += reached * 8
            if reached > len(questions):
                outcome = chance.choice(["prompt", "book", "book", "worried"])
                events += [
                    user("No", "check_symptoms", 1.0, at=at, button=True),
                    check("done", "", at + 0.02),
                    bot("Book a visit with a doctor.", kind="outcome", at=at + 0.05, data={"outcome": outcome}),
                ]
    events.append(action("action_listen", at + 1))
    return events
