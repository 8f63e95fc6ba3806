"""Which topics are offered when a message is in doubt."""

from collections.abc import Iterable

CHECK_SYMPTOMS = "check_symptoms"
MOST_OFFERED = 3
MOST_BESIDE_REFUSAL = 2
LEAST_BESIDE_REFUSAL = 0.05
"""A topic less likely than one in twenty is not worth a button."""
USUAL_BESIDE_REFUSAL = ("faq/is_it_cancer", "faq/how_it_is_found")
"""What helps whoever asked for a diagnosis, where nothing else may have been asked."""
_FAQ = "faq/"


def offered(ranking: Iterable[str]) -> list[str]:
    """Return the labels to offer, at most three.

    Args:
        ranking: labels of the classifier, likeliest first.

    Returns:
        Topics such as `faq/can_it_spread`, and `check_symptoms`, in that order;
        labels that name no question are passed over.
    """
    return [label for label in ranking if label.startswith(_FAQ) or label == CHECK_SYMPTOMS][:MOST_OFFERED]


def offered_beside_refusal(ranking: Iterable[tuple[str, float]]) -> list[str]:
    """Return the two topics to offer beside the refusal of a diagnosis.

    A plain question about ASPS may be taken for one about a child: then its answer is
    one tap away.

    Args:
        ranking: labels of the classifier with their probabilities, likeliest first.
    """
    likely = [label for label, p in ranking if label.startswith(_FAQ) and p >= LEAST_BESIDE_REFUSAL]
    return list(dict.fromkeys([*likely, *USUAL_BESIDE_REFUSAL]))[:MOST_BESIDE_REFUSAL]
