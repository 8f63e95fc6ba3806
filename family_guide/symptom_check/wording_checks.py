"""Checks of what a protocol says: no diagnosis, no reassurance, a specialist, words that are easy to read."""

import re
from collections.abc import Iterator
from pathlib import Path

from family_guide.answers.reading import grade
from family_guide.problem import Problem
from family_guide.symptom_check.loader import placed_texts
from family_guide.symptom_check.problems import defect
from family_guide.symptom_check.protocol import Protocol

HIGHEST_GRADE = 6.0
"""US school grade (Flesch-Kincaid) that no wording may exceed; the design sets it."""

SHORTEST = 6
"""Words from which a wording has a reading grade; the formula says nothing about fewer."""

BLANKS = {
    "states": {"who", "who's", "said"},
    "ask": {"who", "who's"},
    "do": {"who", "who's"},
    "text": {"who", "who's"},
}
"""The blanks that may stand in each text of the content."""

WORDING_BLANKS = {
    "progress": {"number", "of"},
    "left_many": {"count"},
    "you_said": {"statement"},
    "changed": {"statement"},
    "known": {"statement"},
    "because_answer": {"statement"},
    "because_words": {"words"},
    "skipped": {"title"},
    "how_soon": {"soon"},
    "option_line": {"number", "title"},
    "option_explained": {"number", "title", "explain"},
    "buttons.change": {"label"},
}
"""The blanks that may stand in what the assistant itself says."""


def check_wording(path: Path, protocol: Protocol) -> Iterator[Problem]:
    """Yield what is wrong with the wordings of a protocol (P012 to P015, P020, P022)."""
    for key, text in all_wordings(protocol):
        yield from _forbidden(path, protocol, key, text)
        yield from _unknown_blanks(path, key, text)
        if len(text.split()) >= SHORTEST:
            reads = grade(filled(text), protocol.language.easy_terms)
            if reads > HIGHEST_GRADE:
                message = f"reads at grade {reads:.1f}, above {HIGHEST_GRADE:g}."
                yield defect("P015", path, key, message, "Use shorter sentences and shorter words.")
    for outcome in protocol.outcomes:
        for text in outcome.do.all():
            key = f"outcomes.{outcome.id}.do"
            for kind in ("specialist", "doctor"):
                words = getattr(protocol.language, kind)
                if not any(_says(text, word) for word in words):
                    fix = f"Recommend one, with one of: {', '.join(words)}."
                    yield defect("P012", path, key, f"the outcome names no {kind}.", fix)
            if outcome.urgency == "emergency" and not any(word in text for word in protocol.language.call_now):
                fix = f"Write one of: {', '.join(protocol.language.call_now)}."
                yield defect("P020", path, key, "the outcome does not say whom to call.", fix)


def all_wordings(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield everything a protocol can say to a family, with the key it stands under."""
    for question in protocol.questions:
        key = f"questions.{question.id}"
        yield from ((f"{key}.{name}", getattr(question, name)) for name in ("label", "help", "explain", "cannot_skip"))
        yield f"{key}.why.text", question.why.text
        for option in question.options:
            yield f"{key}.options.{option.id}.title", option.title
            yield f"{key}.options.{option.id}.explain", option.explain
    for key, text in placed_texts(protocol):
        yield from ((key, wording) for wording in text.all())
    for outcome in protocol.outcomes:
        key = f"outcomes.{outcome.id}"
        yield from ((f"{key}.{name}", getattr(outcome, name)) for name in ("title", "soon", "reasons_title"))
        yield from ((f"{key}.bring", line) for line in outcome.bring)
    yield "with_every_outcome.ordinary", protocol.with_every_outcome.ordinary
    yield "with_every_outcome.watch", protocol.with_every_outcome.watch
    said = protocol.wording.dict()
    buttons = said.pop("buttons")
    yield from ((f"wording.{name}", text) for name, text in said.items())
    yield from ((f"wording.buttons.{name}", text) for name, text in buttons.items())


def filled(text: str) -> str:
    """Return a wording with its blanks filled as for a child, to be read as a family reads it."""
    text = text.replace("{who's}", "your child's").replace("{who}", "your child").replace("{statement}", "it hurts")
    return re.sub(r"\{[a-z_]+\}", "this", text)


def says_forbidden(protocol: Protocol, text: str) -> list[str]:
    """Return the phrases in a text that diagnose or reassure."""
    language = protocol.language
    return [phrase for phrase in (*language.diagnosis, *language.reassurance) if _says(text, phrase)]


def _forbidden(path: Path, protocol: Protocol, key: str, text: str) -> Iterator[Problem]:
    kinds = (("P013", "diagnoses", protocol.language.diagnosis), ("P014", "reassures", protocol.language.reassurance))
    said = filled(text)
    for code, does, phrases in kinds:
        for phrase in phrases:
            if _says(said, phrase):
                yield defect(code, path, key, f"the wording {does}: {phrase!r}.", "Say what to do, not what it is.")


def _unknown_blanks(path: Path, key: str, text: str) -> Iterator[Problem]:
    known = WORDING_BLANKS.get(key.removeprefix("wording."), set()) if key.startswith("wording.") else set()
    known = known | BLANKS.get(key.rsplit(".", 1)[-1], set())
    for blank in re.findall(r"\{([^}]*)\}", text):
        if blank not in known:
            fix = f"Use one of: {', '.join(sorted(known)) or 'none here'}."
            yield defect("P022", path, key, f"the blank {{{blank}}} is never filled.", fix)


def _says(text: str, phrase: str) -> bool:
    plain, wanted = text.lower().replace("’", "'"), phrase.lower()
    return wanted in plain and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain) is not None
