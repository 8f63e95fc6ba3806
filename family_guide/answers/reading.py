"""How hard a text is to read, the medical terms that must stand aside."""

import re
from collections.abc import Iterable

import textstat

MEDICAL_TERMS = (
    "alveolar soft part sarcoma",
    "ASPS",
    "rotationplasty",
    "arterial embolization",
    "embolization",
    "radiologist",
    "radiation therapy",
    "radiation",
    "chemotherapy",
    "amputation",
    "angiogram",
    "survivorship",
    "limb-salvage",
    "diagnosis",
    "diagnose",
)
"""Terms that families meet in any case and that the answers explain; each counts as a short word."""

_SHORT_WORD = "thing"


def grade(text: str, excepted: Iterable[str] = MEDICAL_TERMS) -> float:
    """Return the Flesch-Kincaid grade of a text, a US school grade.

    Source of the formula: Kincaid et al. 1975, as the textstat library computes it.

    Args:
        text: plain text.
        excepted: terms that are counted as one short word.
    """
    for term in sorted(excepted, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(term)}\b", _SHORT_WORD, text, flags=re.IGNORECASE)
    # A line of a list is a sentence, though no full stop ends it.
    lines = (line.removeprefix("- ").strip() for line in text.splitlines())
    sentences = " ".join(line if line.endswith((".", "?", "!", ":")) else f"{line}." for line in lines if line)
    return float(textstat.flesch_kincaid_grade(sentences))
