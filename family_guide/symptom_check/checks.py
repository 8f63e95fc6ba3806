"""Checks of a protocol, with stable codes that a clinician can look up in `CODES`."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from family_guide.problem import Problem
from family_guide.symptom_check.loader import parse_protocol
from family_guide.symptom_check.paths import all_paths
from family_guide.symptom_check.problems import defect
from family_guide.symptom_check.protocol import Protocol, Question
from family_guide.symptom_check.reader import normal
from family_guide.symptom_check.wording_checks import check_wording

CODES = {
    "P001": "the file cannot be read",
    "P002": "a key is unknown, missing or of the wrong kind",
    "P003": "a wording is missing",
    "P004": "an id stands twice",
    "P005": "an id is unknown",
    "P006": "an option leads nowhere",
    "P007": "a question is never asked",
    "P008": "an outcome or a rule is never reached",
    "P009": "questions wait for each other",
    "P010": "the last rule has a condition, or a rule stands after one without",
    "P011": "a question waits for a later one",
    "P012": "an outcome names no specialist or no doctor",
    "P013": "a wording diagnoses",
    "P014": "a wording reassures",
    "P015": "a wording reads harder than grade 6",
    "P016": "a fact is unknown, or `basis: page` names none",
    "P017": "a warning sign does not end in the emergency outcome",
    "P018": "a symptom or body part is unknown",
    "P019": "words or numbers mean two options",
    "P020": "the emergency outcome does not say to call for help",
    "P021": 'a question cannot be answered with "not sure"',
    "P022": "a blank in a wording is unknown",
}


def check_protocol(path: Path) -> list[Problem]:
    """Return everything that is wrong with a protocol; an empty list when it may be used.

    Args:
        path: a file such as `content/symptom_check.yml`; the sources and the vocabulary it names
            are looked for beside it.
    """
    protocol, problems = parse_protocol(path)
    if protocol is None:
        return problems
    return [
        *_order(path, protocol),
        *_reach(path, protocol),
        *_warning_signs(path, protocol),
        *_facts(path, protocol),
        *_vocabulary(path, protocol),
        *_clashes(path, protocol),
        *_not_sure(path, protocol),
        *check_wording(path, protocol),
    ]


def _order(path: Path, protocol: Protocol) -> Iterator[Problem]:
    position = {question.id: number for number, question in enumerate(protocol.questions)}
    waits = {q.id: q.applies_when.questions() if q.applies_when else set() for q in protocol.questions}
    for question in protocol.questions:
        key = f"questions.{question.id}.applies_when"
        for other in sorted(waits[question.id], key=position.__getitem__):
            if question.id in _all_waited_for(other, waits):
                message = f"{question.id!r} waits for {other!r}, and {other!r} waits for {question.id!r}."
                yield defect("P009", path, key, message, "Take one of the two conditions out.")
            elif position[other] > position[question.id]:
                message = f"{question.id!r} waits for {other!r}, which is asked later."
                yield defect("P011", path, key, message, f"Move {other!r} up, before {question.id!r}.")
    last = len(protocol.rules) - 1
    for number, rule in enumerate(protocol.rules):
        key = f"rules.{number + 1} ({rule.outcome})"
        if number == last and rule.when:
            yield defect("P010", path, key, "the last rule has a condition.", "Add a last rule without `when`.")
        if number != last and not rule.when:
            message = "the rules after this one are never looked at."
            yield defect("P010", path, key, message, "Move it to the end, or give it a `when`.")


def _all_waited_for(name: str, waits: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = {name}
    while left:
        following = waits[left.pop()]
        left |= following - found
        found |= following
    return found | {name}


def _reach(path: Path, protocol: Protocol) -> Iterator[Problem]:
    paths = all_paths(protocol)
    for question in protocol.questions:
        if question.id not in paths.asked:
            fix = "Change its `applies_when` so that some answers before it lead there."
            yield defect("P007", path, f"questions.{question.id}", "the question is never asked.", fix)
    reached = {ending.outcome for ending in paths.endings}
    for outcome in protocol.outcomes:
        if outcome.id not in reached:
            fix = "Give it a rule, or an option with `ends_in`, or take it out."
            yield defect("P008", path, f"outcomes.{outcome.id}", "no answers lead to this outcome.", fix)
    rules = {ending.rule for ending in paths.endings}
    for number, rule in enumerate(protocol.rules):
        if number not in rules:
            key = f"rules.{number + 1} ({rule.outcome})"
            yield defect("P008", path, key, "this rule never decides.", "Change its `when`, or take it out.")
    for ending in paths.endings:
        if ending.outcome is None:
            given = ", ".join(f"{name}: {option}" for name, option in ending.chosen.items()) or "any answers"
            yield defect(
                "P006", path, "rules", f"these answers lead nowhere: {given}.", "Add a last rule without `when`."
            )
            return


def _warning_signs(path: Path, protocol: Protocol) -> Iterator[Problem]:
    questions = [question for question in protocol.questions if question.warning_signs]
    if not questions:
        fix = "Mark the question that lists them with `warning_signs: true`."
        yield defect("P017", path, "questions", "no question asks for warning signs.", fix)
    for question in questions:
        if question.applies_when:
            key = f"questions.{question.id}.applies_when"
            yield defect("P017", path, key, "warning signs are not asked of everybody.", "Take the condition out.")
        for option in question.options:
            is_sign = not {"no", "not_sure"} & set(option.means)
            if is_sign and (question.id, option.id) not in protocol.red_flags:
                key = f"questions.{question.id}.options.{option.id}"
                yield defect("P017", path, key, "this sign does not end in the emergency outcome.", "Add `ends_in`.")


def _facts(path: Path, protocol: Protocol) -> Iterator[Problem]:
    known: set[str] = set()
    for source in protocol.sources:
        try:
            headings = yaml.load((path.parent / source).read_text("utf-8"), Loader=yaml.CSafeLoader)["facts"]
            known |= {name for heading in headings for name in heading["statements"]}
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            yield defect("P016", path, "sources", f"{source} cannot be read: {error}.", "Name a file of facts.")
            return
    for question in protocol.questions:
        key = f"questions.{question.id}.why"
        for fact in question.why.facts:
            if fact not in known:
                yield defect("P016", path, key, f"no fact is called {fact!r}.", "Use an id of content/sources/.")
        if (question.why.basis == "page") != bool(question.why.facts):
            fix = "Name the facts, or write `basis: safety` and no facts."
            yield defect("P016", path, key, "`basis: page` and `facts` belong together.", fix)


def _vocabulary(path: Path, protocol: Protocol) -> Iterator[Problem]:
    if not protocol.vocabulary:
        return
    try:
        vocabulary = yaml.load((path.parent / protocol.vocabulary).read_text("utf-8"), Loader=yaml.CSafeLoader)
        known = {kind: set(vocabulary[kind]) for kind in ("symptoms", "body_parts", "persons")}
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        yield defect("P018", path, "vocabulary", f"cannot be read: {error}.", "Name the file of symptom words.")
        return
    for question in protocol.questions:
        for option in question.options:
            named = [("symptoms", said.symptom) for said in option.said if said.symptom]
            named += [("persons", said.person) for said in option.said if said.person]
            named += [("body_parts", part) for said in option.said for part in said.body_part]
            for kind, name in named:
                if name not in known[kind]:
                    key = f"questions.{question.id}.options.{option.id}.said"
                    yield defect(
                        "P018", path, key, f"{protocol.vocabulary} knows no {name!r}.", f"Add it under `{kind}`."
                    )


def _clashes(path: Path, protocol: Protocol) -> Iterator[Problem]:
    for question in protocol.questions:
        words = Counter(
            word
            for option in question.options
            for word in {normal(option.title), *(normal(word) for word in option.words), *option.means}
        )
        for word in sorted(word for word, count in words.items() if count > 1):
            message = f"{word!r} means more than one option."
            yield defect("P019", path, f"questions.{question.id}.options", message, "Leave it with one of them.")
        ranges = sorted((o.range.from_, o.range.below, o.id) for o in question.options if o.range)
        for (_, below, first), (start, _, second) in pairwise(ranges):
            if start != below:
                message = f"the ranges of {first!r} and {second!r} overlap or leave a gap."
                yield defect(
                    "P019", path, f"questions.{question.id}.options", message, "Let one end where the next begins."
                )


def _not_sure(path: Path, protocol: Protocol) -> Iterator[Problem]:
    for question in protocol.questions:
        if question is not protocol.person_question and _lacks_not_sure(question):
            fix = "Add an option with `means: [not_sure]`."
            yield defect("P021", path, f"questions.{question.id}.options", 'no option means "not sure".', fix)


def _lacks_not_sure(question: Question) -> bool:
    return question.meaning("not_sure") is None
