"""Figures of understanding, from what was expected and what the assistant did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from family_guide.nlu.labels import DIAGNOSIS_LABEL


@dataclass(frozen=True)
class Outcome:
    """What the assistant did with one test message.

    Attributes:
        text: the message.
        expected: its label.
        decided: the label it was given, or `clarify`, `unknown`, `other_language`.
        offered: what was offered where it was in doubt.
        confidence: probability of the likeliest label, 0 to 1.
        likeliest: the likeliest label, whatever was decided.
    """

    text: str
    expected: str
    decided: str
    offered: tuple[str, ...]
    confidence: float
    likeliest: str

    @property
    def right(self) -> bool:
        """Answered rightly at once."""
        return self.decided == self.expected

    @property
    def asked_back(self) -> bool:
        """Asked back, with or without the right one."""
        return self.decided == "clarify"

    @property
    def right_or_offered(self) -> bool:
        """Answered rightly, or one tap away from it: asked back, or refused as a diagnosis with its topic offered."""
        return self.right or ((self.asked_back or self.refused) and self.expected in self.offered)

    @property
    def refused(self) -> bool:
        """Taken for a question about what a child has."""
        return self.decided == DIAGNOSIS_LABEL

    @property
    def fell_back(self) -> bool:
        """Said that it did not understand."""
        return self.decided in ("unknown", "other_language")

    @property
    def wrong(self) -> bool:
        """Answered another question than was asked, or refused without a way to the answer."""
        return not (self.right_or_offered or self.asked_back or self.fell_back)


def share(outcomes: Sequence[Outcome], what: str) -> float:
    """Return the share of outcomes, 0 to 1, for which a property holds."""
    return sum(bool(getattr(outcome, what)) for outcome in outcomes) / len(outcomes)


def macro_f1(outcomes: Sequence[Outcome]) -> float:
    """Return the mean over all expected labels of F1, the likeliest label counted as the answer."""
    scores = []
    for label in {o.expected for o in outcomes}:
        right = sum(o.expected == label == o.likeliest for o in outcomes)
        wanted = sum(o.expected == label for o in outcomes)
        given = sum(o.likeliest == label for o in outcomes)
        scores.append(2 * right / (wanted + given))
    return sum(scores) / len(scores)


def calibration_error(outcomes: Sequence[Outcome], bins: int = 10) -> float:
    """Return the expected calibration error: how far confidence is from accuracy, 0 to 1.

    Source: Naeini, Cooper and Hauskrecht 2015, with bins of equal width.
    """
    return float(sum(size * abs(accuracy - confidence) for confidence, accuracy, size in reliability(outcomes, bins)))


def reliability(outcomes: Sequence[Outcome], bins: int = 10) -> list[tuple[float, float, float]]:
    """Return for each bin that is not empty: mean confidence, accuracy, and share of all outcomes."""
    confidence: npt.NDArray[np.float64] = np.array([o.confidence for o in outcomes])
    right = np.array([o.likeliest == o.expected for o in outcomes])
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        (float(confidence[bin_of == b].mean()), float(right[bin_of == b].mean()), float((bin_of == b).mean()))
        for b in range(bins)
        if (bin_of == b).any()
    ]
