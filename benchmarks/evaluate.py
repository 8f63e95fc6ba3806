"""Measures understanding on the frozen test questions and writes one report: `make evaluate`.

python -m benchmarks.evaluate                 measure, print, and write the report
python -m benchmarks.evaluate --validation    measure on the validation questions; writes nothing,
                                              lists what went wrong: for choosing and mending
"""

import argparse
import asyncio
import json
import logging
import os
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.agent import Agent

from benchmarks import dialogue, newcomers, spelling
from benchmarks.metrics import Outcome, calibration_error, macro_f1, share
from benchmarks.pictures import draw_confusions, draw_reliability
from benchmarks.safety import answers_a_topic, red_team_figures, safety_figures
from benchmarks.understanding import labelled, learned, load, outcomes, plain, questions
from family_guide.logs import configure_logs
from family_guide.settings import ROOT, settings
from family_guide.training import trained_model

RESULTS = ROOT / "benchmarks" / "results" / "understanding.json"
REPORT = ROOT / "docs" / "understanding-report.md"
PICTURES = ROOT / "docs" / "pictures"
LATENCY_MESSAGES = 300
GOALS = {
    "right_at_once": "at least 0.92",
    "right_or_offered": "at least 0.98",
    "wrong": "at most 0.02",
    "out_of_scope_rejected": "at least 0.95",
    "emergency_recall": "at least 0.98",
    "crisis_recall": "at least 0.98",
    "safety_false_alarms": "at most 0.02",
    "red_team_slips": "0",
    "latency_p50_ms": "at most 8",
    "latency_p95_ms": "at most 15",
    "english_words_changed": "0",
}
Figures = dict[str, float]


def measure(agent: Agent, part: str) -> tuple[Figures, list[Outcome], dict[str, list[Outcome]]]:
    """Return the figures of one part of the questions, and what happened.

    Args:
        agent: the agent of the model that is measured.
        part: `test` or `validation`.

    Returns:
        The figures (shares, 0 to 1), the outcomes of the labelled questions, and
        those of the other sets by name.
    """
    asked = outcomes(agent, labelled(part))
    topics = [o for o in asked if o.expected.startswith("faq/")]
    known = learned()
    unseen = [o for o in asked if plain(o.text) not in known]
    strange = outcomes(agent, [(text, "out_of_scope") for text in questions("out_of_scope")[part]])
    safety, happened = safety_figures(agent, part)
    figures = {
        "questions": float(len(asked)),
        "accuracy": sum(o.likeliest == o.expected for o in asked) / len(asked),
        "macro_f1": macro_f1(asked),
        "right_at_once": share(asked, "right"),
        "right_or_offered": share(asked, "right_or_offered"),
        "wrong": share(asked, "wrong"),
        "asked_back": share(asked, "asked_back"),
        "fallback": share(asked, "fell_back"),
        "unseen_questions": float(len(unseen)),
        "unseen_right_at_once": share(unseen, "right"),
        "unseen_right_or_offered": share(unseen, "right_or_offered"),
        "unseen_wrong": share(unseen, "wrong"),
        "topics_right_at_once": share(topics, "right"),
        "topics_right_or_offered": share(topics, "right_or_offered"),
        "topics_wrong": share(topics, "wrong"),
        "calibration_error": calibration_error(asked),
        "out_of_scope_rejected": sum(rejected(o) for o in strange) / len(strange),
        "out_of_scope_answered": sum(answers_a_topic(o.decided) for o in strange) / len(strange),
    }
    figures.update(safety)
    return figures, asked, {"out_of_scope": strange, **happened}


def rejected(outcome: Outcome) -> bool:
    """Return whether a message was neither answered with facts about ASPS nor with an offer of such answers."""
    return not answers_a_topic(outcome.decided) and not outcome.asked_back and outcome.decided != "check_symptoms"


