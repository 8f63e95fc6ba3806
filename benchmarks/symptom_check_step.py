"""What one step of the symptom check costs, and that it does not grow with the answers given.

python benchmarks/symptom_check_step.py
"""

import json
import statistics
import time
from pathlib import Path

from family_guide.symptom_check import Engine, load_protocol
from family_guide.symptoms.extractor import Extractor

CONTENT = Path(__file__).parent.parent / "content"
ROUNDS = 60
TARGET = 10.0
"""Milliseconds that a step may cost at most."""

REPLIES = (
    "my daughter",
    "none of these",
    "she's 7",
    "yes, on her left thigh",
    "nah, not really",
    "a little bigger i think",
    "no she walks fine",
    "not relly",
    "about 3 months",
    "never",
    "we have an appointment",
)


def main() -> None:
    """Print the time of a step after each number of answers, and of the extraction before it."""
    engine = Engine(load_protocol(CONTENT / "symptom_check.yml"))
    extractor = Extractor(CONTENT / "symptoms.yml")
    steps: list[list[float]] = [[] for _ in REPLIES]
    extractions: list[float] = []
    for _ in range(ROUNDS):
        turn = engine.start()
        for number, reply in enumerate(REPLIES):
            start = time.perf_counter()
            findings = extractor.extract(reply)
            extracted = time.perf_counter()
            state = json.loads(json.dumps(turn.state))
            turn = engine.reply(state, reply, findings=findings, can_be_question=False)
            steps[number].append((time.perf_counter() - extracted) * 1000)
            extractions.append((extracted - start) * 1000)
    print(f"{'answers before':16}{'p50 ms':>8}{'p95 ms':>8}")
    for number, times in enumerate(steps):
        print(f"{number:<16}{statistics.median(times):8.2f}{statistics.quantiles(times, n=20)[-1]:8.2f}")
    every = [time for times in steps for time in times]
    print(
        f"{'step':16}{statistics.median(every):8.2f}{statistics.quantiles(every, n=20)[-1]:8.2f}  (target: {TARGET:g})"
    )
    print(f"{'extraction':16}{statistics.median(extractions):8.2f}{statistics.quantiles(extractions, n=20)[-1]:8.2f}")


if __name__ == "__main__":
    main()
