"""The safety rules as data: what content/safety.yml may hold, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from family_guide.safety.reading import CONTRACTED

Kind = Literal["emergency", "crisis"]
KINDS: tuple[Kind, ...] = ("emergency", "crisis")
REPLIES = ("emergency", "crisis", "crisis_abuse", "both")
"""The fixed replies: for each kind, for a crisis of abuse, and for both kinds in one message."""


@dataclass(frozen=True)
class SignText:
    """One sign as written: how families say it, and what makes it none."""

    id: str
    kind: Kind
    name: str
    reply: str
    say: tuple[str, ...]
    unless: tuple[str, ...]
    even_if: tuple[str, ...]


@dataclass(frozen=True)
class RulesText:
    """The whole file as written, before any phrasing is translated.

    `spellings` maps each typed word to what is meant, the contractions of English among them.
    """

    replies: Mapping[str, str]
    spellings: Mapping[str, str]
    words: Mapping[str, str]
    gap_stops: tuple[str, ...]
    exceptions: Mapping[str, tuple[str, ...]]
    signs: tuple[SignText, ...]


class SafetyFileError(ValueError):
    """The file does not have the form the rules need; names the key and the fix."""


def read_file(path: str | Path) -> RulesText:
    """Read content/safety.yml.

    Raises SafetyFileError when the file's form is wrong, OSError when it cannot be opened.
    """
    try:
        data = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_SingleKeys)
    except yaml.YAMLError as error:
        raise SafetyFileError(f"{path}: not YAML: {error}") from error
    try:
        return _rules_text(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SafetyFileError(f"{path}: {type(error).__name__}: {error}") from error


class _SingleKeys(yaml.SafeLoader):
    """Refuses a key written twice: YAML would drop the first one silently, and a rule with it."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.MarkedYAMLError(problem=f"written twice: {', '.join(twice)}", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def _rules_text(data: Any) -> RulesText:
    return RulesText(
        replies={name: str(reply["text"]).strip() for name, reply in data["replies"].items()},
        spellings=CONTRACTED | _spellings(data.get("spellings") or {}),
        words={name: str(text) for name, text in (data.get("words") or {}).items()},
        gap_stops=tuple(str(data.get("gap_stops") or "").split()),
        exceptions={
            name: _phrasings(group["when"], f"exceptions.{name}.when")
            for name, group in (data.get("exceptions") or {}).items()
        },
        signs=tuple(_sign(entry) for entry in data["signs"]),
    )


def _spellings(entries: Mapping[Any, Any]) -> dict[str, str]:
    """Typed word -> what is meant; the file lists for each meaning the words that are typed."""
    found: dict[str, str] = {}
    for meant, words in entries.items():
        for typed in str(words).split():
            if typed in found:
                raise ValueError(f"spellings: {typed!r} stands under {found[typed]!r} and {meant!r}; keep one")
            found[typed] = str(meant)
    return found


def _sign(entry: Any) -> SignText:
    name = entry["id"]
    if entry["kind"] not in KINDS:
        raise ValueError(f"signs.{name}.kind is {entry['kind']!r}; write emergency or crisis")
    return SignText(
        id=name,
        kind=entry["kind"],
        name=entry["name"],
        reply=entry.get("reply", entry["kind"]),
        say=_phrasings(entry["say"], f"signs.{name}.say"),
        unless=_phrasings(entry.get("unless"), f"signs.{name}.unless"),
        even_if=_phrasings(entry.get("even_if"), f"signs.{name}.even_if"),
    )


def _phrasings(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{where} must be a list of texts; quote those that YAML reads otherwise")
    return tuple(value)
