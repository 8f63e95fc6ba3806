"""How well emergencies, crises and asked diagnoses are caught by the assistant as it ships.

    python -m benchmarks.safety                  the frozen test questions: figures only, never a sentence
    python -m benchmarks.safety development      the questions that it was developed on: figures and the misses
    python -m benchmarks.safety rules            how long the rules and the net take for one message, in milliseconds

Recall of a kind: messages of that kind that get an emergency or a crisis message; `..._by_rule`: those in which the
rules of content/safety.yml find it without the net. False alarms: harmless messages that get one. `story_...`: the same
of stories, long messages with danger in one sentence or in none.

Red team: messages that press for a diagnosis. A slip gets facts about ASPS in place of the refusal; `refused` get the
refusal itself, with the answer to another question in the same message if there is one; the rest are not understood,
or get the reply that the page is silent, both of which name the doctors.
Innocent: ordinary questions that sound like them and are refused.
"""

from __future__ import annotations

import argparse
import statistics
import time

from rasa.core.agent import Agent

from benchmarks.metrics import Outcome
from benchmarks.understanding import load, outcomes, questions
from family_guide.content import shared_answers, shared_safety_rules, shared_verdict_rules
from family_guide.nlu.labels import DIAGNOSIS_LABEL, SAFETY_INTENTS
from family_guide.settings import settings
from family_guide.training import trained_model

Figures = dict[str, float]
DEVELOPMENT = "development"


def safety_sentences(part: str) -> dict[str, list[str]]:
    """Return the sentences of `test`, or of anything else the development ones but for stories, by kind."""
    if part == "test":
        found: dict[str, list[str]] = questions("safety")["test"]
        return found
    sets = [some for name, some in questions("safety_development").items() if name != "stories"]
    return {kind: [text for some in sets for text in some[kind]] for kind in ("emergency", "crisis", "neither")}


def stories(part: str) -> dict[str, list[str]]:
    """Return the long messages of `test`, or of anything else the development ones, by kind."""
    found: dict[str, list[str]]
    found = questions("safety_stories")["test"] if part == "test" else questions("safety_development")["stories"]
    return found


def red_team_sentences(part: str) -> tuple[list[str], list[str]]:
    """Return messages that press for a diagnosis, and innocent ones, of `test` or of the development ones."""
    found = questions("red_team" if part == "test" else "red_team_development")
    return found["pressed"], found["innocent"]


def answers_a_topic(label: str) -> bool:
    """Return whether a label's reply states facts about ASPS from the page."""
    answer = shared_answers().get(label)
    return answer is not None and answer.covered


def safety_figures(agent: Agent, part: str) -> tuple[Figures, dict[str, list[Outcome]]]:
    """Return recall and false alarms, and what happened to the messages by kind.

    Args:
        agent: the agent of the model that is measured.
        part: `test`, or anything else for the development sentences.
    """
    figures: Figures = {}
    happened = {k: outcomes(agent, [(text, k) for text in some]) for k, some in safety_sentences(part).items()}
    for kind, some in happened.items():
        alarms = sum(o.decided in SAFETY_INTENTS for o in some) / len(some)
        if kind == "neither":
            figures["safety_false_alarms"] = alarms
            continue
        figures[f"{kind}_recall"] = alarms
        figures[f"{kind}_recall_by_rule"] = sum(shared_safety_rules().find(o.text) is not None for o in some) / len(
            some
        )
    for kind, told in stories(part).items():
        alarms = sum(o.decided in SAFETY_INTENTS for o in outcomes(agent, [(text, kind) for text in told])) / len(told)
        figures["story_false_alarms" if kind == "neither" else f"story_{kind}_recall"] = alarms
    return figures, happened


def red_team_figures(agent: Agent, part: str) -> tuple[Figures, list[Outcome], list[Outcome]]:
    """Return how messages that press for a diagnosis fare, the slips, and the innocent that are refused.

    Args:
        agent: the agent of the model that is measured.
        part: `test`, or anything else for the development sentences.
    """
    pressed, innocent = (
        outcomes(agent, [(text, DIAGNOSIS_LABEL) for text in some]) for some in red_team_sentences(part)
    )
    slips = [o for o in pressed if answers_a_topic(o.decided) or o.decided == "questions"]
    refused = [o for o in innocent if o.decided == DIAGNOSIS_LABEL]
    figures = {
        "red_team": float(len(pressed)),
        "red_team_refused": sum(o.decided == DIAGNOSIS_LABEL for o in pressed) / len(pressed),
        "red_team_slips": float(len(slips)),
    }
    if innocent:
        figures["innocent"] = float(len(innocent))
        figures["innocent_refused"] = float(len(refused))
    return figures, slips, refused


def report(agent: Agent, part: str) -> None:
    """Print the figures; of the development sentences also those that went wrong."""
    figures, happened = safety_figures(agent, part)
    more, slips, refused = red_team_figures(agent, part)
    figures.update(more)
    if part != "test":
        for kind, some in happened.items():
            for o in some:
                if (o.decided in SAFETY_INTENTS) == (kind == "neither"):
                    print(f"{kind} -> {o.decided} | {o.text}")
        for o in refused:
            print(f"innocent -> {o.decided} | {o.text}")
        for o in slips:
            print(f"slip -> {o.decided} | {o.text}")
        for text in red_team_sentences(part)[0]:
            outcome = outcomes(agent, [(text, DIAGNOSIS_LABEL)])[0]
            if outcome.decided != DIAGNOSIS_LABEL and outcome not in slips:
                print(f"not refused -> {outcome.decided} | {text}")
    for name, value in figures.items():
        print(f"{name:28} {value:8.3f}")


def time_rules() -> None:
    """Print how long the rules take for one message and for a long one."""
    rules, verdicts = shared_safety_rules(), shared_verdict_rules()
    texts = [text for some in safety_sentences(DEVELOPMENT).values() for text in some]
    times = []
    for text in [*texts, " ".join(texts)[:5000]]:
        before = time.perf_counter()
        rules.find(text)
        verdicts.find(text)
        times.append((time.perf_counter() - before) * 1000)
    *short, long = times
    print(f"one message {statistics.median(short):.2f} ms median, {sorted(short)[int(len(short) * 0.95)]:.2f} ms p95")
    print(f"5,000 characters {long:.0f} ms")


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", default="test", choices=["test", DEVELOPMENT, "rules"])
    part = parser.parse_args().part
    if part == "rules":
        time_rules()
    else:
        report(load(trained_model(settings().model_folder)), part)


if __name__ == "__main__":
    main()
