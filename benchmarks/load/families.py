"""What virtual families say, and what they were answered while nothing failed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from family_guide.wording import WENT_WRONG

Post = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]
"""Sends a body to a path of the website's API and returns the status and the answer; raises ConnectionError."""

ANSWER = ""
"""A step that answers the open question of the symptom check."""

NO_LUMP = {"who": "my_child", "warning": "none", "age": "from_5", "lump": "no", "pain": "no"}
LUMP = {"who": "me", "warning": "none", "age": "from_15", "lump": "yes", "pain": "yes", "growing": "yes"}

SCRIPTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "questions": (
        {},
        ["hello", "what is asps", "can it spread", "how is it treated", "is it my fault", "show my data", "thank you"],
    ),
    "check": (NO_LUMP, ["check symptoms", *[ANSWER] * 14]),
    "half-way": (
        LUMP,
        ["check symptoms", *[ANSWER] * 3, "can it spread", *[ANSWER] * 3, "what are the signs", *[ANSWER] * 9],
    ),
    "long": ({}, ["hello", "what is asps", "can it spread", "how is it treated", "what are the signs", "thanks"] * 8),
}
"""For each kind of family: what it answers to the check's questions, and what it says."""

WEIGHTS = {"questions": 5, "check": 3, "half-way": 3, "long": 1}


@dataclass
class Attempt:
    """One message that was sent.

    Attributes:
        id: its own, with which it is sent again when the line fails.
        outcome: right, safe (asked to send it again), lost (the line or the proxy failed) or wrong.
        replies: what was answered.
        seconds: how long that took.
    """

    id: str
    outcome: str
    replies: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


def seen(replies: list[dict[str, Any]]) -> list[Any]:
    """Return what a family sees of replies: texts, buttons and where the check stands.

    What was asked for in vain and again is stored again, rightly: what lists the stored messages shows it once here.
    """
    return [
        [
            reply["text"].replace("\n- show my data", ""),
            [button["title"] for button in reply["buttons"]],
            reply["data"].get("progress"),
        ]
        for reply in replies
    ]


def is_safe(status: int, body: dict[str, Any]) -> bool:
    """Return whether a family was asked to send its message again."""
    if status == 200:
        return any(reply["text"] == WENT_WRONG for reply in body["messages"])
    return WENT_WRONG in str(body) or "try again" in str(body).lower()


def message(step: str, plan: dict[str, str], last: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the body of the next message; None where the check has no open question any more.

    Args:
        step: words, or `ANSWER`.
        plan: the answers by question; another question gets its last option.
        last: the replies before.
    """
    if step != ANSWER:
        return {"text": step}
    for reply in reversed(last):
        options = reply["data"].get("options")
        if reply["data"].get("question") and options:
            wanted = plan.get(reply["data"]["question"])
            option = next((o for o in options if o["id"] == wanted), options[-1])
            for button in reply["buttons"]:
                if button["title"] == option["title"]:
                    return {"choice": button["choice"]}
            return {"text": option["title"]}
    return None


def converse(
    post: Post, script: str, expected: list[Any] | None, give_up: Callable[[], bool], clock: Callable[[], float]
) -> Iterator[tuple[str, int, Attempt]]:
    """Have a conversation and yield each attempt with the conversation's name and its step.

    A message that the family is asked to send again is typed anew, with another id; one that
    was lost on the way is sent again as it was.

    Args:
        post: see `Post`.
        script: name in `SCRIPTS`.
        expected: what each step is answered with (`seen`); None accepts everything.
        give_up: asked after each failure.
        clock: seconds from any start.
    """
    plan, steps = SCRIPTS[script]
    family = uuid.uuid4().hex[:12]
    session = None
    while session is None:
        try:
            status, body = post("sessions", {})
            session = body["session"] if status == 201 else None
        except ConnectionError:
            pass
        if session is None and give_up():
            return
    last: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        content = message(step, plan, last)
        if content is None:
            return
        attempt = Attempt(f"{family}-{number}-{uuid.uuid4().hex[:6]}", "")
        while attempt.outcome != "right":
            began = clock()
            try:
                status, body = post("messages", {"session": session, "message_id": attempt.id, **content})
            except ConnectionError:
                attempt.outcome = "lost"
            else:
                replies = body.get("messages") or []
                if status in (502, 504):
                    attempt.outcome = "lost"
                elif is_safe(status, body):
                    attempt.outcome = "safe"
                elif status == 200 and (expected is None or seen(replies) == expected[number]):
                    attempt.outcome = "right"
                else:
                    attempt.outcome = "wrong"
                attempt.replies = replies
            attempt.seconds = clock() - began
            yield family, number, attempt
            if attempt.outcome == "wrong" or (attempt.outcome != "right" and give_up()):
                return
            if attempt.outcome == "safe":
                attempt = Attempt(f"{family}-{number}-{uuid.uuid4().hex[:6]}", "")
        last = attempt.replies
