"""Conditions over the answers: the closed set of operators that a protocol may use.

A condition holds (`True`), does not hold (`False`), or is still open (`None`) because a question
it looks at has no answer yet. Only `True` makes a question apply or a rule match.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Extra, Field, root_validator, validator

Chosen = Mapping[str, str]
"""Question id -> id of the chosen option."""


class Condition(BaseModel):
    """One of: a question with its answers, `all`, `any`, `not`, or the name of a shared condition."""

    question: str | None
    is_: tuple[str, ...] = Field((), alias="is")
    all_: tuple["Condition", ...] = Field((), alias="all")
    any_: tuple["Condition", ...] = Field((), alias="any")
    not_: "Condition | None" = Field(None, alias="not")
    named: str | None

    class Config:
        """Unknown operators are refused; a condition never changes."""

        extra = Extra.forbid
        allow_mutation = False

    @validator("is_", pre=True)
    def one_answer_may_stand_alone(cls, value: Any) -> Any:
        """Read `is: yes` as `is: [yes]`."""
        return (value,) if isinstance(value, str) else value

    @root_validator(skip_on_failure=True)
    def exactly_one_operator(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse a condition with no operator, or with two that could contradict each other."""
        used = [name for name in ("question", "all_", "any_", "not_", "named") if values[name]]
        if len(used) != 1:
            raise ValueError("use exactly one of question, all, any, not, named")
        if bool(values["question"]) != bool(values["is_"]):
            raise ValueError("question and is belong together")
        return values

    def resolved(self, shared: Mapping[str, "Condition"], seen: tuple[str, ...] = ()) -> "Condition":
        """Return this condition with every shared one put in its place.

        Raises:
            KeyError: a name is unknown, or a shared condition contains itself.
        """
        if self.named:
            if self.named not in shared or self.named in seen:
                raise KeyError(self.named)
            return shared[self.named].resolved(shared, (*seen, self.named))
        update: dict[str, Any] = {
            "all_": tuple(part.resolved(shared, seen) for part in self.all_),
            "any_": tuple(part.resolved(shared, seen) for part in self.any_),
        }
        if self.not_:
            update["not_"] = self.not_.resolved(shared, seen)
        return self.copy(update=update)

    def holds(self, chosen: Chosen) -> bool | None:
        """Return whether the condition holds for these answers, or `None` while that is open."""
        if self.question:
            return chosen[self.question] in self.is_ if self.question in chosen else None
        if self.not_:
            inner = self.not_.holds(chosen)
            return None if inner is None else not inner
        parts = [part.holds(chosen) for part in (self.all_ or self.any_)]
        deciding: Literal[True, False] = not self.all_
        if deciding in parts:
            return deciding
        return None if None in parts else not deciding

    def reasons(self, chosen: Chosen) -> list[str]:
        """Return the questions whose answers make the condition hold, in the order written."""
        if not self.holds(chosen):
            return []
        if self.question:
            return [self.question]
        return [name for part in (self.all_ or self.any_) for name in part.reasons(chosen)]

    def leaves(self) -> Iterator["Condition"]:
        """Yield every part that looks at one question."""
        if self.question:
            yield self
        for part in (*self.all_, *self.any_, *([self.not_] if self.not_ else [])):
            yield from part.leaves()

    def questions(self) -> set[str]:
        """Return the ids of all questions the condition looks at."""
        return {leaf.question for leaf in self.leaves() if leaf.question}


Condition.update_forward_refs()
