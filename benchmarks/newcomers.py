"""Measures what somebody meets who types to the assistant without knowing it, through the whole assistant.

    python -m benchmarks.newcomers                  the frozen messages: figures only, never a message
    python -m benchmarks.newcomers --development    messages to mend with: figures and what went wrong

Their author had read nothing of the project but the list of topics. Conversations are measured as by
benchmarks/dialogue.py. Questions, plain ones and those beside the news that a child has ASPS (`known`): answered;
answered or offered; or answered with another topic. Out of scope: what is about something else and gets facts about
ASPS. Harmless stories: those that get an emergency or a crisis message.
"""

from collections.abc import Collection, Sequence
from typing import Any

from rasa.core.agent import Agent

from benchmarks import dialogue
from benchmarks.dialogue import Measured, Messages, replies
from benchmarks.safety import answers_a_topic
from family_guide.content import shared_answers
from family_guide.nlu.labels import FAQ, SAFETY_INTENTS

FROZEN, DEVELOPMENT = "newcomers", "newcomers_development"
Happened = tuple[dict[str, Any], list[str], list[str]]
"""A message as its file has it, what was answered, and what was offered."""


async def measure(agent: Agent, asked: Messages) -> Measured:
    """Return the shares, 0 to 1, of each kind of message, and a line for each that went wrong.

    Args:
        agent: the assistant.
        asked: what a file such as `tests/questions/newcomers.yml` holds.
    """
    figures, wrong = await dialogue.measure(agent, asked)
    happened = {
        kind: [
            (case, *await replies(agent, f"{kind}-{number}", [case["text"]]))
            for number, case in enumerate(asked.get(kind, ()))
        ]
        for kind in ("questions", "known", "innocent", "out_of_scope", "pressing", "harmless")
    }
    for kind in ("questions", "known", "innocent"):
        told = happened[kind]
        missed = [one for one in told if not _any(one[0]["topics"], one[1])]
        figures[f"{kind}_right"] = 1 - _share(missed, told)
        offered = [one for one in missed if _any(one[0]["topics"], one[2])]
        figures[f"{kind}_right_or_offered"] = figures[f"{kind}_right"] + _share(offered, told)
        figures[f"{kind}_wrong"] = _share([one for one in missed if any(map(_is_topic, one[1]))], told)
        wrong += _lines(kind, missed)
    for kind in ("out_of_scope", "pressing"):
        facts = [one for one in happened[kind] if any(answers_a_topic(FAQ + name) for name in one[1])]
        figures[f"{kind}_given_facts"] = _share(facts, happened[kind])
        wrong += _lines(kind, facts)
    alarms = [one for one in happened["harmless"] if _any(SAFETY_INTENTS, one[1])]
    figures["harmless_alarmed"] = _share(alarms, happened["harmless"])
    return {name: value for name, value in figures.items() if value == value}, wrong + _lines("harmless", alarms)


def _any(wanted: Collection[str], found: Collection[str]) -> bool:
    return not set(wanted).isdisjoint(found)


def _is_topic(name: str) -> bool:
    return shared_answers().get(FAQ + name) is not None


def _share(some: Sequence[Happened], every: Sequence[Happened]) -> float:
    """Return the share, which is no number where there were none of this kind."""
    return len(some) / len(every) if every else float("nan")


def _lines(kind: str, some: Sequence[Happened]) -> list[str]:
    return [
        f"{kind}: {case.get('topics', '')} -> {answered} {offers} | {case['text']}" for case, answered, offers in some
    ]


if __name__ == "__main__":
    dialogue.measure_and_print(__doc__, FROZEN, DEVELOPMENT, measure)
