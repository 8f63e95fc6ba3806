"""Findings in a message: spaCy rules on a blank English pipeline, negspacy for negation.

No model is downloaded. Every word that carries meaning stands in `content/symptoms.yml`.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import spacy
from negspacy.negation import Negex
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spacy.tokens import Doc, Span

from family_guide.symptoms.clauses import Clauses
from family_guide.symptoms.durations import ages, durations
from family_guide.symptoms.findings import Finding, Status
from family_guide.symptoms.places import Place, Places
from family_guide.symptoms.terms import TermMatcher
from family_guide.symptoms.vocabulary import load_vocabulary
from family_guide.words import english_words

_ENDINGS = {"nt": "n't", "s": "'s", "m": "'m", "ve": "'ve", "re": "'re"}
"""Endings of words that were typed without their apostrophe."""

_NONE = "none"
"""Label of runs of words that hold a symptom's word and tell of none."""

_BACK_TO_THE_CHILD = re.compile(r"(?:,|\band\b|\bbut\b)\s*(?:now\s+|then\s+)?(?:his|her|my|he|she|i|our)\b", re.I)
_AFTERWARDS = re.compile(r"\s+(?:after|before|later|older|younger|apart|away|early|off)\b", re.I)
_UNTIL = re.compile(r"\W*(?:\w+\W+){0,4}?(?:until|till)\b", re.I)
_HINTS = r"(?:but|now|actually|though|only|then)\b.*\b(?:it|he|she|they|i)\s+"
_DOES_AFTER_ALL = re.compile(_HINTS + r"(?:does|is|has|do|did|am|are|can)\s*(?:now|again|too|after all)?\s*$", re.I)
_DOES_NOT_AFTER_ALL = re.compile(
    _HINTS + r"(?:does|is|has|do|did|are|was)(?:n't|\s+not)\s*(?:anymore|any more|now|really)?\s*$"
    r"|\b(?:but|and|now)\s+(?:now\s+)?(?:it's\s+|he's\s+|she's\s+|is|does|has|are|was)?(?:n't|\s*not|no)\s*(?:any\s?more|longer|now)\s*$",
    re.I,
)

LONGEST = 1000
"""Characters of a message that are read."""

SHORTEST = 5
"""Letters that a word needs before a typo in it is forgiven."""

_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")


