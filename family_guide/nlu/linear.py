"""A linear classifier over labels, whatever their number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold

Floats = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int_]

_NEVER = -30.0
"""Score of a label that has no example among those learned from."""


def fit_linear(
    features: Floats | csr_matrix, wanted: Integers, labels: int, C: float, max_iter: int
) -> tuple[Floats, Floats]:
    """Fit a multinomial logistic regression.

    Args:
        features: one row per phrase.
        wanted: label number of each phrase, 0 to labels - 1; a label may have no phrase.
        labels: how many labels there are.
        C: inverse strength of the regularisation.
        max_iter: most steps of the solver.

    Returns:
        Coefficients (labels by features) and intercepts (labels): the scores are
        their product with the features, and a softmax of these the probabilities.
    """
    coefficients: Floats = np.zeros((labels, features.shape[1]), np.float32)
    intercepts: Floats = np.full(labels, _NEVER, np.float32)
    seen = np.unique(wanted)
    if len(seen) < 2:
        intercepts[seen] = 0.0
        return coefficients, intercepts
    model = LogisticRegression(C=C, max_iter=max_iter).fit(features, wanted)
    if len(seen) == 2:
        # For two labels scikit-learn keeps the score of the second against the first.
        coefficients[seen[1]], intercepts[seen] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        coefficients[seen], intercepts[seen] = model.coef_, model.intercept_
    return coefficients, intercepts


def unseen_scores(features: Floats, wanted: Integers, labels: int, C: float, max_iter: int, folds: int) -> Floats:
    """Return for each phrase the scores of a classifier that has not seen it.

    Args:
        features: one row per phrase.
        wanted: label number of each phrase.
        labels: how many labels there are.
        C: inverse strength of the regularisation.
        max_iter: most steps of the solver.
        folds: into how many parts the phrases are split.

    Returns:
        One row per phrase, one column per label.
    """
    folds = min(folds, len(wanted))
    common = bool(np.bincount(wanted).max() >= folds)
    splitter = (StratifiedKFold if common else KFold)(folds, shuffle=True, random_state=1)
    scores: Floats = np.zeros((len(wanted), labels), np.float32)
    for kept, left in splitter.split(features, wanted):
        coefficients, intercepts = fit_linear(features[kept], wanted[kept], labels, C, max_iter)
        scores[left] = features[left] @ coefficients.T + intercepts
    return scores
