"""The net under the rules: emergencies, crises and asked diagnoses in words that no rule spells out.

A logistic regression on words, word groups and letter groups, learned from the sentences of
content/safety_examples.yml and of data/nlu. It reads what the Reader makes of a message, so that typing
errors in the words of the rules do not matter. A second one looks at the embedding of the whole message that the
classifier makes anyway (docs/decisions/0008-safety-net.md).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from scipy.sparse import hstack
from scipy.special import log_softmax, logsumexp
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from family_guide.safety.model import KINDS, Kind, SafetyFileError

NEITHER, DIAGNOSIS = "neither", "diagnosis"
EXAMPLE_KINDS = (*KINDS, NEITHER, DIAGNOSIS)
"""Keys of content/safety_examples.yml."""
CLASSES = (NEITHER, *KINDS, DIAGNOSIS)
LONG = 25
"""Words above which each sentence of a message is looked at too: a story dilutes what one sentence says."""
STORY = 1.0
"""How much surer the net must be of anything in such a message, in log odds: most of them tell of life as it is."""
SENTENCE = 1.0
"""How much surer yet of one sentence than of a whole message."""
MOST_SENTENCES = 40
"""Pieces of a message that are looked at: where it has more sentences, neighbours are joined."""
SENTENCE_END = r"(?<=[.?!;])\s+|\n+"
"""Regular expression of what parts two sentences."""
_LEAST_WORDS = 3

WINDOW = 10
"""Words that are looked at together where a message may hold something else than it is about."""

HEARD = 0.4
"""Say of the embedding beside the words (chosen on the development messages)."""

_INVERSE_REGULARISATION = 10.0
_STEPS = 100
_TERMS, _WEIGHTS, _EAR = "safety_terms.json", "safety_net.npz", "safety_ear.npz"
_WORDS: Mapping[str, Any] = {"ngram_range": (1, 3), "token_pattern": r"[\w'?,.]+", "min_df": 2}
_LETTERS: Mapping[str, Any] = {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 5}

Floats = npt.NDArray[np.floating[Any]]


def load_examples(path: Path) -> dict[str, tuple[str, ...]]:
    """Read content/safety_examples.yml: sentences for each of EXAMPLE_KINDS.

    Raises:
        SafetyFileError: a kind is missing or unknown, or one of its entries is no text.
        OSError: the file cannot be opened.
    """
    try:
        # The parser in C: thousands of sentences take the other one seconds.
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise SafetyFileError(f"{path}: not YAML: {error}") from error
    if not isinstance(data, dict) or set(data) != set(EXAMPLE_KINDS):
        raise SafetyFileError(f"{path}: must have the keys {', '.join(EXAMPLE_KINDS)} and no others")
    for kind, sentences in data.items():
        if not isinstance(sentences, list) or not all(isinstance(text, str) and text.strip() for text in sentences):
            raise SafetyFileError(f"{path}: {kind} must be a list of texts; quote those that YAML reads otherwise")
    return {kind: tuple(data[kind]) for kind in EXAMPLE_KINDS}


def sentences(text: str) -> list[str]:
    """Return the sentences of a long message, in MOST_SENTENCES pieces at most; none of a short one or without marks.

    Args:
        text: as a family typed it.
    """
    if len(text.split()) <= LONG:
        return []
    pieces = [piece.strip() for piece in re.split(SENTENCE_END, text)]
    found = [piece for piece in pieces if len(piece.split()) >= _LEAST_WORDS]
    together = -(-len(found) // MOST_SENTENCES)
    return [" ".join(found[at : at + together]) for at in range(0, len(found), together)] if len(found) > 1 else []


@dataclass(frozen=True)
class Judgement:
    """What the net makes of a message.

    Attributes:
        kind: the likelier of emergency and crisis.
        danger: log odds that it is one of the two.
        diagnosis: log odds that it asks for a diagnosis.
    """

    kind: Kind
    danger: float
    diagnosis: float


class SafetyNet:
    """Says how likely a message is an emergency, a crisis, or asks for a diagnosis.

    Args:
        read: turns a text into the words that are meant, parted by blanks (`SafetyRules.meant`).
    """

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._known: list[tuple[Callable[[str], list[str]], Mapping[str, int], Floats, int]] = []
        self._weights: Floats = np.zeros((0, len(CLASSES)), np.float32)
        self._offsets: Floats = np.zeros(len(CLASSES), np.float32)

    @property
    def ready(self) -> bool:
        """Whether anything was learned."""
        return bool(len(self._weights))

    def learn(self, texts: Sequence[str], kinds: Sequence[str], weights: Sequence[float]) -> None:
        """Learn from sentences of each of the CLASSES.

        Args:
            texts: as a family types them.
            kinds: one of CLASSES each.
            weights: how much each counts.
        """
        meant = [self._read(text) for text in texts]
        vectorizers = [_vectorizer(options) for options in (_WORDS, _LETTERS)]
        features = hstack([vectorizer.fit_transform(meant) for vectorizer in vectorizers]).tocsr()
        wanted = np.array([CLASSES.index(kind) for kind in kinds])
        # Newton steps are there in a third of the time in which the usual solver has not arrived yet.
        model = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_STEPS, solver="newton-cg")
        model.fit(features, wanted, sample_weight=np.array(weights))
        # Half precision changes no decision and halves the file.
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float16).astype(np.float32)
        self._offsets = model.intercept_.astype(np.float32)
        self._know(
            [{term: int(at) for term, at in sorted(v.vocabulary_.items())} for v in vectorizers],
            [v.idf_.astype(np.float32) for v in vectorizers],
        )

    def judge(self, text: str, heard: Sequence[Floats] = ()) -> Judgement:
        """Return how likely the message is what it must not be mistaken for.

        Args:
            text: as a family typed it.
            heard: log probabilities of the CLASSES by the embedding (SafetyEar) of the whole message and of each of
                its `sentences`; empty if there are none.
        """
        pieces = [text, *sentences(text)]
        scores = log_softmax(self._scores([self._read(piece) for piece in pieces]), axis=1)
        if len(heard) == len(pieces):
            scores = log_softmax((1 - HEARD) * scores + HEARD * np.asarray(heard), axis=1)
        story = STORY if len(text.split()) > LONG else 0.0
        penalty = np.array([story] + [story + SENTENCE] * (len(pieces) - 1))
        dangers = scores[:, 1 : 1 + len(KINDS)]
        danger = _odds(logsumexp(dangers, axis=1)) - penalty
        worst = int(danger.argmax())
        asked = float((_odds(scores[:, -1]) - penalty).max())
        return Judgement(KINDS[int(dangers[worst].argmax())], float(danger[worst]), asked)

    def danger_within(self, text: str) -> float:
        """Return the log odds of emergency or crisis of the most dangerous piece of a message, by its words.

        The pieces are its sentences and every WINDOW words: "can it spread also she can't breathe right now" is about
        something else as a whole.
        """
        words = self._read(text).split()
        pieces = [words[start : start + WINDOW] for start in range(0, max(1, len(words) - WINDOW // 2), WINDOW // 2)]
        pieces += [piece.split() for piece in " ".join(words).replace("?", "? .").split(".")]
        scores = log_softmax(self._scores(["", *(" ".join(piece) for piece in pieces if piece)]), axis=1)
        return float(_odds(logsumexp(scores[:, 1 : 1 + len(KINDS)], axis=1)).max())

    def _scores(self, meant: Sequence[str]) -> Floats:
        return np.vstack([self._score(line) for line in meant]) + self._offsets

    def _score(self, meant: str) -> Floats:
        """The scores of one line: what the vectorizers and the regression would say, without their cost."""
        result: Floats = np.zeros(len(CLASSES), np.float32)
        for analyse, columns, rarity, first in self._known:
            counts = Counter(columns[term] for term in analyse(meant) if term in columns)
            if counts:
                at = np.fromiter(counts, np.int_)
                values = (1 + np.log(np.fromiter(counts.values(), np.float32))) * rarity[at]
                result += (values / np.sqrt((values * values).sum())) @ self._weights[first + at]
        return result

    def _know(self, vocabularies: Sequence[Mapping[str, int]], rarities: Sequence[Floats]) -> None:
        first, self._known = 0, []
        for options, columns, rarity in zip((_WORDS, _LETTERS), vocabularies, rarities, strict=True):
            self._known.append((_vectorizer(options).build_analyzer(), columns, rarity, first))
            first += len(columns)

    def store(self, folder: Path) -> None:
        """Write what was learned, which may be nothing, to two files in the folder."""
        vocabularies = [columns for _, columns, _, _ in self._known]
        (folder / _TERMS).write_text(json.dumps(vocabularies), "utf-8")
        empty = np.zeros(0, np.float32)
        words, letters = [rarity for _, _, rarity, _ in self._known] or [empty, empty]
        weights = self._weights.astype(np.float16)
        np.savez(folder / _WEIGHTS, weights=weights, offsets=self._offsets, words=words, letters=letters)

    def restore(self, folder: Path) -> None:
        """Read what `store` wrote.

        Raises:
            OSError: the folder lacks a file.
        """
        vocabularies = json.loads((folder / _TERMS).read_text("utf-8"))
        with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
            self._weights, self._offsets = stored["weights"].astype(np.float32), stored["offsets"]
            if self.ready:
                self._know(vocabularies, (stored["words"], stored["letters"]))


class SafetyEar:
    """The same for the embedding of a message: what it means, whatever its words."""

    def __init__(self, coefficients: Floats, offsets: Floats) -> None:
        self._coefficients, self._offsets = coefficients, offsets

    @classmethod
    def taught(cls, embeddings: Floats, kinds: Sequence[str], weights: Sequence[float]) -> SafetyEar:
        """Learn from embeddings, a row each.

        Args:
            embeddings: one row per sentence.
            kinds: one of CLASSES each; each class at least once.
            weights: how much each counts.
        """
        wanted = np.array([CLASSES.index(kind) for kind in kinds])
        model = LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=_STEPS)
        model.fit(embeddings, wanted, sample_weight=np.array(weights))
        return cls(model.coef_.astype(np.float32), model.intercept_.astype(np.float32))

    def hear(self, embeddings: Floats) -> Floats:
        """Return the log probabilities of the CLASSES, a row per embedding."""
        result: Floats = log_softmax(embeddings @ self._coefficients.T + self._offsets, axis=1)
        return result

    def store(self, folder: Path) -> None:
        """Write what was learned to a file in the folder."""
        np.savez(folder / _EAR, coefficients=self._coefficients, offsets=self._offsets)

    @classmethod
    def stored(cls, folder: Path) -> SafetyEar | None:
        """Read what `store` wrote; None where it wrote nothing."""
        if not (folder / _EAR).is_file():
            return None
        with np.load(folder / _EAR, allow_pickle=False) as stored:
            return cls(stored["coefficients"], stored["offsets"])


def _odds(logarithms: Floats) -> Floats:
    """The log odds of probabilities given as logarithms, kept finite."""
    result: Floats = logarithms - np.log(np.clip(-np.expm1(logarithms), 1e-12, 1.0))
    return result


def _vectorizer(options: Mapping[str, Any]) -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options)
