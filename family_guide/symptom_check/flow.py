"""The next step, computed from all answers so far.

Every turn replays the protocol from its first question, so that changing an answer is free and
only answers to questions that still apply are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from family_guide.symptom_check.conditions import Chosen
from family_guide.symptom_check.protocol import Outcome, Protocol, Question
from family_guide.symptom_check.state import Answer


@dataclass(frozen=True)
class Step:
    """Where the answers lead.

    Attributes:
        answers: those that still apply, in the order of the protocol.
        question: the next question, or `None` when the end is reached.
        outcome: the outcome, or `None` while a question is left.
        reasons: ids of the questions whose answers led to the outcome.
    """

    answers: dict[str, Answer]
    question: Question | None
    outcome: Outcome | None
    reasons: list[str]


def step(protocol: Protocol, answers: Mapping[str, Answer], volunteered: Mapping[str, Answer] | None = None) -> Step:
    """Return where the answers lead.

    An answer that ends the check does so at once, whatever else is left to ask, even when it was
    volunteered before its question came up.

    Args:
        protocol: the questions and rules.
        answers: question id -> answer; those that do not apply are left out of the result.
        volunteered: the same for questions that have not come up yet; those that come up join the answers.
    """
    given = {**(volunteered or {}), **answers}
    kept: dict[str, Answer] = {}
    chosen: dict[str, str] = {}
    following: Question | None = None
    for question in protocol.questions:
        if not applies(question, chosen):
            continue
        answer = given.get(question.id)
        if answer is None:
            following = following or question
            continue
        kept[question.id] = answer
        chosen[question.id] = answer.option
    ending = ending_answer(protocol, chosen)
    if ending:
        return Step(kept, None, protocol.outcomes_by_id[ending[1]], [ending[0]])
    if following:
        return Step(kept, following, None, [])
    outcome, reasons = ruled_outcome(protocol, chosen)
    return Step(kept, None, outcome, reasons)


def applies(question: Question, chosen: Chosen) -> bool:
    """Return whether a question is to be asked, given the answers to the questions before it."""
    return question.applies_when is None or question.applies_when.holds(chosen) is True


def could_apply(question: Question, chosen: Chosen) -> bool:
    """Return whether a question applies or may still come to apply."""
    return question.applies_when is None or question.applies_when.holds(chosen) is not False


def ending_answer(protocol: Protocol, chosen: Chosen) -> tuple[str, str] | None:
    """Return (question id, outcome id) of an answer that ends the check at once; emergencies come first."""
    endings = [
        (question.id, option.ends_in)
        for question in protocol.questions
        if (option := question.option(chosen.get(question.id, ""))) and option.ends_in
    ]
    flagged = [ending for ending in endings if (ending[0], chosen[ending[0]]) in protocol.red_flags]
    return next(iter(flagged or endings), None)


def ruled_outcome(protocol: Protocol, chosen: Chosen) -> tuple[Outcome, list[str]]:
    """Return the outcome of the first rule that holds, and the questions whose answers made it hold.

    Raises:
        LookupError: no rule holds; `check_protocol` proves that this cannot happen (P010).
    """
    for rule in protocol.rules:
        if rule.when is None or rule.when.holds(chosen):
            reasons = rule.when.reasons(chosen) if rule.when else []
            in_order = [question.id for question in protocol.questions if question.id in reasons]
            return protocol.outcomes_by_id[rule.outcome], in_order
    raise LookupError("no rule holds: the last rule needs to be without `when`")
