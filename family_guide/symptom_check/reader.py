"""What a typed reply means in the light of the open question.

Certain readings come first: findings, numbers, general replies, an option's own words. Likeness
(rapidfuzz) comes last and only for replies that are little else. A reply that fits nothing is
no answer: nothing is guessed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from rapidfuzz import fuzz

from family_guide.symptom_check.protocol import Option, Protocol, Question
from family_guide.symptom_check.state import Answer
from family_guide.symptoms import Finding
from family_guide.symptoms.durations import Span, ages, bare_amount, durations

ALIKE = 88.0
"""Likeness in percent from which two phrases count as the same, typos apart."""

SHORTEST = 5
"""Letters that a phrase needs before a typo in it is forgiven."""

LONGEST = 400
"""Characters of a reply that are read."""

Value = TypeVar("Value")

_NUMBER = re.compile(
    r"(?:(?P<mark>#|option|number|no|nr)\.?\s*)?(?:the\s+)?(?P<n>\d{1,2}|[a-z]+)(?:st|nd|rd|th)?(?:\s+(?:one|option))?"
)


_ANSWERED = re.compile(r"\w+\s*\?+\s*(?=(?:yes|yep|yeah|no|nope|nah|none|not|never|some|a)\b)", re.I)
"""A question that is answered in the same breath: "pain? no"."""


def normal(text: str) -> str:
    """Return a text in lower case, with its apostrophes, no other punctuation, and drawn-out letters cut."""
    text = text[:LONGEST].lower().replace("’", "'").replace("`", "'")
    text = re.sub(r"([a-z])\1{2,}", r"\1", text)
    text = re.sub(r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should|ca|wo)nt\b", r"\1n't", text)
    if text.strip(" ?"):
        text = text.replace("?", " ")
    return " ".join(re.sub(r"[.,!;:()\"“”*…\-–]+", " ", text).split())


class Reader:
    """Reads replies to the questions of one protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        replies = protocol.replies
        self._general = {
            normal(phrase): general
            for general, phrases in (
                ("a_little", replies.a_little),
                ("not_sure", replies.not_sure),
                ("no", replies.no),
                ("yes", replies.yes),
            )
            for phrase in phrases
        }
        self._opens = sorted((normal(phrase) for phrase in replies.opens), key=len, reverse=True)
        self._after = frozenset(replies.after)
        self._fillers = frozenset(replies.fillers)
        self._negators = frozenset(replies.negators)
        self._commands = {
            normal(phrase): command for command, phrases in replies.commands.dict().items() for phrase in phrases
        }
        self._bare_commands = {self._without_fillers(phrase): command for phrase, command in self._commands.items()}
        self._words = {
            question.id: {
                normal(words): option for option in question.options for words in (option.title, *option.words)
            }
            for question in protocol.questions
        }

    def command(self, text: str, question: Question | None) -> str:
        """Return the command that a text is, or an empty string.

        `change` may name the question, as in "change the age": then it is `change:age`. A word of
        the open question's own options is no command ("back" for where the pain is).
        """
        reply = normal(text)
        if not reply or (question and reply in self._words[question.id]):
            return ""
        bare = self._without_fillers(reply)
        found = self._commands.get(reply) or self._bare_commands.get(bare)
        if found:
            return found
        named = re.fullmatch(
            r"(?:change|edit|correct|fix)(?: answer)?(?: (?:on|for|about|to|answer))* (.+?)(?: answer)?", bare
        )
        if named:
            return next((f"change:{q.id}" for q in self._protocol.questions if self._names(q, named[1])), "")
        return self._closest(reply, self._commands) or ""

    def exact(self, question: Question, text: str) -> Answer | None:
        """Return the answer when a text is nothing but an option, its number, or a general reply."""
        reply = self._without_openers(normal(text))
        option = self._words[question.id].get(reply) or self._numbered(question, reply)
        if option is None and reply in self._general:
            option = question.meaning(self._general[reply])
        return Answer(option.id) if option else None

    def answer(self, question: Question, text: str, findings: Sequence[Finding], *, strict: bool) -> Answer | None:
        """Return the answer that a text holds to a question, or `None`.

        Args:
            question: the open one.
            text: as typed.
            findings: what the text says about symptoms.
            strict: whether to refuse readings by likeness, as the text may be something else.
        """
        if question.reads and (measured := self._measured(question, text)):
            return measured
        found = answer_from_findings(question, findings)
        if found:
            return found
        exact = self.exact(question, text)
        if exact:
            return exact
        reply = self._without_openers(normal(text))
        option = self._opening(question, reply, text)
        if option is None and not strict:
            option = self._contained(question, reply) or self._alike(question, reply)
        return Answer(option.id) if option else None

    def volunteered(self, findings: Sequence[Finding], text: str, open_question: Question | None) -> dict[str, Answer]:
        """Return what a message says in answer to questions other than the open one."""
        if open_question and open_question.reads and bare_amount(text, "year"):
            findings = [finding for finding in findings if finding.kind not in ("duration", "age")]
        answers = {}
        for question in self._protocol.questions:
            answer = None if question is open_question else answer_from_findings(question, findings)
            if answer:
                answers[question.id] = replace(answer, how="volunteered")
        return answers

    def corrects(self, text: str) -> bool:
        """Return whether a text says that something told before was not right."""
        reply = f" {normal(text)} "
        return any(f" {phrase} " in reply for phrase in self._protocol.replies.corrects)

    def correction(self, text: str) -> str:
        """Return what follows the opener of a correction ("wait, ..."), or an empty string."""
        reply = rest = normal(text)
        openers = sorted(self._protocol.replies.correction, key=len, reverse=True)
        while opener := next((opener for opener in openers if rest.startswith(f"{opener} ")), ""):
            rest = rest[len(opener) + 1 :]
        return "" if rest == reply else rest

    def asks_too(self, text: str) -> bool:
        """Return whether a text looks as if it asks something besides what it answers."""
        text = _ANSWERED.sub(" ", text)
        clauses = re.split(r"[.,;!?]|\b(?:but|and|so)\b", text.lower())
        starts = {words[0] for clause in clauses if (words := clause.split())}
        return "?" in text or bool(starts & set(self._protocol.replies.question_words))

    def general(self, text: str) -> str:
        """Return the general reply that a text is (`yes`, `no`, `a_little`, `not_sure`), or an empty string."""
        return self._general.get(self._without_openers(normal(text)), "")

    def _measured(self, question: Question, text: str) -> Answer | None:
        if question.reads == "years":
            spans = [span for span in [bare_amount(text.strip(" .,!?"), "year"), *ages(text), *durations(text)] if span]
            return _in_range(question, [(span.years, _age_words(span)) for span in spans])
        return _in_range(question, [(span.days, span.words) for span in durations(text)])

    def _numbered(self, question: Question, reply: str) -> Option | None:
        match = _NUMBER.fullmatch(reply)
        if not match:
            return None
        if question.reads == "years" and not match["mark"]:
            return None
        number = int(match["n"]) if match["n"].isdigit() else self._protocol.replies.numbers.get(match["n"], 0)
        return question.options[number - 1] if 0 < number <= len(question.options) else None

    def _opening(self, question: Question, reply: str, text: str) -> Option | None:
        plain = normal(text)
        for phrase in self._opens:
            if not reply.startswith(phrase + " "):
                continue
            rest = reply[len(phrase) + 1 :].split()
            follows = rest[0]
            # "Yes both arms" is an answer whatever follows; "no pain" is none, and "yes none of these" may be any.
            if self._general[phrase] != "no" and not set(rest) & self._negators:
                return question.meaning(self._general[phrase])
            comma = re.match(rf".*?{re.escape(phrase)}\s*[,.;!–-]", text[:LONGEST].lower().replace("’", "'"))
            if follows in self._after or (comma and plain.endswith(reply)):
                return question.meaning(self._general[phrase])
            return None
        return None

    def _contained(self, question: Question, reply: str) -> Option | None:
        words = reply.split()
        matches = []
        for phrase, option in self._words[question.id].items():
            at = f" {reply} ".find(f" {phrase} ")
            if at < 0:
                continue
            before = reply[:at].split()
            if set(before[-3:]) & self._negators:
                continue
            others = len(words) - len(phrase.split())
            rest = set(words) - set(phrase.split())
            if (" " in phrase and others <= 4) or rest <= self._fillers | self._after:
                matches.append((len(phrase), option))
        longest = max((length for length, _ in matches), default=0)
        options = [option for length, option in matches if length == longest]
        return options[0] if options and all(option is options[0] for option in options) else None

    def _alike(self, question: Question, reply: str) -> Option | None:
        option = self._closest(reply, self._words[question.id])
        if option is None and (general := self._closest(reply, self._general)):
            option = question.meaning(general)
        return option

    def _closest(self, reply: str, phrases: Mapping[str, Value]) -> Value | None:
        """Return what stands for the phrase that a reply is, typos apart.

        Short phrases allow no typo, and no likeness bridges a "no": "no trouble" is not "trouble".
        """
        if len(reply) < SHORTEST:
            return None
        denied = set(reply.split()) & self._negators
        score, best = max(
            (
                (fuzz.ratio(reply, phrase), phrase)
                for phrase in phrases
                if len(phrase) >= SHORTEST
                # Phrases of such different lengths are never alike enough; most fall out here.
                and 2 * min(len(reply), len(phrase)) >= ALIKE / 100 * (len(reply) + len(phrase))
                and set(phrase.split()) & self._negators == denied
            ),
            default=(0.0, ""),
        )
        return phrases[best] if score >= ALIKE else None

    def _names(self, question: Question, words: str) -> bool:
        label = normal(question.label)
        return words == question.id or words in label.split() or fuzz.ratio(words, label) >= ALIKE

    def _without_fillers(self, reply: str) -> str:
        return " ".join(word for word in reply.split() if word not in self._fillers) or reply

    def _without_openers(self, reply: str) -> str:
        for opener in sorted(self._protocol.replies.before, key=len, reverse=True):
            if reply.startswith(f"{opener} ") and reply not in self._general:
                return self._without_openers(reply[len(opener) + 1 :])
        return reply


