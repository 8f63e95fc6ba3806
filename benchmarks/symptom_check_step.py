"""What one step of the symptom check costs, action and engine together, and that it does not grow with the answers.

    python -m benchmarks.symptom_check_step

Each reply goes the way that it goes in the running assistant: Rasa's tracker of the whole conversation is
written out for the action, the action runs in its thread, reads the tracker, asks the engine, and its messages
and events come back. What reads the message (`extraction`) is timed apart: it is part of understanding.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from family_guide.actions_in_process import ActionsInProcess
from family_guide.content import shared_extractor
from family_guide.nlu.symptom_rules import EXTRACTOR, FINDING
from family_guide.settings import ROOT
from family_guide.symptoms import Finding

ROUNDS = 60
TARGET = 10.0
"""Milliseconds that a step may cost at most."""
ACTION = "action_symptom_check"

REPLIES = (
    ("check_symptoms", "check symptoms"),
    ("unknown", "my daughter"),
    ("unknown", "none of these"),
    ("unknown", "she's 7"),
    ("check_symptoms", "yes, on her left thigh"),
    ("deny", "nah, not really"),
    ("unknown", "a little bigger i think"),
    ("deny", "no she walks fine"),
    ("unknown", "not relly"),
    ("unknown", "about 3 months"),
    ("deny", "never"),
    ("unknown", "we have an appointment"),
)
"""A whole check: the intent of each message, as understanding would give it, and its text."""


async def measure() -> tuple[list[list[float]], list[float]]:
    """Return the milliseconds of each step by the number of replies before it, and those of each extraction."""
    domain = Domain.load(str(ROOT / "domain.yml"))
    endpoint = ActionsInProcess("actions", seconds=10.0)
    action = RemoteAction(ACTION, endpoint)
    extract = shared_extractor().extract
    steps: list[list[float]] = [[] for _ in REPLIES]
    extractions: list[float] = []
    for round_ in range(-3, ROUNDS):  # the first rounds warm up and do not count
        tracker = DialogueStateTracker("family", domain.slots)
        for number, (intent, text) in enumerate(REPLIES):
            start = time.perf_counter()
            findings = extract(text)
            extracted = time.perf_counter()
            tracker.update(UserUttered(text, {"name": intent, "confidence": 1.0}, _entities(findings)), domain)
            called = time.perf_counter()
            result = await endpoint.request(json=action._action_call_format(tracker, domain))
            done = time.perf_counter()
            assert result["events"], "the step failed"
            for event in result["events"]:
                tracker.update(SlotSet(event["name"], event["value"]), domain)
            tracker.update(ActionExecuted(ACTION), domain)
            tracker.update(ActionExecuted("action_listen"), domain)
            if round_ >= 0:
                steps[number].append((done - called) * 1000)
                extractions.append((extracted - start) * 1000)
        assert tracker.get_slot("symptom_check")["status"] == "done", "the check did not reach its end"
    return steps, extractions


def _entities(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [
        {"entity": found.kind, "value": found.name, "extractor": EXTRACTOR, FINDING: found.to_dict()}
        for found in findings
    ]


def _row(name: object, times: Sequence[float]) -> str:
    return f"{name!s:16}{statistics.median(times):8.2f}{statistics.quantiles(times, n=20)[-1]:8.2f}"


def main() -> None:
    """Print the time of a step after each number of replies, and of the extraction before it."""
    steps, extractions = asyncio.run(measure())
    print(f"{'replies before':16}{'p50 ms':>8}{'p95 ms':>8}")
    for number, times in enumerate(steps):
        print(_row(number, times))
    every = [time for times in steps for time in times]
    print(f"{_row('any step', every)}  (target: {TARGET:g})")
    print(_row("extraction", extractions))


if __name__ == "__main__":
    main()
