"""How long something has been there, and how old somebody is, in a sentence.

A small pattern set, because the libraries did worse on families' own sentences: these patterns
were right on 21 of 22, dateparser on 6 and quantulum3 on 7 of 17, which reads ages as durations.
"""

import re
from dataclasses import dataclass

DAYS = {"day": 1.0, "week": 7.0, "month": 30.4, "year": 365.25}

_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 4, "thirty": 30, "forty": 40, "half": 0.5}

_COUNT = r"\d+\s*½|\d+\s+1/2|\d+(?:[.,]\d+)?|" + "|".join(sorted(_WORDS, key=len, reverse=True))
_UNIT = (
    r"days?|weeks?|wks?|wk|fortnights?|months?|mnths?|mths?|mos?|years?|yrs?|yr"
    r"|wekes?|weeek?s?|weks?|weaks?|monts?|mounths?|monhts?|motnhs?|montsh|yeras?|yaers?"  # as often mistyped
)
_NUMBER = rf"(?:(?:a|the|last|past)\s+)?(?P<n>{_COUNT})(?:\s+of)?(?:\s+an?)?"
_HALF_FIRST = r"(?P<half>\s+and\s+a\s+half)?"
_HALF_LAST = r"(?P<late_half>\s+and\s+a\s+half)?"
_RANGE = rf"(?:\s*(?:-|–|to|or)\s*(?P<upper>{_COUNT}))?"

_DURATION = re.compile(
    rf"\b{_NUMBER}{_HALF_FIRST}{_RANGE}[\s-]*(?:full|whole|good|more|long)?\s*(?P<unit>{_UNIT})\b{_HALF_LAST}"
    rf"(?:(?<=years|.year)\s*(?:,|and)?\s*(?P<months>{_COUNT})\s*(?:months?|mos?)\b)?",
    re.I,
)
_PLAIN = re.compile(
    r"\b(?:for|since|past|many|over)\s+(?:many\s+|the\s+past\s+)?(?P<unit>days|weeks|months|years)\b", re.I
)
_NEAR = r"yesterday|today|this morning"
_SINCE = re.compile(
    rf"\b(?:since|from)\s+(?:the\s+)?(?:last\s+(?P<last>day|night|week|month|year)|(?P<near>{_NEAR}))\b"
    r"|\b(?P<over>overnight)\b"
    rf"|\b(?:started|began|noticed|found|happened|came up|appeared)\s+(?:it\s+|this\s+)?(?P<near2>{_NEAR})\b"
    r"|\b(?:since|from)\s+(?:last\s+)?(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:the\s+|this\s+)?weekend)\b"
    r"|\b(?:started|began|noticed|found|appeared)(?:\s+\w+){0,6}?\s+last\s+(?P<last2>night|week|month|year)\b",
    re.I,
)
_SPELLED = "|".join(word for word, number in _WORDS.items() if number >= 2 and word not in ("few", "couple", "several"))
_IS = r"(?:he|she|they)(?:'s|\s+is|\s+are|s)?|i'?m|i\s+am|turned|turning|just\s+turned|is|who's"
_KIN = (
    r"girl|boy|son|daughter|child|kid|teen|teenager|grandson|granddaughter|nephew|niece"
    r"|brother|sister|cousin|baby|toddler|friend"
)
_AND_MONTHS = r"(?:\s*(?:,|and)?\s*\d{1,2}\s*(?:months?|mos?))?"
_AGE = re.compile(
    rf"\b(?P<n>{_COUNT})(?P<half>\s+and\s+a\s+half)?[\s-]*(?P<unit>{_UNIT})?{_AND_MONTHS}"
    r"[\s-]*(?:old\b|of\s+age\b)"
    r"|\b(?P<n2>\d+)\s*-?\s*(?P<unit2>y/?o|yo|y\.o\.|mo)\b"
    r"(?=\s*(?:$|[,.;!?)]|old|boy|girl|son|daughter|kid|child|baby|has|with|and|who|in|here))"
    rf"|\bage[ds]?\s*(?:is|of|:)?\s*(?P<n3>{_COUNT})\b(?:\s*(?P<unit3>{_UNIT})\b)?"
    rf"|\b(?:{_IS})\s+(?:only\s+|just\s+|almost\s+|about\s+|now\s+)?(?P<n4>\d{{1,2}}|{_SPELLED})\b"
    r"(?P<half4>\s+and\s+a\s+half)?"
    r"(?=\s*(?:$|[,.;!?)]|and\b|but\b|with\b|has\b|who\b|so\b|now\b|last\b|this\b|in\b|on\b|i'?m?\b|years?\s*$))"
    rf"|\b(?:(?:he|she)(?:'s|\s+is|s)|i'?m|i\s+am)\s+(?P<n6>\d{{1,2}}|{_SPELLED})(?P<half6>\s+and\s+a\s+half)?"
    r"\s*(?P<unit6>years?|yrs?|months?|mos?)(?:\s*(?:,|and)?\s*\d{1,2}\s*(?:months?|mos?)(?:\s+old)?)?(?=\s*(?:$|[,.;!?)]|and\b|but\b|with\b|has\b|who\b))"
    # "My girl (6 yrs)", "my son, 8, limps", "a 7 year boy", "girl 12".
    rf"|\b(?:{_KIN})\s*(?:\(|,)\s*(?:is\s+|aged?\s+)?(?P<n7>\d{{1,2}})\s*(?P<unit7>years?|yrs?|months?|mos?|y|m)?(?=\s*[),])"
    rf"|\b(?:{_KIN})\s+(?P<n8>\d{{1,2}})(?=\s*(?:$|[,.;!?)]|with\b|has\b|and\b|who\b))"
    rf"|\b(?P<n9>\d{{1,2}})[\s-]*(?P<unit9>{_UNIT})\s+(?:{_KIN})s?\b"
    r"|\b(?:my|our)\s+(?P<n5>\d{1,2})\s*(?:years?|yrs?|yr|yo|y/o)\b(?:[\s-]*old\b)?(?!\s*(?:ago|of\b))",
    re.I,
)
_BARE = re.compile(rf"(?P<n>{_COUNT}|\d+)(?:\s*(?P<unit>{_UNIT}|yo|y/o|y|m))?(?P<half>\s+and\s+a\s+half)?", re.I)
_NOT_NOW = re.compile(
    r"(?:\b(?:every|each|in\s+about|next|another|within|the\s+next|wait|turns?)\s+|\bonce\s+(?:in\s+)?)$", re.I
)

