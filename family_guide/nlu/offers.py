"""Which topics are offered when a message is in doubt."""

from collections.abc import Collection, Iterable, Sequence

CHECK_SYMPTOMS = "check_symptoms"
MOST_OFFERED = 3
MOST_BESIDE_REFUSAL = 2
LEAST_BESIDE_REFUSAL = 0.05
"""A topic less likely than one in twenty is not worth a button."""
USUAL_BESIDE_REFUSAL = ("faq/is_it_cancer", "faq/how_it_is_found")
"""What helps whoever asked for a diagnosis, where nothing else may have been asked."""
NOT_BESIDE_REFUSAL = frozenset({"faq/is_it_cancer"})
"""Is offered, and not said: right after "I cannot tell what it is" it would sound like the answer about the child."""
MOST_BESIDES = 2
LEAST_BESIDES = 0.15
"""Of the part of a message that was not answered, below which a topic is not offered beside the answer."""
SURELY_ASKED = 0.6
"""Probability from which a question is offered below an emergency or crisis message: nothing doubtful stands there."""
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


def asked_besides(parts: Iterable[Sequence[tuple[str, float]]], answered: Collection[str]) -> list[str]:
    """Return the topics that the parts of a message may be about which are not answered, two at most.

    "Why no chemo, and what do you give instead": what is not surely understood must not be passed over in silence.

    Args:
        parts: for each part that may be a question, labels with their probabilities, likeliest first.
        answered: the questions of the message that are answered, such as `faq/chemotherapy`.
    """
    found: dict[str, float] = {}
    for ranked in parts:
        likeliest, sure = ranked[0]
        if likeliest in answered or (not likeliest.startswith(_FAQ) and sure >= 1 / 2):
            continue
        for label, p in ranked[:MOST_OFFERED]:
            if label.startswith(_FAQ) and label not in answered and p >= LEAST_BESIDES:
                found[label] = max(p, found.get(label, 0.0))
    return sorted(found, key=lambda label: -found[label])[:MOST_BESIDES]


def asked_beside_danger(
    whole: Sequence[tuple[str, float]], parts: Sequence[Sequence[tuple[str, float]]], told_plainly: bool
) -> list[str]:
    """Return the questions to offer below an emergency or crisis message, two at most, in the order they were asked.

    The net under the safety rules rather alarms once too often. Then a family's question must not be lost.

    Args:
        whole: labels of the whole message with their probabilities, likeliest first.
        parts: the same for each part that may be a question; empty where it is one alone.
        told_plainly: whether a rule found the danger: then what it is about as a whole is no question.
    """
    alone = [whole] if whole and not told_plainly else []
    likeliest = (ranked[0] for ranked in (parts or alone))
    asked = dict.fromkeys(label for label, p in likeliest if label.startswith(_FAQ) and p >= SURELY_ASKED)
    return list(asked)[-MOST_BESIDES:]