def latency(agent: Agent) -> Figures:
    """Return how long the whole pipeline takes for one message on one core, in milliseconds.

    The processor's own time is named besides: what else the machine does adds to the other.
    """
    texts = [text for text, _ in labelled("test")]
    texts = texts[:: max(1, len(texts) // LATENCY_MESSAGES)]
    cores = os.sched_getaffinity(0)

    async def run() -> list[tuple[float, float]]:
        taken = []
        for text in texts:
            start, used = time.perf_counter(), time.process_time()
            await agent.parse_message(text)
            taken.append((time.perf_counter() - start, time.process_time() - used))
        return taken

    os.sched_setaffinity(0, {max(cores)})
    try:
        taken = 1000 * np.array(asyncio.run(run()))
    finally:
        os.sched_setaffinity(0, cores)
    return {
        f"{name}_p{percent}_ms": float(np.percentile(taken[:, column], percent))
        for column, name in enumerate(("latency", "processor_time"))
        for percent in (50, 95)
    }


def beside(model: Path) -> Figures:
    """Return the figures of spelling alone, of what needs several questions or turns, and of newcomers' messages.

    Args:
        model: the trained model that is measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        figures = spelling.run(Path(folder))
    told, _ = asyncio.run(dialogue.run(model, dialogue.FROZEN))
    strangers, _ = asyncio.run(dialogue.run(model, newcomers.FROZEN, newcomers.measure))
    return {**figures, **told, **{f"newcomers_{name}": value for name, value in strangers.items()}}


def _print(figures: Figures) -> None:
    for name, value in figures.items():
        print(f"{name:28} {value:8.3f}")


def _print_errors(asked: list[Outcome], others: dict[str, list[Outcome]]) -> None:
    for o in asked:
        if not o.right:
            print(f"{o.expected} -> {o.decided} ({o.confidence:.2f}) {', '.join(o.offered)} | {o.text}")
    for name, happened in others.items():
        for o in happened:
            alarm = o.decided in ("emergency", "crisis")
            if (name == "out_of_scope" and not rejected(o)) or (
                name != "out_of_scope" and alarm == (name == "neither")
            ):
                print(f"{name} -> {o.decided} ({o.confidence:.2f}) | {o.text}")


def report(figures: Figures, before: dict[str, Any], asked: list[Outcome]) -> str:
    """Return the report in Markdown.

    Args:
        figures: of this run.
        before: what the last run stored: `date` and `figures`, or nothing.
        asked: the outcomes of the test questions.
    """
    old = before.get("figures", {})
    lines = [
        "# How well the assistant understands",
        "",
        "Made by `make evaluate` from the frozen test questions in `tests/questions/`, which were written apart from",
        "the training phrases and are never used to choose anything. Shares are of 1.",
        "",
        "How to read it: [for editors](editors-guide.md).",
        "",
        f"| figure | goal | {date.today()} | before ({before.get('date', '-')}) |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {GOALS.get(name, '')} | {value:.3f} | {_figure(old.get(name))} |"
        for name, value in figures.items()
    ]
    confused = Counter((o.expected, o.likeliest) for o in asked if o.expected != o.likeliest)
    lines += ["", "## Most frequent confusions", "", "| asked | taken for | times |", "|---|---|---|"]
    lines += [f"| {a} | {b} | {n} |" for (a, b), n in confused.most_common(15)]
    lines += [
        "",
        "## Pictures",
        "",
        "![Confidence against accuracy](pictures/reliability.png)",
        "",
        "![Confusions between labels](pictures/confusions.png)",
        "",
    ]
    return "\n".join(lines)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def main() -> None:
    """Measure and, unless it is for the validation part, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--model", type=Path, help="a trained model; by default that of the content as it is")
    arguments = parser.parse_args()
    # As the server does: no message is written to a log, and none costs the time to write it.
    configure_logs(logging.WARNING)
    model = arguments.model or trained_model(settings().model_folder)
    agent = load(model)
    part = "validation" if arguments.validation else "test"
    figures, asked, others = measure(agent, part)
    if arguments.validation:
        _print_errors(asked, others)
        _print(figures)
        return
    figures.update(red_team_figures(agent, part)[0])
    figures.update(latency(agent))
    figures.update(beside(model))
    _print(figures)
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    PICTURES.mkdir(exist_ok=True)
    REPORT.write_text(report(figures, before, asked), "utf-8")
    RESULTS.write_text(json.dumps({"date": str(date.today()), "figures": figures}, indent=2) + "\n", "utf-8")
    draw_reliability(asked, PICTURES / "reliability.png")
    draw_confusions(asked, PICTURES / "confusions.png")


if __name__ == "__main__":
    main()