def answer_from_findings(question: Question, findings: Iterable[Finding]) -> Answer | None:
    """Return the answer to a question that findings give; what is present wins over what is denied."""
    for finding in sorted(findings, key=lambda finding: (finding.status != "present", finding.start)):
        if finding.status == "asked":
            continue
        if finding.kind in ("duration", "age"):
            wanted = "days" if finding.kind == "duration" else "years"
            if question.reads == wanted:
                span = Span(finding.amount, finding.name, finding.words, finding.start, finding.end)
                value = (span.days, span.words) if wanted == "days" else (span.years, _age_words(span))
                answer = _in_range(question, [value])
                if answer:
                    return answer
            continue
        for option in question.options:
            for said in option.said:
                if finding.kind == "symptom" and (said.symptom, said.status) == (finding.name, finding.status):
                    return Answer(option.id, finding.words if option.ends_in else "")
                if finding.kind == "person" and said.person and said.person == finding.name:
                    return Answer(option.id, _called(option, finding.words))
                if finding.kind == "body_part" and finding.status == "present" and finding.name in said.body_part:
                    return Answer(option.id, " ".join(filter(None, (finding.side, finding.words.lower()))))
    return None


def _called(option: Option, words: str) -> str:
    """Return the word of the option for this person that was typed, typos apart, or an empty string."""
    typed = re.sub(r"^(?:my|our)\s+|(?:'s|s)$", "", normal(words))
    best = max(option.called, key=lambda word: fuzz.ratio(typed, word), default="")
    return best if fuzz.ratio(typed, best) >= ALIKE else ""


def _in_range(question: Question, values: Iterable[tuple[float, str]]) -> Answer | None:
    for value, words in values:
        for option in question.options:
            if option.range and option.range.from_ <= value < option.range.below:
                return Answer(option.id, words)
    return None


def _age_words(span: Span) -> str:
    count = f"{span.amount:g}"
    return f"{count} {span.unit} old" if span.amount == 1 else f"{count} {span.unit}s old"
