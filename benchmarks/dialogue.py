"""Measures what needs more than one question or more than one turn, through the whole assistant.

    python -m benchmarks.dialogue                  the frozen messages: figures only, never a message
    python -m benchmarks.dialogue --development    messages to mend with: figures and what went wrong

Two questions in one message: both answered, in order; or each answered or offered. A long story: its one question
answered. A follow-up: answered from the turn before, or asked back where that is right.
"""

import argparse
import asyncio
import logging
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered

from benchmarks.understanding import questions
from family_guide.logs import configure_logs
from family_guide.server import load_assistant
from family_guide.settings import Settings, settings
from family_guide.training import trained_model

FROZEN, DEVELOPMENT = "conversations", "conversations_development"
ASK_BACK = "ask_back"
Messages = dict[str, list[dict[str, Any]]]
"""What a file of messages holds: those of each kind."""
Measured = tuple[dict[str, float], list[str]]
"""Figures by their names, and a line for each message that went wrong."""
Measure = Callable[[Agent, Messages], Awaitable[Measured]]
_UTTER = "utter_faq/"
_OFFERS = {"utter_asked_besides", "utter_asked_beside_danger"}
"""Answer nothing: their topics count as offered."""


async def replies(agent: Agent, conversation: str, texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Send messages one after the other; return what answered the last one.

    Args:
        agent: the assistant.
        conversation: an id that was not used before.
        texts: what the family types.

    Returns:
        The topics that were answered, or the names of other responses, or the kinds of messages without a name, in
        order; and the topics offered, beside answers or alone.
    """
    for text in texts:
        await agent.handle_message(UserMessage(text, CollectingOutputChannel(), conversation))
    tracker = await agent.tracker_store.get_or_create_tracker(conversation)
    # From the end: the store returns the last turns only, so a place counted from the beginning would not hold.
    since = list(takewhile(lambda event: not isinstance(event, UserUttered), reversed(tracker.events)))
    said = [event for event in reversed(since) if isinstance(event, BotUttered)]
    names = [str(event.metadata.get("utter_action") or _kind(event)) for event in said]
    payloads = [str(b["payload"]) for event in said for b in event.data.get("buttons") or []]
    offers = [p.split('"topic": "')[1].split('"')[0] for p in payloads if '"topic": "' in p]
    return [name.removeprefix(_UTTER) for name in names if name not in _OFFERS], offers


def _kind(event: BotUttered) -> str:
    return str(event.metadata.get("metadata", event.metadata).get("kind", ""))


async def measure(agent: Agent, asked: Messages) -> Measured:
    """Return the shares, 0 to 1, of each kind of message, and a line for each that went wrong.

    Args:
        agent: the assistant.
        asked: what a file such as `tests/questions/conversations.yml` holds.
    """
    figures: dict[str, float] = {}
    wrong: list[str] = []
    counts: dict[str, list[bool]] = {}
    for number, case in enumerate(asked["two_questions"]):
        answered, offers = await replies(agent, f"two-{number}", [case["text"]])
        wanted = case["topics"]
        counts.setdefault("two_questions_both_in_order", []).append(answered == wanted)
        counts.setdefault("two_questions_answered_or_offered", []).append(set(wanted) <= {*answered, *offers})
        counts.setdefault("two_questions_one_at_least", []).append(bool(set(wanted) & {*answered, *offers}))
        if answered != wanted:
            wrong.append(f"two questions: {wanted} -> {answered} {offers} | {case['text']}")
    for number, case in enumerate(asked["long_story"]):
        answered, offers = await replies(agent, f"story-{number}", [case["text"]])
        right = case["topic"] in answered
        counts.setdefault("long_story_answered", []).append(right)
        counts.setdefault("long_story_answered_or_offered", []).append(right or case["topic"] in offers)
        if not right:
            wrong.append(f"story: {case['topic']} -> {answered} {offers} | {case['text']}")
    for number, case in enumerate(asked["follow_up"]):
        answered, offers = await replies(agent, f"follow-{number}", [case["before"], case["text"]])
        wanted = case["topics"]
        asks_back = answered == ["utter_clarify"]
        right = bool(set(wanted) & set(answered)) or (ASK_BACK in wanted and asks_back)
        counts.setdefault("follow_up_resolved", []).append(right)
        counts.setdefault("follow_up_resolved_or_offered", []).append(
            right or (asks_back and bool(set(wanted) & set(offers)))
        )
        if not right:
            wrong.append(f"follow-up: {wanted} -> {answered} {offers} | {case['before']} / {case['text']}")
    for name, happened in counts.items():
        figures[name] = sum(happened) / len(happened)
    return figures, wrong


async def run(model: Path, name: str, measured_by: Measure = measure) -> Measured:
    """Load the assistant with a store of its own and measure one file of messages.

    Args:
        model: the trained model.
        name: of the file in `tests/questions`.
        measured_by: takes the assistant and what the file holds.
    """
    with tempfile.TemporaryDirectory() as folder:
        agent = await load_assistant(model, Settings(var=Path(folder)))
        return await measured_by(agent, questions(name))


def measure_and_print(description: str | None, frozen: str, development: str, measured_by: Measure) -> None:
    """Measure what the command line asks for, and print it.

    Args:
        description: of the program that was called.
        frozen: file in `tests/questions` whose messages are never printed.
        development: file whose messages that went wrong are.
        measured_by: see `run`.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--development", action="store_true")
    parser.add_argument("--model", type=Path, help="a trained model; by default that of the content as it is")
    arguments = parser.parse_args()
    configure_logs(logging.WARNING)
    model = arguments.model or trained_model(settings().model_folder)
    figures, wrong = asyncio.run(run(model, development if arguments.development else frozen, measured_by))
    for line in wrong if arguments.development else ():
        print(line)
    for name, value in figures.items():
        print(f"{name:34} {value:6.3f}")


if __name__ == "__main__":
    measure_and_print(__doc__, FROZEN, DEVELOPMENT, measure)
