"""Accepted suggestions as Rasa NLU training data and as a conversation test. Nothing is applied here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

import yaml

from review.models import Suggestion

_ANNOTATION = re.compile(r"\](?=[({\[])")


def example(text: str) -> str:
    """Return a message as one line of examples.

    Line breaks become spaces, and brackets that Rasa would read as an entity are set apart.
    """
    return _ANNOTATION.sub("] ", " ".join(text.split()))


class _Block(str):
    """Text that YAML writes as a block, line by line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists, as the files of the assistant do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_Dumper.add_representer(_Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|"))


def _dump(content: object) -> str:
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def nlu_yaml(suggestions: Iterable[Suggestion]) -> str:
    """Return training data for `data/faq/`: the phrasings under their topics, each once.

    Merge the examples of a topic into those of its file: a topic may stand in one file only.
    """
    ordered = sorted(suggestions, key=lambda s: (s.topic, s.pk or 0))
    entries = []
    for topic, group in groupby(ordered, key=lambda s: s.topic):
        lines = dict.fromkeys(example(s.text) for s in group)
        entries.append({"intent": topic, "examples": _Block("".join(f"- {line}\n" for line in lines if line))})
    return _dump({"version": _Quoted("3.1"), "nlu": entries})


def conversation_test(suggestions: Iterable[Suggestion]) -> str:
    """Return end-to-end tests that fail until the assistant gives the suggested answers."""
    stories = []
    for suggestion in suggestions:
        retrieval = suggestion.topic.split("/", 1)[0]
        stories.append(
            {
                "story": f"suggestion {suggestion.pk}: {suggestion.topic}",
                "steps": [
                    {"user": _Block(example(suggestion.text) + "\n"), "intent": suggestion.topic},
                    {"action": f"utter_{retrieval}"},
                ],
            }
        )
    return _dump({"version": _Quoted("3.1"), "stories": stories})


class _Quoted(str):
    """A version number that must stay text."""


_Dumper.add_representer(_Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))
