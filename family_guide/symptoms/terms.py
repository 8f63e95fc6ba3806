"""Terms of the vocabulary as spaCy patterns.

A term is a run of words; `a|b` allows either word, `(a b|c)` either run of words, and `...` up to
three words in between.
"""

import re
from collections.abc import Iterable
from itertools import product
from typing import Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

GAP: dict[str, Any] = {"IS_PUNCT": False, "OP": "{0,3}"}


def patterns(nlp: Language, term: str) -> list[list[dict[str, Any]]]:
    """Return the token patterns for one term, one for each choice of words that differs in its tokens."""
    parts = re.findall(r"\([^)]*\)|\S+", term)
    choices = [[part] if part == "..." else part.strip("()").split("|") for part in parts]
    # Alternatives of one token each stay together, save at the start, where every token of a message is compared and a
    # choice costs ten times a single word. "can't" is two tokens and needs a pattern of its own.
    merged: list[list[list[dict[str, Any]]]] = []
    for words in choices:
        if words == ["..."]:
            merged.append([[GAP]])
            continue
        single: list[str] = []
        others: list[list[dict[str, Any]]] = []
        for word in words:
            tokens = [
                GAP if run == "..." else {"LOWER": token.lower_} for run in word.split() for token in nlp.make_doc(run)
            ]
            if len(tokens) == 1:
                single.append(tokens[0]["LOWER"])
            else:
                others.append(tokens)
        if merged and single:
            others.append([{"LOWER": {"IN": single}}])
        else:
            others.extend([{"LOWER": word}] for word in single)
        merged.append(others)
    return [[token for run in runs for token in run] for runs in product(*merged)]


class TermMatcher:
    """Finds labelled terms in a document; of those that overlap the longest is kept."""

    def __init__(self, nlp: Language, terms: Iterable[tuple[str, str]]) -> None:
        """Take (label, term) pairs."""
        self._matcher = Matcher(nlp.vocab)
        by_label: dict[str, list[list[dict[str, Any]]]] = {}
        for label, term in terms:
            by_label.setdefault(label, []).extend(patterns(nlp, term))
        for label, found in by_label.items():
            self._matcher.add(label, found)

    def __call__(self, doc: Doc) -> list[Span]:
        """Return the terms in a document, in its order, with their labels."""
        return sorted(filter_spans(self._matcher(doc, as_spans=True)), key=lambda span: span.start)
