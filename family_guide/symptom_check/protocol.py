"""The symptom check as typed data: questions, options, rules, outcomes and every text it uses.

The models mirror `content/symptom_check.yml`; `load_protocol` in `loader.py` fills them.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field, validator

from family_guide.symptom_check.conditions import Chosen, Condition
from family_guide.symptom_check.model import Model, at_least_one
from family_guide.symptom_check.phrases import Language, Replies, Wording
from family_guide.symptom_check.wording import Text

Means = Literal["yes", "no", "a_little", "not_sure"]
Urgency = Literal["emergency", "days", "appointment", "worry"]
Reads = Literal["", "years", "days"]


class Why(Model):
    """Why a question is asked.

    `basis` is `page` when it rests on facts of the source page, else `safety` (general safety advice).
    """

    text: str = Field(..., min_length=1)
    basis: Literal["page", "safety"]
    facts: tuple[str, ...] = ()


class Said(Model):
    """What a family may have said elsewhere that answers the question with this option."""

    symptom: str = ""
    status: Literal["present", "denied"] = "present"
    body_part: tuple[str, ...] = ()
    person: str = ""


class Range(Model):
    """Numbers that mean this option: from (included) to below (excluded), in what the question reads."""

    from_: float = Field(..., alias="from")
    below: float


class Option(Model):
    """One answer to a question.

    Attributes:
        title: as on the button.
        explain: the same in other words, for a family that was not understood twice.
        states: the answer as a clause, to be repeated back: "You said the lump does not hurt."
        words: further words that mean this option when typed.
        means: which of the general replies mean this option.
        said: findings from any message that mean this option.
        range: numbers that mean this option.
        ends_in: the outcome this option leads to at once.
        voice, who: for the person the check is for: which wording to use, and what to call them.
        called: words for that person that the family may have used: one of them is said back, as in "your grandson".
    """

    id: str = Field(..., regex=r"^[a-z][a-z0-9_]*$")
    title: str = Field(..., min_length=1)
    explain: str = ""
    states: Text
    words: tuple[str, ...] = ()
    means: tuple[Means, ...] = ()
    said: tuple[Said, ...] = ()
    range: Range | None
    ends_in: str = ""
    voice: Literal["", "child", "self"] = ""
    who: str = ""
    called: tuple[str, ...] = ()


class Question(Model):
    """One question; it is asked when `applies_when` holds for the answers before it."""

    id: str = Field(..., regex=r"^[a-z][a-z0-9_]*$")
    label: str = Field(..., min_length=1)
    ask: Text
    help: str = Field(..., min_length=1)
    explain: str = Field(..., min_length=1)
    why: Why
    options: tuple[Option, ...]
    applies_when: Condition | None
    warning_signs: bool = False
    cannot_skip: str = ""
    reads: Reads = ""

    _entries = validator("options", allow_reuse=True)(at_least_one)

    def option(self, name: str) -> Option | None:
        """Return the option with this id, or `None`."""
        return next((option for option in self.options if option.id == name), None)

    def meaning(self, general: str) -> Option | None:
        """Return the option that a general reply (`yes`, `no`, `a_little`, `not_sure`) means, or `None`."""
        return next((option for option in self.options if general in option.means), None)


class Rule(Model):
    """The outcome when the condition holds; without a condition it always holds."""

    outcome: str
    when: Condition | None


class Outcome(Model):
    """What a family is told at the end. `soon` says how soon, `do` what to do."""

    id: str = Field(..., regex=r"^[a-z][a-z0-9_]*$")
    urgency: Urgency
    soon: str = Field(..., min_length=1)
    title: str = Field(..., min_length=1)
    do: Text
    reasons_title: str = Field(..., min_length=1)
    bring: tuple[str, ...]

    _entries = validator("bring", allow_reuse=True)(at_least_one)


class Addition(Model):
    """A text added to the outcomes in `only` when the condition holds."""

    only: tuple[str, ...]
    when: Condition
    text: Text

    _entries = validator("only", allow_reuse=True)(at_least_one)


class WithEveryOutcome(Model):
    """What every outcome says: general safety text that is not on the source page."""

    basis: Literal["safety"]
    ordinary: str = Field(..., min_length=1)
    watch: str = Field(..., min_length=1)


class Protocol(Model):
    """The whole symptom check. Conditions in it are resolved: none is `named` any more."""

    review: str
    sources: tuple[str, ...] = ()
    vocabulary: str = ""
    conditions: dict[str, Condition] = Field(default_factory=dict)
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    outcomes: tuple[Outcome, ...]
    additions: tuple[Addition, ...] = ()
    with_every_outcome: WithEveryOutcome
    replies: Replies
    wording: Wording
    language: Language

    _entries = validator("questions", "rules", "outcomes", allow_reuse=True)(at_least_one)

    @cached_property
    def questions_by_id(self) -> Mapping[str, Question]:
        """Question id -> question."""
        return {question.id: question for question in self.questions}

    @cached_property
    def outcomes_by_id(self) -> Mapping[str, Outcome]:
        """Outcome id -> outcome."""
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def red_flags(self) -> frozenset[tuple[str, str]]:
        """(question id, option id) of every answer that leads to the emergency outcome at once."""
        return frozenset(
            (question.id, option.id)
            for question in self.questions
            for option in question.options
            if option.ends_in and self.outcomes_by_id[option.ends_in].urgency == "emergency"
        )

    @cached_property
    def red_flag_symptoms(self) -> frozenset[str]:
        """Names of the symptoms that mean such an answer, wherever they are told."""
        return frozenset(
            said.symptom
            for question in self.questions
            for option in question.options
            if (question.id, option.id) in self.red_flags
            for said in option.said
            if said.symptom
        )

    @cached_property
    def person_question(self) -> Question | None:
        """The question whose answer says who the check is for, and so which wording is used."""
        return next((q for q in self.questions if any(option.voice for option in q.options)), None)

    def person(self, chosen: Chosen) -> Option | None:
        """Return the option that says who the check is for; the first one until that is answered.

        `None` when the protocol does not ask.
        """
        question = self.person_question
        if question is None:
            return None
        return question.option(chosen.get(question.id, "")) or next(o for o in question.options if o.voice)
