"""What other thresholds of the doubt gate would do, on validation messages alone.

    python -m benchmarks.thresholds [--model FILE ...]

Each model's validation questions and out-of-scope messages are understood once, and decided again for each value of
each threshold, the others as in `config.yml`. The cost of a message is that of docs/decisions/0003-doubt.md: a wrong
answer 5, a question back 1, one without the right topic 2.5, a fallback 1.5, facts for what is out of scope 5.
"""

import argparse
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from benchmarks.evaluate import rejected
from benchmarks.metrics import Outcome, share
from benchmarks.safety import answers_a_topic
from benchmarks.understanding import configured, labelled, load, outcome, parse, questions
from family_guide.logs import configure_logs
from family_guide.nlu.doubt import DoubtGate
from family_guide.nlu.labels import LEANING, QUESTIONS, RETRIEVAL_INTENTS
from family_guide.settings import settings
from family_guide.training import trained_model

WRONG, ASKED_BACK, ASKED_IN_VAIN, FELL_BACK, FACTS_FOR_STRANGERS = 5.0, 1.0, 2.5, 1.5, 5.0
OUT_OF_SCOPE = "out_of_scope"
TRIED = {
    "answer": (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8),
    "not_covered": (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8),
    "talk": (0.4, 0.5, 0.6, 0.7),
    "unknown": (0.1, 0.15, 0.2, 0.25, 0.3, 0.4),
    "known": (0.1, 0.2, 0.3, 0.4),
    "refuse": (0.15, 0.25, 0.35, 0.5),
    "part": (0.6, 0.7, 0.8),
    "part_beside": (0.4, 0.5, 0.6, 0.7),
}


def understood(model: Path, asked: list[tuple[str, str]]) -> list[tuple[Message, dict[str, Any], str]]:
    """Return of each message what the doubt gate was given, the whole result, and the label that is expected."""
    given: list[Message] = []
    decide = DoubtGate.process

    def process(self: DoubtGate, messages: list[Message]) -> list[Message]:
        given[:] = [Message(dict(m.data)) for m in messages]
        return decide(self, messages)

    found = []
    with patch.object(DoubtGate, "process", process):
        agent = load(model)
        for text, label in asked:
            result = parse(agent, text)
            found.append((given[0], result, label))
    return found


def cost(config: Mapping[str, Any], messages: list[tuple[Message, dict[str, Any], str]]) -> dict[str, float]:
    """Return the mean cost of a message and the figures it is made of, as decided with some thresholds.

    Args:
        config: those of the doubt gate, complete.
        messages: see `understood`.
    """
    gate = DoubtGate(dict(config))
    inside: list[Outcome] = []
    outside: list[Outcome] = []
    for message, result, label in messages:
        again = gate.process([Message(dict(message.data))])[0]
        changed = {name: again.get(name) for name in ("intent", QUESTIONS, LEANING)}
        if changed["intent"]["name"] in RETRIEVAL_INTENTS:
            # Rasa adds this when the whole pipeline has run.
            selected = again.get("response_selector")[changed["intent"]["name"]]["response"]
            changed["intent"] = {**changed["intent"], "full_retrieval_intent_name": selected["intent_response_key"]}
        (outside if label == OUT_OF_SCOPE else inside).append(outcome(message.get(TEXT), label, {**result, **changed}))
    total = FACTS_FOR_STRANGERS * sum(answers_a_topic(o.decided) for o in outside)
    for o in inside:
        if o.right:
            continue
        if o.asked_back or o.right_or_offered:
            total += ASKED_BACK if o.right_or_offered else ASKED_IN_VAIN
        else:
            total += FELL_BACK if o.fell_back else WRONG
    return {
        "cost": total / len(messages),
        **{name: share(inside, name) for name in ("right", "right_or_offered", "wrong")},
        "rejected": sum(map(rejected, outside)) / len(outside),
    }


def main() -> None:
    """Measure and print one line for each value."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, nargs="*", help="trained models; by default that of the content as it is")
    arguments = parser.parse_args()
    configure_logs(logging.WARNING)
    config = configured(DoubtGate)
    strange = [(text, OUT_OF_SCOPE) for text in questions("out_of_scope")["validation"]]
    asked = [*labelled("validation"), *strange]
    models = arguments.model or [trained_model(settings().model_folder)]
    messages = [one for model in models for one in understood(model, asked)]
    for name, values in TRIED.items():
        for value in values:
            figures = cost({**config, name: value}, messages)
            mark = " <- config.yml" if value == config[name] else ""
            print(f"{name:12} {value:5}  " + "  ".join(f"{k} {v:.4f}" for k, v in figures.items()) + mark, flush=True)


if __name__ == "__main__":
    main()
