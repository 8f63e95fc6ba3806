"""Which topics are offered when a message is in doubt."""

from collections.abc import Iterable

CHECK_SYMPTOMS = "check_symptoms"
MOST_OFFERED = 3
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
