"""A linear classifier on words, pairs of words and letter groups: the wording itself.

It is weaker than the sentence embedding, but errs elsewhere: it knows the exact
word, and has no opinion on words that it has never seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from family_guide.nlu.linear import fit_linear

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int_]

_KINDS: tuple[dict[str, Any], ...] = (
    {"analyzer": "word", "ngram_range": (1, 2)},
    {"analyzer": "char_wb", "ngram_range": (2, 4)},
)
_LEAST = (2, 3)
"""In how many phrases a term of each kind must stand; rarer ones are let go."""

_VOCABULARY, _WEIGHTS = "wording.json", "wording.npz"


class Wording:
    """Scores the labels by the words and letters of a text.

    Args:
        terms: the known terms of each kind (words and pairs, letter groups).
        rarity: weight of each term, in the same order.
        coefficients: terms by labels, in half precision.
        intercepts: one per label.
    """

    def __init__(
        self,
        terms: Sequence[Sequence[str]],
        rarity: Floats,
        coefficients: npt.NDArray[np.float16],
        intercepts: Floats,
    ) -> None:
        self._terms = terms
        self._rarity, self._coefficients, self._intercepts = rarity, coefficients, intercepts
        self._analyse = [CountVectorizer(**kind).build_analyzer() for kind in _KINDS]
        self._columns: list[dict[str, int]] = []
        first = 0
        for some in terms:
            self._columns.append({term: first + i for i, term in enumerate(some)})
            first += len(some)

    @classmethod
    def fit(cls, texts: Sequence[str], wanted: Integers, labels: int, C: float, max_iter: int) -> Wording:
        """Learn from phrases.

        Args:
            texts: the phrases.
            wanted: label number of each.
            labels: how many labels there are.
            C: inverse strength of the regularisation.
            max_iter: steps of the solver; few of them regularise too, and cost less.
        """
        terms, rarity = [], []
        for kind, least in zip(_KINDS, _LEAST, strict=True):
            analyse = CountVectorizer(**kind).build_analyzer()
            found = Counter(term for text in texts for term in set(analyse(text)))
            terms.append(sorted(term for term, count in found.items() if count >= least))
            rarity += [np.log((1 + len(texts)) / (1 + found[term])) + 1 for term in terms[-1]]
        empty = np.zeros((len(rarity), labels), np.float16)
        made = cls(terms, np.array(rarity, np.float32), empty, np.zeros(labels, np.float32))
        if rarity:
            coefficients, intercepts = fit_linear(made.features(texts), wanted, labels, C, max_iter)
            made._coefficients = np.ascontiguousarray(coefficients.T).astype(np.float16)
            made._intercepts = intercepts.astype(np.float32)
        return made

    def _row(self, text: str) -> tuple[list[int], Floats]:
        """Return the columns of a text's terms and their values; each kind has length 1."""
        columns: list[int] = []
        values: list[Floats] = [np.zeros(0, np.float32)]
        for analyse, known in zip(self._analyse, self._columns, strict=True):
            counts = Counter(known[term] for term in analyse(text) if term in known)
            if counts:
                columns += counts
                some = (1 + np.log(np.fromiter(counts.values(), np.float32))) * self._rarity[list(counts)]
                values.append(some / np.sqrt((some * some).sum()))
        return columns, np.concatenate(values)

    def features(self, texts: Sequence[str]) -> csr_matrix:
        """Return one row per text, one column per term."""
        rows = [self._row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.array([c for some, _ in rows for c in some], dtype=np.int32)
        values = np.concatenate([np.zeros(0, np.float32), *(v for _, v in rows)])
        return csr_matrix((values, columns, ends), shape=(len(texts), len(self._rarity)), dtype=np.float32)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return one row per text, one score per label."""
        result: Floats = np.empty((len(texts), len(self._intercepts)), np.float32)
        for number, text in enumerate(texts):
            columns, values = self._row(text)
            result[number] = values @ self._coefficients[columns].astype(np.float32) + self._intercepts
        return result

    def store(self, folder: Path) -> None:
        """Write everything to two files in the folder."""
        (folder / _VOCABULARY).write_text(json.dumps(self._terms), "utf-8")
        np.savez(
            folder / _WEIGHTS,
            rarity=self._rarity,
            coefficients=self._coefficients,
            intercepts=self._intercepts,
        )

    @classmethod
    def stored(cls, folder: Path) -> Wording | None:
        """Read what `store` wrote; None where it wrote nothing."""
        if not (folder / _VOCABULARY).is_file():
            return None
        terms = json.loads((folder / _VOCABULARY).read_text("utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as weights:
            return cls(terms, weights["rarity"], weights["coefficients"], weights["intercepts"])
