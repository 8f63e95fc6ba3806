"""What all models of the protocol have in common."""

from functools import cached_property
from typing import Any

from pydantic import BaseModel, Extra


def at_least_one(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse an empty list."""
    if not entries:
        raise ValueError("is empty: write at least one entry")
    return entries


class Model(BaseModel):
    """A part of the protocol: refuses unknown keys, never changes."""

    class Config:
        """See the class."""

        extra = Extra.forbid
        allow_mutation = False
        anystr_strip_whitespace = True
        keep_untouched = (cached_property,)