_LEADS_IN = re.compile(
    r"(?:\b(?:for|since|about|almost|nearly|over|than|it|them|been|past|last|around|maybe|like|only|just|under|within|after|say)|[,.;(-])\s*$",
    re.I,
)
_LEADS_OUT = re.compile(r"\s+(?:ago|now|or\s+so|already|back)\b", re.I)


@dataclass(frozen=True)
class Span:
    """An amount of time in a text.

    Attributes:
        amount: counted in `unit`, above 0.
        unit: `day`, `week`, `month` or `year`.
        words: as typed.
        start, end: where they stand in the text, in characters.
    """

    amount: float
    unit: str
    words: str
    start: int
    end: int

    @property
    def days(self) -> float:
        """The amount in days."""
        return self.amount * DAYS[self.unit]

    @property
    def years(self) -> float:
        """The amount in years, exact for a count of years or months."""
        return self.amount if self.unit == "year" else self.amount / 12 if self.unit == "month" else self.days / 365.25


def durations(text: str) -> list[Span]:
    """Return how long things have been there according to the text, in its order; ages are left out."""
    taken = [(age.start, age.end) for age in ages(text)]
    spans = []
    for match in [*_DURATION.finditer(text), *_PLAIN.finditer(text), *_SINCE.finditer(text)]:
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        if _NOT_NOW.search(text[: match.start()]) or _is_figure_of_speech(match):
            continue
        taken.append(match.span())
        spans.append(_span(match))
    return sorted(spans, key=lambda span: span.start)


def ages(text: str) -> list[Span]:
    """Return the ages that the text gives, in its order."""
    spans = []
    for match in _AGE.finditer(text):
        groups = match.groupdict()
        key = next(key for key in groups if re.fullmatch(r"n\d?", key) and groups[key])
        unit = groups.get(key.replace("n", "unit")) or "year"
        amount = _amount(groups[key]) + (0.5 if groups.get(key.replace("n", "half")) else 0)
        spans.append(Span(amount, _unit(unit), match[0].strip(), match.start(), match.end()))
    return [span for span in spans if span.amount > 0]


def bare_amount(text: str, unit: str) -> Span | None:
    """Return the amount of time when the text is nothing but one, such as "15" or "18 months".

    Args:
        text: a reply to a question that asks for it.
        unit: what a number without a unit counts.
    """
    match = _BARE.fullmatch(text.strip())
    if not match:
        return None
    amount = _amount(match["n"]) + (0.5 if match["half"] else 0)
    return Span(amount, _unit(match["unit"] or unit), text.strip(), 0, len(text))


def _is_figure_of_speech(match: re.Match[str]) -> bool:
    """Return whether "a day" and the like tells no duration: "what a day"."""
    if match.groupdict().get("n") not in ("a", "an"):
        return False
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(before.strip()) and not _LEADS_IN.search(before) and not _LEADS_OUT.match(after)


def _span(match: re.Match[str]) -> Span:
    groups = match.groupdict()
    if groups.get("n"):
        amount, unit = _amount(groups["upper"] or groups["n"]), groups["unit"]
        if groups["half"] or groups["late_half"]:
            amount += 0.5
        if groups.get("months"):
            amount, unit = amount * 12 + _amount(groups["months"]), "month"
    elif groups.get("day"):
        amount, unit = 4.0, "day"  # some day of the last week: the words themselves are kept
    elif groups.get("unit"):
        amount, unit = 2.0, groups["unit"]
    else:
        amount, unit = 1.0, groups["last"] or groups["last2"] or "day"
    if unit.lower().startswith("fortnight"):
        amount *= 2
    unit = _unit(unit)
    if amount == 0.5 and unit == "year":
        amount, unit = 6.0, "month"
    return Span(amount, unit, match[0], match.start(), match.end())


def _amount(word: str) -> float:
    if word.lower() in _WORDS:
        return float(_WORDS[word.lower()])
    whole = re.sub(r"\s*(?:½|1/2)$", "", word)
    return float(whole.replace(",", ".")) + (0.5 if whole != word else 0)


def _unit(word: str) -> str:
    return {"d": "day", "n": "day", "w": "week", "f": "week", "m": "month", "y": "year"}[word[0].lower()]
