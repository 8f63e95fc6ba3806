"""Every way through a protocol, counted exactly without walking each.

Two families whose answers differ only where nothing later looks are on the same way from there on.
So the answers are grouped, question by question, by those that a later condition or text still looks
at, and each group knows how many ways lead into it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from family_guide.symptom_check.conditions import Condition
from family_guide.symptom_check.flow import applies
from family_guide.symptom_check.protocol import Protocol

Group = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Ending:
    """A way to end: the answers that count for it, and how many ways through the protocol share it.

    Attributes:
        chosen: question id -> option id, as far as rules, additions and texts look at them.
        ended_by: (question id, option id) of the answer that ended the check at once, or `None`.
        rule: index of the rule that held, or `None` when none did or the check ended at once.
        outcome: outcome id, or `None` when no rule held.
        ways: number of ways through the protocol.
    """

    chosen: dict[str, str]
    ended_by: tuple[str, str] | None
    rule: int | None
    outcome: str | None
    ways: int


@dataclass(frozen=True)
class Paths:
    """All endings, the questions that are asked on some way, and the number of ways."""

    endings: list[Ending]
    asked: set[str]

    @property
    def ways(self) -> int:
        """Number of different sequences of answers from the first question to an ending."""
        return sum(ending.ways for ending in self.endings)


def all_paths(protocol: Protocol, *, texts: bool = False) -> Paths:
    """Return every way through a protocol.

    Args:
        protocol: the protocol.
        texts: whether endings that differ only in what the outcome says are kept apart; that takes
            seconds, where telling the outcomes apart takes milliseconds.
    """
    groups: Counter[Group] = Counter({frozenset(): 1})
    endings: list[Ending] = []
    asked: set[str] = set()
    for index, question in enumerate(protocol.questions):
        looked_at = _looked_at(protocol, index + 1, texts)
        following: Counter[Group] = Counter()
        for group, ways in groups.items():
            chosen = dict(group)
            if not applies(question, chosen):
                following[_kept(group, looked_at)] += ways
                continue
            asked.add(question.id)
            for option in question.options:
                answer = (question.id, option.id)
                if option.ends_in:
                    endings.append(Ending({**chosen, question.id: option.id}, answer, None, option.ends_in, ways))
                else:
                    following[_kept(group | {answer}, looked_at)] += ways
        groups = following
    for group, ways in groups.items():
        chosen = dict(group)
        rule = next((n for n, rule in enumerate(protocol.rules) if rule.when is None or rule.when.holds(chosen)), None)
        outcome = None if rule is None else protocol.rules[rule].outcome
        endings.append(Ending(chosen, None, rule, outcome, ways))
    return Paths(endings, asked)


def _kept(group: Group, looked_at: set[str]) -> Group:
    return frozenset(answer for answer in group if answer[0] in looked_at)


def _looked_at(protocol: Protocol, index: int, texts: bool) -> set[str]:
    """Return the questions that a question from an index on, or any ending, looks at."""
    names = {name for condition in _later(protocol, index, texts) for name in condition.questions()}
    if texts and protocol.person_question:
        names.add(protocol.person_question.id)
    return names


def _later(protocol: Protocol, index: int, texts: bool) -> Iterator[Condition]:
    conditions = [question.applies_when for question in protocol.questions[index:]]
    conditions += [rule.when for rule in protocol.rules]
    if texts:
        conditions += [addition.when for addition in protocol.additions]
        said = [outcome.do for outcome in protocol.outcomes] + [addition.text for addition in protocol.additions]
        said += [option.states for question in protocol.questions for option in question.options]
        conditions += [case.when for text in said for case in text.cases]
    yield from (condition for condition in conditions if condition)
