"""Where a check stands: taking answers in, and bringing the state in line with where they lead."""

from collections.abc import Mapping, Set
from dataclasses import replace

from family_guide.symptom_check.flow import Step, applies, step
from family_guide.symptom_check.protocol import Protocol
from family_guide.symptom_check.state import Answer, How, State


def take(state: State, volunteered: Mapping[str, Answer], firm: Set[str]) -> list[str]:
    """Add volunteered facts to the state; return the questions for which they are news.

    Only those in `firm` replace an earlier answer: "her foot hurts too" does not move the lump. The same
    answer in more words ("her left knee", after "her knee") replaces the shorter one.
    """
    news = []
    for name, answer in volunteered.items():
        before = state.answers.get(name) or state.volunteered.get(name)
        if before and not _replaces(answer, before, firm=name in firm):
            continue
        news.append(name)
        if name in state.answers:
            state.answers[name] = replace(answer, how=state.answers[name].how)
        else:
            state.volunteered[name] = answer
    return news


def _replaces(answer: Answer, before: Answer, *, firm: bool) -> bool:
    if answer.option != before.option:
        return firm
    if not answer.said or answer.said == before.said:
        return False
    return firm or (bool(before.said) and answer.said.endswith(f" {before.said}"))


def store(protocol: Protocol, state: State, name: str, answer: Answer) -> None:
    """Put the answer to a question into the state; the check goes on from there.

    An answer that was volunteered and is changed still counts as volunteered, and so does one that is given
    before its turn ("change how long"): these questions have no number.
    """
    before = state.answers.get(name) or state.volunteered.get(name)
    how: How = before.how if before else "asked" if in_turn(protocol, state, name) else "volunteered"
    state.answers[name] = replace(answer, how=how)
    state.volunteered.pop(name, None)
    state.asked = [other for other in state.asked if other != name] + [name]
    state.misses = 0
    state.open = ""
    state.status = "active"


def settle(protocol: Protocol, state: State) -> Step:
    """Replay the flow and bring the state in line with where the answers lead."""
    result = step(protocol, state.answers, state.volunteered)
    promoted = [name for name in result.answers if name not in state.answers]
    state.echo = [name for name in dict.fromkeys([*state.echo, *promoted]) if name in result.answers]
    state.answers = result.answers
    state.volunteered = {name: answer for name, answer in state.volunteered.items() if name not in result.answers}
    emergency = in_emergency(protocol, state)
    if emergency:
        state.open = ""
    if state.status in ("paused", "stopped") and not emergency:
        return result
    if not state.open or not may_answer(protocol, state, state.open):
        state.open = result.question.id if result.question else ""
    state.status = "active" if state.open else "done"
    return result


def in_turn(protocol: Protocol, state: State, name: str) -> bool:
    """Return whether no question before this one is still to be asked."""
    following = step(protocol, state.answers, state.volunteered).question
    return following is None or following.id == name


def may_answer(protocol: Protocol, state: State, name: str) -> bool:
    """Return whether a question applies to the answers so far."""
    result = step(protocol, state.answers, state.volunteered)
    chosen = {other: answer.option for other, answer in result.answers.items()}
    return applies(protocol.questions_by_id[name], chosen)


def in_emergency(protocol: Protocol, state: State) -> bool:
    """Return whether an answer leads to the emergency outcome at once."""
    return any(flag in protocol.red_flags for flag in state.chosen.items())
