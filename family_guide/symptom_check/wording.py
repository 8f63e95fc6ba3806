"""Texts that change with the person the check is for, and with what was answered."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Extra, Field

from family_guide.symptom_check.conditions import Condition


class TextCase(BaseModel):
    """One wording: for a child (the family asks) and for oneself, perhaps under a condition."""

    when: Condition | None
    child: str = Field(..., min_length=1)
    self_: str = Field(..., alias="self", min_length=1)

    class Config:
        """Unknown keys are refused; a text never changes."""

        extra = Extra.forbid
        allow_mutation = False
        anystr_strip_whitespace = True


class Text(BaseModel):
    """A text with its cases; the first whose condition holds is used, so the last has none."""

    cases: tuple[TextCase, ...]

    class Config:
        """Unknown keys are refused; a text never changes."""

        extra = Extra.forbid
        allow_mutation = False

    @classmethod
    def __get_validators__(cls) -> Any:
        yield cls.read

    @classmethod
    def read(cls, value: Any) -> "Text":
        """Read a plain string, one `child`/`self` pair, or a list of such pairs with conditions.

        Raises:
            ValueError: it is none of these, or the last case has a condition.
        """
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            value = {"child": value, "self": value}
        entries = value if isinstance(value, list) else [value]
        text: Text = cls.parse_obj({"cases": entries})
        if not text.cases:
            raise ValueError("write at least one wording")
        if text.cases[-1].when is not None:
            raise ValueError("the last wording must have no `when`, so that there always is one")
        return text

    def resolved(self, shared: Mapping[str, Condition]) -> "Text":
        """Return this text with shared conditions put in place. Raises KeyError like `Condition.resolved`."""
        cases = tuple(
            case.copy(update={"when": case.when.resolved(shared)}) if case.when else case for case in self.cases
        )
        return self.copy(update={"cases": cases})

    def say(self, chosen: Mapping[str, str], voice: str, **blanks: str) -> str:
        """Return the wording that applies.

        Args:
            chosen: question id -> option id, all answers so far.
            voice: `child` or `self`.
            blanks: what to put for {who}, {said} and the like.
        """
        case = next(case for case in self.cases if case.when is None or case.when.holds(chosen))
        return fill(case.self_ if voice == "self" else case.child, **blanks)

    def all(self) -> list[str]:
        """Return every wording, for checks."""
        return [wording for case in self.cases for wording in (case.child, case.self_)]


def fill(template: str, **blanks: str) -> str:
    """Return a text with its blanks filled; `{who's}` is the possessive of {who}.

    All blanks are filled in one go, so that braces in a family's own words stay as typed.

    Raises:
        KeyError: the text has a blank that was not given.
    """
    if "who" in blanks:
        blanks["who's"] = "your" if blanks["who"] == "you" else blanks["who"] + "'s"
    return re.sub(r"\{([a-z_']+)\}", lambda match: blanks[match[1]], template)


def capitalised(text: str) -> str:
    """Return a text with its first letter in upper case and the rest untouched."""
    return text[:1].upper() + text[1:]