class Extractor:
    """Finds symptoms, body parts, durations, ages and persons in messages."""

    def __init__(self, path: Path) -> None:
        """Build the rules from a vocabulary file such as `content/symptoms.yml`.

        Raises:
            VocabularyError: the file is not as it should be.
        """
        self._words = vocabulary = load_vocabulary(path)
        self._nlp = nlp = spacy.blank("en")
        self._sentences = nlp.create_pipe("sentencizer")
        self._symptoms = TermMatcher(
            nlp,
            [
                (f"{name} {status}", term)
                for name, symptom in vocabulary.symptoms.items()
                for status, terms in (("present", symptom.present), ("denied", symptom.denied))
                for term in terms
            ]
            + [(_NONE, term) for term in vocabulary.no_symptom],
        )
        self._others = TermMatcher(nlp, [("uncertain", term) for term in vocabulary.uncertain])
        self._again = TermMatcher(nlp, [("again", term) for term in vocabulary.negation.again])
        self._not_the_patient = TermMatcher(nlp, [("other", term) for term in vocabulary.not_the_patient])
        self._persons = TermMatcher(
            nlp,
            [
                (name, term)
                for persons in (vocabulary.persons, vocabulary.person_phrases)
                for name in ("child", "other")
                for term in getattr(persons, name)
            ],
        )
        self._self = TermMatcher(nlp, [("self", term) for term in vocabulary.persons.self])
        self._places = Places(nlp, vocabulary)
        self._clauses = Clauses(vocabulary)
        negation = vocabulary.negation
        self._negex = Negex(
            nlp,
            "negex",
            {
                "pseudo_negations": list(negation.none),
                "preceding_negations": list(negation.preceding),
                "following_negations": list(negation.following),
                "termination": list(negation.ends),
            },
            [],
            "negex",
            [],
        )
        self._time_words = frozenset(
            {*vocabulary.time_words, *vocabulary.fragments}
            | {
                word
                for terms in vocabulary.body_parts.values()
                for term in terms
                for word in re.findall(r"[a-z-]+", term)
            }
        )
        self._known = self._typo_targets()
        own = " ".join([path.read_text(encoding="utf-8"), *nlp.vocab.strings, *nlp.tokenizer.rules])
        self._own = frozenset(_LETTERS.findall(own.lower()))
        self._kept = self._known.union(vocabulary.leave_alone, _words_of(vocabulary.no_symptom))

    @property
    def visits(self) -> frozenset[str]:
        """Names of findings that stand among the symptoms and are none: visits to doctors, and what they found."""
        return frozenset(self._words.visits)

    def extract(self, text: str) -> list[Finding]:
        """Return what a message says, in its order; each symptom once per body part and status."""
        text = text[:LONGEST].replace("’", "'").replace("`", "'")
        typed = self._nlp.make_doc(self._without_strangers(text))
        doc = self._sentences(self._without_typos(typed))
        spans = [s for s in self._symptoms(doc) if s.label_ != _NONE and not self._is_about_another(doc, s)]
        places = [place for place in self._places(doc) if not self._is_about_another(doc, doc[place.start : place.end])]
        statuses = self._statuses(doc, spans)
        findings = self._symptom_findings(text, doc, typed, spans, statuses, places)
        findings += [
            Finding(
                "body_part",
                p.name,
                *_said(text, typed, p.start, p.end),
                "denied" if p.denied else "present",
                p.name,
                p.side,
            )
            for p in places
        ]
        findings += self._times(text, typed, spans)
        findings += self._person(text, doc, typed, spans, places)
        return sorted(findings, key=lambda finding: finding.start)

    def _typo_targets(self) -> frozenset[str]:
        terms = [t for s in self._words.symptoms.values() for t in (*s.present, *s.denied)]
        terms += [term for part in self._words.body_parts.values() for term in part]
        terms += [term for group in (self._words.persons.child, self._words.persons.other) for term in group]
        return frozenset(word for word in _words_of(terms) if word.isalpha() and len(word) >= SHORTEST)

    def _without_strangers(self, text: str) -> str:
        """Return the text, as long as before, with stand-ins for all that no rule could ask for.

        spaCy keeps every word it sees for as long as it lives. Names and numbers must not be kept, so it sees only
        words of the rules and of the English dictionary, in small letters, and slips of the rules' words.
        """
        return _DIGIT.sub("0", _LETTERS.sub(lambda word: self._or_stand_in(word.group()), text))

    def _or_stand_in(self, word: str) -> str:
        lower = word.lower()
        known = lower in self._own or lower in english_words() or self._without_typo(lower, "") != ""
        return lower if known and len(lower) == len(word) else "x" * len(word)

    def _without_typos(self, typed: Doc) -> Doc:
        words = [self._without_typo(token.lower_, token.text) for token in typed]
        for token in typed[1:]:
            # "cant", "hes": spaCy cuts these in two, and what follows the lost apostrophe is written out.
            if token.lower_ in _ENDINGS and not typed[token.i - 1].whitespace_ and typed[token.i - 1].is_alpha:
                words[token.i] = _ENDINGS[token.lower_]
        return Doc(self._nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in typed])

    def _without_typo(self, lower: str, text: str) -> str:
        if len(lower) < SHORTEST or not lower.isalpha() or lower in self._kept:
            return text
        near = process.extract(lower, self._known, scorer=OSA.distance, score_cutoff=1, limit=None)
        best = sorted(word for word, _, _ in near if word[0] == lower[0])
        return best[0] if best else text

    def _is_about_another(self, doc: Doc, span: Span) -> bool:
        """Return whether something is said of a pet or a thing: of the last one named before it in its sentence.

        "She fell off her bike and now her knee hurts" comes back to the child.
        """
        others = [o for o in self._not_the_patient(doc) if o.sent == span.sent and o.start < span.start]
        return any(not _BACK_TO_THE_CHILD.search(doc[other.end : span.start].text) for other in others)

    def _statuses(self, doc: Doc, spans: list[Span]) -> list[Status]:
        """Return for each symptom whether it is present, denied or only asked about."""
        masked = self._masked(doc, spans)
        self._negex(masked)
        uncertain, again = self._others(doc), self._again(doc)
        statuses: list[Status] = []
        for span, entity in zip(spans, masked.ents, strict=True):
            sentence = span.sent
            denied = span.label_.endswith("denied") != (bool(entity._.negex) and self._reaches(masked, entity))
            status: Status = "denied" if denied else "present"
            if denied and any(back.start >= span.end and back.sent == sentence for back in again):
                status = "present"
            if self._is_asked(sentence) or any(u.end <= span.start and u.sent == sentence for u in uncertain):
                status = "asked"
            statuses.append(self._answered(doc, span) or self._turned(doc, span, spans, status) or status)
        return statuses

    def _turned(self, doc: Doc, span: Span, spans: list[Span], status: Status) -> Status | None:
        """Return the status where other words turn it round, or `None`.

        "It doesn't hurt, but now he says it does"; "can't bend it without pain".
        """
        if status == "asked":
            return None
        if status == "denied" and _UNTIL.match(doc[span.end : span.sent.end].text):
            return "present"
        following = min((other.start for other in spans if other.start >= span.end), default=len(doc))
        for sentence in re.split(r"[.!?;]", doc[span.end : following].text):
            if _DOES_AFTER_ALL.search(sentence.strip(" ,")):
                return "present"
            if _DOES_NOT_AFTER_ALL.search(sentence.strip(" ,")):
                return "denied"
        before = [token.lower_ for token in doc[span.sent.start : span.start]]
        if status == "denied" and "without" in before:
            led = before[: before.index("without")]
            if set(led) & {*self._words.negation.preceding, *self._words.barely}:
                return "present"
        return None

    def _reaches(self, masked: Doc, entity: Span) -> bool:
        """Return whether a negation in the sentence of a symptom reaches over the last comma before it."""
        sentence = entity.sent
        commas = [token.i for token in masked[sentence.start : entity.start] if token.text == ","]
        if not commas:
            return True
        following = [token.i for token in masked[entity.end : sentence.end] if token.text == ","]
        clause = masked[commas[-1] + 1 : following[0] if following else sentence.end]
        words = {token.lower_ for token in clause}
        negation = self._words.negation
        if words & {*negation.preceding, *negation.lists}:
            return True
        return any(phrase in clause.text.lower() for phrase in negation.following)

    def _masked(self, doc: Doc, spans: list[Span]) -> Doc:
        """Return the document with every word hidden that negates nothing after it.

        Those are the symptoms' own ("won't bend") and a "no" that answers ("no she limps").
        """
        inside = {token.i for span in spans for token in span}
        subjects = self._words.negation.answers_before
        answers = {token.i for token in doc[:-1] if token.lower_ == "no" and doc[token.i + 1].lower_ in subjects}
        words = ["symptom" if token.i in inside else "," if token.i in answers else token.text for token in doc]
        masked = Doc(self._nlp.vocab, words=words, spaces=[bool(token.whitespace_) for token in doc])
        for token, original in zip(masked, doc, strict=True):
            token.is_sent_start = original.is_sent_start
        masked.ents = [Span(masked, span.start, span.end, label="symptom") for span in spans]
        return masked

    def _is_asked(self, sentence: Span) -> bool:
        starts = sentence.text.lower().split()[:2]
        # "Has had pain for weeks" tells of somebody whose name is left out.
        tells = starts[:1] in (["has"], ["have"]) and starts[1:] and starts[1] in self._words.tells_after_has
        asks = set(starts[:1]) <= set(self._words.question_starts) and not tells
        return (asks or sentence.text.rstrip().endswith("?")) and not {token.lower_ for token in sentence} & set(
            self._words.personal
        )

    def _answered(self, doc: Doc, span: Span) -> Status | None:
        rest = [token.lower_ for token in doc[span.end : span.end + 5]]
        while rest[:2] == ["?", "?"]:
            rest = rest[1:]
        rest = rest[:2]
        if len(rest) == 2 and rest[0] in ("?", ":", "-"):
            if rest[1] in self._words.answered_no:
                return "denied"
            if rest[1] in self._words.answered_yes:
                return "present"
        # "Pain no, limp yes"; "pain, no limp" is a list.
        if rest and (len(rest) == 1 or not rest[1].isalnum()):
            if rest[0] in ("no", "nope", "none"):
                return "denied"
            if rest[0] in ("yes", "yep", "yeah"):
                return "present"
        return None

    def _symptom_findings(
        self, text: str, doc: Doc, typed: Doc, spans: list[Span], statuses: list[Status], places: list[Place]
    ) -> list[Finding]:
        found: list[Finding] = []
        for number, (span, status) in enumerate(zip(spans, statuses, strict=True)):
            name = span.label_.split()[0]
            if self._is_taken_back(doc, span, [s for s in spans[number + 1 :] if s.label_.split()[0] == name]):
                continue
            also = self._words.symptoms[name].also
            place = self._clauses.place_of(doc, span, status, places, spans)
            part, side = (place.name, place.side) if place else ("", "")
            said = _said(text, typed, span.start, span.end)
            found += [Finding("symptom", n, *said, status, part, side) for n in (name, also) if n]
        return _once(found)

    def _is_taken_back(self, doc: Doc, span: Span, later: list[Span]) -> bool:
        """Return whether a symptom is named again and put right: "left knee hurts, sorry no, the right knee hurts"."""
        if not later:
            return False
        between = doc[span.end : later[0].start].text.lower()
        return any(re.search(rf"\b{re.escape(phrase)}\b", between) for phrase in self._words.takes_back)

    def _times(self, text: str, typed: Doc, spans: list[Span]) -> list[Finding]:
        found = [Finding("age", age.unit, age.words, age.start, age.end, amount=age.amount) for age in ages(text)]
        lasting = durations(text)
        offsets = [_said(text, typed, span.start, span.end)[1:] for span in spans]
        for span in list(lasting):
            start, end = self._clauses.around(text, span.start, span.end)
            clause = re.findall(r"[a-z-]+", text[start:end].lower())
            if self._lies_ahead(text, span.start) and not set(clause) & set(self._words.so_far):
                lasting.remove(span)
                continue
            if _AFTERWARDS.match(text[span.end :]):
                lasting.remove(span)
                continue
            here = {s.label_.split()[0] for s, (at, _) in zip(spans, offsets, strict=True) if start <= at < end}
            if here - set(self._words.visits):
                continue
            strange = set(clause) - self._time_words - set(re.findall(r"[a-z-]+", span.words.lower()))
            if set(clause) & set(self._words.other_times) or here or len(strange) > (1 if spans else 0):
                lasting.remove(span)
        if len(lasting) > 1:
            between = text[lasting[0].end : lasting[-1].start].lower().replace(",", " ").split()
            if set(between) & set(self._words.corrections):
                lasting = lasting[-1:]
        return found + [Finding("duration", s.unit, s.words, s.start, s.end, amount=s.amount) for s in lasting]

    @staticmethod
    def _lies_ahead(text: str, start: int) -> bool:
        """Return whether a time may be one to come: "in ten days"."""
        return bool(re.search(r"\bin\s+(?:about\s+|around\s+)?$", text[:start], re.I))

    def _person(self, text: str, doc: Doc, typed: Doc, spans: list[Span], places: list[Place]) -> list[Finding]:
        named = self._persons(doc)
        starts = [span.start for span in spans] + [place.start for place in places]
        myself = [
            span
            for span in self._self(doc)
            if any(0 <= start - span.end <= 3 for start in starts) and not any(n.start == span.end for n in named)
        ]
        own = [span for span in myself if self._places.is_mine(doc, places)]
        theirs = any(place.start and doc[place.start - 1].lower_ in ("his", "her", "their") for place in places)
        tells = all(span.end < len(doc) and doc[span.end].lower_ in self._words.tells for span in named)
        if myself and tells and not theirs:
            # "My mom says I limp": she tells, and it is not about her.
            own = myself
        named = self._meant(doc, named)
        others = [span for span in named if span.label_ == "other"]
        if not named and any(token.lower_ in ("his", "her", "he", "she") for token in doc):
            myself = []
        for span in ((own if named else []) or others or named or myself)[:1]:
            return [Finding("person", span.label_, *_said(text, typed, span.start, span.end))]
        return []

    def _meant(self, doc: Doc, named: list[Span]) -> list[Span]:
        """Return the persons that something is told about: not who is spoken to, nor the parents of a child named."""
        words = self._words
        told_of = [span for span in named if not span.start or doc[span.start - 1].lower_ not in words.spoken_to]
        if not any(span.label_ == "child" for span in told_of):
            return told_of
        return [span for span in told_of if span.text.lower() not in words.grown_ups]


def _said(text: str, typed: Doc, start: int, end: int) -> tuple[str, int, int]:
    """The words of `text` where the tokens from `start` to before `end` stand, and their first and last place."""
    first, last = typed[start].idx, typed[end - 1].idx + len(typed[end - 1])
    return text[first:last], first, last


def _words_of(terms: Iterable[str]) -> set[str]:
    return {word for term in terms for word in re.findall(r"[^\s|()]+", term)}


def _once(findings: list[Finding]) -> list[Finding]:
    """Return each symptom once per status and body part; what is present wins over what is denied."""
    kept: dict[tuple[str, str, str], Finding] = {}
    present = {finding.name for finding in findings if finding.status == "present"}
    placed = {(finding.name, finding.status) for finding in findings if finding.body_part}
    for finding in findings:
        if finding.status != "present" and finding.name in present:
            continue
        if not finding.body_part and (finding.name, finding.status) in placed:
            continue
        kept.setdefault((finding.name, finding.status, finding.body_part), finding)
    return list(kept.values())
