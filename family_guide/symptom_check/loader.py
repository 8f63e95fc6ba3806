"""Reading a protocol from YAML, with every defect of its form named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from family_guide.problem import Problem
from family_guide.symptom_check.conditions import Condition
from family_guide.symptom_check.problems import ContentError, defect
from family_guide.symptom_check.protocol import Protocol
from family_guide.symptom_check.wording import Text

_WORDING_KEYS = {
    "ask",
    "title",
    "label",
    "help",
    "explain",
    "text",
    "states",
    "do",
    "child",
    "self",
    "soon",
    "bring",
    "reasons_title",
    "ordinary",
    "watch",
    "wording",
    "buttons",
    "cases",
}
_EMPTY = {"value_error.missing", "value_error.any_str.min_length", "type_error.none.not_allowed"}


class PlainLoader(yaml.CSafeLoader):
    """Reads `yes`, `no`, `on` and `off` as words, as whoever writes an option id means them."""


PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_protocol(path: Path) -> Protocol:
    """Read a protocol that is sound enough to run.

    Args:
        path: a file such as `content/symptom_check.yml`.

    Raises:
        ContentError: it cannot be read, has a key too many or too few, or names an id that is not
            there; each problem names file, key and fix.
    """
    protocol, problems = parse_protocol(path)
    if protocol is None or problems:
        raise ContentError(problems)
    return protocol


def parse_protocol(path: Path) -> tuple[Protocol | None, list[Problem]]:
    """Read a protocol as far as it goes.

    Returns:
        The protocol, or `None` when its form is broken, and the problems found (P001 to P006).
    """
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=PlainLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [defect("P001", path, "(file)", f"cannot be read: {error}", "Mend the YAML at the place named.")]
    if not isinstance(raw, dict):
        return None, [defect("P001", path, "(file)", "holds no keys.", "Start with `questions:`.")]
    try:
        protocol = Protocol.parse_obj(raw)
    except ValidationError as error:
        return None, [_form_problem(path, raw, found) for found in error.errors()]
    problems = [*_doubles(path, protocol), *_unknown_ids(path, protocol)]
    if not problems and not protocol.red_flags:
        message = "no answer ends in an outcome with `urgency: emergency`."
        problems.append(defect("P017", path, "questions", message, "Ask for warning signs, with `ends_in: emergency`."))
    if problems:
        return None, problems
    return _resolved(protocol), []


def _form_problem(path: Path, raw: dict[str, Any], error: Any) -> Problem:
    key = readable_key(raw, error["loc"])
    last = next((str(part) for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if error["type"] in _EMPTY and (last in _WORDING_KEYS or "wording" in error["loc"]):
        return defect("P003", path, key, "the wording is missing.", "Write it, for `child` and for `self`.")
    return defect("P002", path, key, f"{error['msg']}.", "Compare with an entry that works, and mend this one.")


def readable_key(raw: Any, location: tuple[str | int, ...]) -> str:
    """Return a place in the file with list entries named by their id, where they have one."""
    parts: list[str] = []
    for step in location:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            raw = None
        name = raw.get("id", raw.get("outcome")) if isinstance(raw, dict) and isinstance(step, int) else None
        parts.append(str(name or (step + 1 if isinstance(step, int) else step)))
    return ".".join(part for part in parts if part not in ("__root__", "cases"))


def _doubles(path: Path, protocol: Protocol) -> Iterator[Problem]:
    groups = [("questions", [q.id for q in protocol.questions]), ("outcomes", [o.id for o in protocol.outcomes])]
    groups += [(f"questions.{q.id}.options", [o.id for o in q.options]) for q in protocol.questions]
    for key, ids in groups:
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield defect("P004", path, f"{key}.{name}", "this id stands twice.", "Give one of them another id.")


def placed_conditions(protocol: Protocol) -> Iterator[tuple[str, Condition]]:
    """Yield every condition of a protocol with the key it stands under."""
    for name, condition in protocol.conditions.items():
        yield f"conditions.{name}", condition
    for question in protocol.questions:
        if question.applies_when:
            yield f"questions.{question.id}.applies_when", question.applies_when
    for number, rule in enumerate(protocol.rules, start=1):
        if rule.when:
            yield f"rules.{number} ({rule.outcome}).when", rule.when
    for number, addition in enumerate(protocol.additions, start=1):
        yield f"additions.{number}.when", addition.when
    for key, text in placed_texts(protocol):
        for case in text.cases:
            if case.when:
                yield f"{key}.when", case.when


def placed_texts(protocol: Protocol) -> Iterator[tuple[str, Text]]:
    """Yield every text with cases of a protocol, with the key it stands under."""
    for question in protocol.questions:
        yield f"questions.{question.id}.ask", question.ask
        for option in question.options:
            yield f"questions.{question.id}.options.{option.id}.states", option.states
    for outcome in protocol.outcomes:
        yield f"outcomes.{outcome.id}.do", outcome.do
    for number, addition in enumerate(protocol.additions, start=1):
        yield f"additions.{number}.text", addition.text


def _unknown_ids(path: Path, protocol: Protocol) -> Iterator[Problem]:
    questions = {q.id: [o.id for o in q.options] for q in protocol.questions}
    outcomes = [o.id for o in protocol.outcomes]
    for key, condition in placed_conditions(protocol):
        try:
            leaves = list(condition.resolved(protocol.conditions).leaves())
        except KeyError as error:
            yield defect("P005", path, key, f"no shared condition is called {error}.", "Name one under `conditions`.")
            continue
        for leaf in leaves:
            if leaf.question not in questions:
                message = f"no question is called {leaf.question!r}."
                yield defect("P005", path, key, message, f"Use one of: {', '.join(questions)}.")
                continue
            for option in leaf.is_:
                if option not in questions[leaf.question]:
                    message = f"question {leaf.question!r} has no option {option!r}."
                    yield defect("P005", path, key, message, f"Use one of: {', '.join(questions[leaf.question])}.")
    named = [(f"rules.{number}.outcome", rule.outcome) for number, rule in enumerate(protocol.rules, start=1)]
    named += [
        (f"additions.{n}.only", name) for n, addition in enumerate(protocol.additions, 1) for name in addition.only
    ]
    for key, name in named:
        if name not in outcomes:
            yield defect("P005", path, key, f"no outcome is called {name!r}.", f"Use one of: {', '.join(outcomes)}.")
    for question in protocol.questions:
        for choice in question.options:
            if choice.ends_in and choice.ends_in not in outcomes:
                key = f"questions.{question.id}.options.{choice.id}.ends_in"
                message = f"the option leads nowhere: no outcome is called {choice.ends_in!r}."
                yield defect("P006", path, key, message, f"Use one of: {', '.join(outcomes)}.")


def _resolved(protocol: Protocol) -> Protocol:
    """Return the protocol with every shared condition put where it is named."""
    shared = protocol.conditions

    def condition(given: Condition | None) -> Condition | None:
        return given.resolved(shared) if given else None

    questions = tuple(
        question.copy(
            update={
                "applies_when": condition(question.applies_when),
                "ask": question.ask.resolved(shared),
                "options": tuple(
                    option.copy(update={"states": option.states.resolved(shared)}) for option in question.options
                ),
            }
        )
        for question in protocol.questions
    )
    return protocol.copy(
        update={
            "questions": questions,
            "rules": tuple(rule.copy(update={"when": condition(rule.when)}) for rule in protocol.rules),
            "outcomes": tuple(o.copy(update={"do": o.do.resolved(shared)}) for o in protocol.outcomes),
            "additions": tuple(
                a.copy(update={"when": condition(a.when), "text": a.text.resolved(shared)}) for a in protocol.additions
            ),
        }
    )
