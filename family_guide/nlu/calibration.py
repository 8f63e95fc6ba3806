"""What the classifier's scores mean: probabilities, and how unlike anything known a message is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int_]

STRANGENESS = "family_guide_strangeness"
"""Message property and output: 0 (as the training phrases) to 1 (unlike anything known)."""

_LEAST = 5
"""Fewer unseen phrases of either kind say nothing about the difference."""


@dataclass(frozen=True)
class Calibration:
    """Turns scores into probabilities and strangeness.

    Attributes:
        temperature: divides the scores before the softmax.
        unknown: numbers of the labels that stand for what is out of scope.
        slope: of strangeness in the doubt (see `doubt`), before the logistic function.
        intercept: of the same.
    """

    temperature: float = 1.0
    unknown: tuple[int, ...] = ()
    slope: float = 1.0
    intercept: float = 0.0

    @classmethod
    def fit(cls, scores: Floats, wanted: Integers, unknown: Collection[int]) -> Calibration:
        """Fit to phrases that the classifier has not learned from.

        With phrases that are out of scope among them, strangeness is the probability
        of being one, if half of all messages were. Without, it is calibrated by the
        doubt alone: 0.5 where one familiar phrase in twenty is in more doubt.

        Args:
            scores: one row per phrase, one column per label.
            wanted: label number of each phrase.
            unknown: numbers of the labels that are out of scope.
        """
        if not len(wanted):
            return cls(unknown=tuple(unknown))

        def loss(temperature: float) -> float:
            probabilities = softmax(scores / temperature, axis=1)
            fit = -np.log(probabilities[np.arange(len(wanted)), wanted] + 1e-12).sum()
            # A handful of phrases is no reason to be much surer, or much less sure.
            return float(fit + 4.0 * np.log(temperature) ** 2)

        temperature = float(minimize_scalar(loss, bounds=(0.1, 5.0), method="bounded").x)
        doubts = cls(unknown=tuple(unknown)).doubt(scores)
        strange = np.isin(wanted, list(unknown))
        if min(strange.sum(), (~strange).sum()) >= _LEAST:
            model = LogisticRegression(class_weight="balanced").fit(doubts[:, None], strange)
            slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
        else:
            familiar = doubts[~strange] if (~strange).any() else doubts
            usual, high = np.quantile(familiar, [0.5, 0.95])
            slope = 3.0 / max(float(high - usual), 0.3)
            intercept = -slope * float(high)
        return cls(temperature, tuple(unknown), max(slope, 1e-3), intercept)

    def doubt(self, scores: Floats) -> Floats:
        """Return for each row the log odds against the likeliest label that is in scope.

        The scores are taken as they are: dividing them by the temperature, which
        makes for honest probabilities, would hide differences between very doubtful
        messages and doubtful ones.
        """
        within = np.setdiff1d(np.arange(scores.shape[1]), self.unknown)
        if not len(within):
            return np.full(len(scores), 30.0)
        best = within[np.argmax(scores[:, within], axis=1)]
        rows = np.arange(len(scores))
        others = np.array(scores, np.float64)
        others[rows, best] = -np.inf
        top = others.max(axis=1) if scores.shape[1] > 1 else np.full(len(scores), -30.0)
        rest = top + np.log(np.exp(others - top[:, None]).sum(axis=1) + 1e-12)
        result: Floats = np.clip(rest - scores[rows, best], -30.0, 30.0)
        return result

    def probabilities(self, scores: Floats) -> Floats:
        """Return calibrated probabilities, each row adding up to 1."""
        result: Floats = softmax(scores / self.temperature, axis=1)
        return result

    def strangeness(self, scores: Floats) -> Floats:
        """Return for each row how unlike anything known it is, 0 to 1."""
        result: Floats = expit(self.slope * self.doubt(scores) + self.intercept)
        return result

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Calibration:
        """Return what `as_dict` described."""
        unknown: Sequence[int] = fields["unknown"]
        return cls(**{**fields, "unknown": tuple(unknown)})
