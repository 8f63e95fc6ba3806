"""Runs test messages through the shipped pipeline, whole, as the server does."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent
from rasa.engine.graph import GraphComponent

from benchmarks.metrics import Outcome
from family_guide.content import shared_safety_examples
from family_guide.graph_runner import GraphInOrder
from family_guide.nlu.labels import DIAGNOSIS_LABEL
from family_guide.nlu.offers import offered, offered_beside_refusal
from family_guide.settings import ROOT

QUESTIONS = ROOT / "tests" / "questions"


def questions(name: str) -> Any:
    """Return what a file of test questions holds."""
    return yaml.safe_load((QUESTIONS / f"{name}.yml").read_text("utf-8"))


def configured(component: type[GraphComponent]) -> dict[str, Any]:
    """Return a component's configuration, as config.yml has it over its defaults."""
    name = f"{component.__module__}.{component.__name__}"
    entries = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    entry = next(e for e in entries if e["name"] == name)
    return {**component.get_default_config(), **{k: v for k, v in entry.items() if k != "name"}}


def labelled(name: str) -> list[tuple[str, str]]:
    """Return the messages of a file that maps labels to messages, as (message, label)."""
    return [(text, label) for label, texts in questions(name).items() for text in texts]


def plain(text: str) -> str:
    """Return the words of a text in small letters, without its marks."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def learned() -> set[str]:
    """Return all training phrases and safety examples, plain.

    Short questions are the same whoever writes them ("what is an angiogram"): those of the test that are learned too
    say little about what was never seen.
    """
    entries = [
        entry
        for file in (ROOT / "data").rglob("*.yml")
        for entry in yaml.safe_load(file.read_text("utf-8")).get("nlu", [])
    ]
    lines = [line.removeprefix("- ") for entry in entries for line in entry["examples"].splitlines()]
    return {plain(text) for text in (*lines, *chain.from_iterable(shared_safety_examples().values()))}


def load(model: Path) -> Agent:
    """Return the agent of a trained model, which runs it as the server does."""
    agent = Agent.load(str(model))
    if agent.processor is not None:
        agent.processor.graph_runner = GraphInOrder(agent.processor.graph_runner)
    return agent


def parse(agent: Agent, text: str) -> dict[str, Any]:
    """Return the parse result of one message."""
    return asyncio.run(agent.parse_message(text))


def outcomes(agent: Agent, messages: Iterable[tuple[str, str]]) -> list[Outcome]:
    """Return what the assistant does with each message.

    Args:
        agent: the agent of the model that is measured.
        messages: pairs of a message and the label that is expected.
    """

    async def run() -> list[Outcome]:
        return [outcome(text, label, await agent.parse_message(text)) for text, label in messages]

    return asyncio.run(run())


def outcome(text: str, expected: str, result: Mapping[str, Any]) -> Outcome:
    """Return what the assistant does with a message.

    Args:
        text: the message.
        expected: its label.
        result: what Rasa's parser returns for it.
    """
    ranking = result.get("intent_ranking") or [{"name": "", "confidence": 0.0}]
    intent = result["intent"]
    # Each question stands alone here, so what leans on a turn before is taken as it would be without one.
    decided = result.get("leaning") or intent.get("full_retrieval_intent_name") or intent["name"]
    asked = result.get("questions") or []
    if len(asked) == 1:
        # It is answered, and something else is offered beside it.
        decided = asked[0]
    if DIAGNOSIS_LABEL in asked:
        # Another question in the message is answered too.
        decided = DIAGNOSIS_LABEL
    if decided == DIAGNOSIS_LABEL:
        offers = offered_beside_refusal((r["name"], r["confidence"]) for r in ranking)
    else:
        offers = offered(r["name"] for r in ranking)
    return Outcome(
        text=text,
        expected=expected,
        decided=decided,
        offered=tuple(offers),
        confidence=ranking[0]["confidence"],
        likeliest=ranking[0]["name"],
    )
