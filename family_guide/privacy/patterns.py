"""Identifying text with a form of its own: numbers, addresses, links, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from family_guide.privacy.redaction import Span
from family_guide.privacy.words import Words, plain, shared_words

Place = tuple[int, int]

_I = re.IGNORECASE
_DIGIT = re.compile(r"\d")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{1,4}}|\d{{1,2}}[/.-]\d{{1,2}}(?![/\d])"
    rf"|(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {{0,2}}'?\d{{2,4}})?"
    rf"|{_MONTH} {{0,2}}(?:the )?{_DAY}(?:,? {{0,2}}(?:of )?'?\d{{2,4}})?(?!\w)"
    rf"|{_MONTH},? {{0,2}}(?:of )?(?:19|20)\d{{2}}|\d{{1,2}} \d{{1,2}} \d{{4}}|\d{{8}})"
)
_BIRTH = r"(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?da(?:te|y)|b-?day|birthdays?|born|geb\.|birth)"

_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"]{1,2000}|\bwww\.[^\s<>\"]{1,2000}"
    r"|(?<![\w.-])[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,4}"
    r"\.(?:com|org|net|edu|gov|io|me|co|uk|us|de|info|blog)/[^\s<>\"]{1,2000}",
    _I,
)
_HANDLE = re.compile(r"(?<![\w@.])@[a-z]\w[\w.]{1,30}", _I)
_EMAIL = re.compile(
    # Looked for from the start of a run of letters only, or the time would grow with its square.
    r"(?<![\w.+'’-])[\w.+'’-]+@[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w.+-])[\w.+-]{1,64} ?(?:\(at\)|\[at\]| at ) ?[\w-]{1,63}"
    r" ?(?:\(dot\)|\[dot\]| dot ) ?(?:com|org|net|edu|co|de)\b",
    _I,
)
_BIRTH_BEFORE = re.compile(
    rf"(?<!\w){_BIRTH}(?:'s)?[^\w\n\[]{{0,4}}"
    rf"(?:(?:is|was|on|in|the|=|of|my|her|his|date)[^\w\n\[]{{1,3}}){{0,3}}(?P<hide>{_DATE})",
    _I,
)
_BIRTH_AFTER = re.compile(
    rf"(?<![\w/.-])(?P<hide>{_DATE})[^\w\n\[]{{0,4}}"
    rf"(?:(?:is|was|as|my|her|his|the|son's|daughter's)[^\w\n\[]{{1,3}}){{0,4}}{_BIRTH}(?!\w)",
    _I,
)
# At least four letters or digits, one of them a digit, in groups of which each further one has a digit.
_CODE = (
    r"(?=[\w-]{0,20}\d)(?=[A-Z0-9](?:[\w./-]| (?=\d)){3})"
    r"(?P<hide>[A-Z0-9][A-Z0-9]{0,11}(?:[-./ ][A-Z0-9]{0,9}\d[A-Z0-9]{0,9}){0,4})(?![\w])"
)
_MARK = r"(?: ?(?:numbers?|nos?\b\.?|nr\b\.?|num\b\.?|id\b|ids\b|code|#|№))"
_GAP = r"(?:[\s:=#.,-]{1,4}(?:(?:is|was|it's|its|are)[\s:]{1,3})?)"
_RECORD = re.compile(
    rf"(?<!\w)(?:m\.?r\.?n\b\.?|mrn|ehr|emr){_MARK}?{_GAP}{_CODE}"
    rf"|(?<!\w)(?:medical record|health record|hospital|record|chart|patient|file|case|account|acct|visit|encounter"
    rf"|reference|ref|admission|mychart){_MARK}{_GAP}(?P<marked>{_CODE.replace('hide', 'inner')})",
    _I,
)
_RECORD_BARE = re.compile(
    r"(?<!\w)(?:medical record|record|chart|patient|file|case|account)[\s:#]{1,3}(?P<hide>[A-Z]{0,3}-?\d{5,12})\b",
    _I,
)
_INSURANCE = re.compile(
    r"(?<!\w)(?:member(?:ship)?|policy|insurance|group|subscriber|medicare|medicaid|claim|plan|beneficiary|card"
    r"|prior auth|authorization|passport|driver'?s? licen[cs]e|licen[cs]e|license plate|nhs|national id|tax|visa"
    r"|alien|a-number|student|school|ssn|social security|social|sin|curp|aadhaar|itin)"
    rf"{_MARK}{_GAP}{_CODE}",
    _I,
)
_NATIONAL = re.compile(
    rf"(?<!\w)(?:ssn|social security|passport|curp|aadhaar|itin|nino){_GAP}{_CODE}"
    r"|(?<![\w-])(?P<form>\d{3}[- ]\d{2}[- ]\d{4}|[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
    r"|\d[A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2})(?![\w-])",
    _I,
)
_LONG_CODE = re.compile(
    r"(?<![\w.-])(?!nct)(?:[A-Z]{1,4}-?\d{5,14}[A-Z]{0,2}|\d{12,19}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{3,4})(?![\w-])",
    _I,
)
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+ ?|\()?\d[\d() ./\t-]{4,20}\d(?:(?: ?(?:x|ext\.?|extension) ?)\d{1,5})?(?![\w/])", _I
)
_PHONE_SAID = re.compile(
    r"(?<!\w)(?:phone|cell|mobile|tel|telephone|call me|text me|fax|whatsapp|pager|number is|reach me)\b"
    r"[^\d\n\[]{0,15}(?P<hide>\d[\d ().-]{4,18}\d)",
    _I,
)
_POSTAL = re.compile(
    r"\bP\.? ?O\.? ?Box \d{1,8}\b"
    r"|\b(?:zip|zip code|zipcode|postcode|postal code)[\s:]{1,3}(?:is )?(?P<hide>\d{5}(?:-\d{4})?)\b"
    r"|(?-i:\b(?!T\dN\dM\d)(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b)"
    r"|(?-i:(?:\b[A-Z][\w.'-]{1,20} ?){0,2}[A-Z][\w.'-]{1,20},? [A-Z]{2}\.?,? \d{5}(?:-\d{4})?\b)"
    r"|\b[^\W\d_]{2,20}(?:straße|strasse|str\.|gasse|weg|platz|allee) \d{1,4}[a-z]?\b"
    r"|\b\d{1,5},? (?:rue|boulevard|calle|rua|avenida)(?: [\w'’-]{1,20}){1,4}"
    r"|\b(?:calle|avenida|rua)(?: [^\W\d_]{2,20}){1,4},? ?\d{1,5}\b",
    _I,
)
_HOUSE_BEFORE = (
    r"(?<![\w/.-])\d{1,6}(?:-\d{1,4})?[A-Z]?(?: 1/2)?,? "
    r"(?P<street>(?:(?:[NSEW]|[\w'’.-]{2,20}) ){1,4}?)(?P<kind>"
)
_HOUSE_AFTER = (
    r")(?![\w'’])\.?"
    r"(?P<more>(?:,? (?:(?:apt|apartment|unit|suite|ste|floor|fl|flat|room)\.? ?#? ?[\w-]{1,6}|#\s?\w{1,6})(?!\w))?"
    r"(?:(?:,| in) ?(?:(?-i:[A-Z])[\w.'-]{1,20} ?){1,3}(?:,? (?-i:[A-Z]{2})(?!\w))?(?:,? \d{5}(?:-\d{4})?)?)?)"
)
_LIVE_UNIT = re.compile(r"\b(?:apt|apartment)\.? ?#? ?\d{1,5}[A-Z]?\b", _I)


def find_patterns(text: str, taken: list[Place]) -> list[Span]:
    """Return the patterned identifiers of a text, none touching another or a place that is taken."""
    words = shared_words()
    found: list[Span] = []
    occupied = list(taken)
    for finder in _ANYWHERE + _WITH_DIGITS if _DIGIT.search(text) else _ANYWHERE:
        new = [span for span in finder(text, words) if span.end > span.start]
        for span in _free(new, occupied):
            found.append(span)
            occupied.append((span.start, span.end))
    return found


def _free(spans: list[Span], occupied: list[Place]) -> Iterator[Span]:
    """Yield the spans that touch nothing occupied, nor one another."""
    marks = sorted(occupied)
    at = 0
    last = 0
    for span in sorted(spans, key=lambda span: span.start):
        while at < len(marks) and marks[at][1] <= span.start:
            at += 1
        if span.start >= last and (at == len(marks) or marks[at][0] >= span.end):
            last = span.end
            yield span


def _of(pattern: re.Pattern[str], kind: str) -> Callable[[str, Words], list[Span]]:
    """Return a finder for what a pattern finds: its group `hide` (or another filled one), or all of it."""

    def find(text: str, _words: Words) -> list[Span]:
        spans = []
        for match in pattern.finditer(text):
            groups = match.groupdict()
            group = next((name for name in ("hide", "marked", "form") if groups.get(name)), None)
            start, end = match.span(group) if group else match.span()
            spans.append(Span(start, end, kind))
        return spans

    return find


def _urls(text: str, _words: Words) -> list[Span]:
    spans = []
    for match in _URL.finditer(text):
        kept = match[0].rstrip(".,;:!?)'\"]")
        spans.append(Span(match.start(), match.start() + len(kept), "url"))
    return spans


def _emails(text: str, _words: Words) -> list[Span]:
    return [
        Span(match.start(), match.start() + len(match[0].rstrip(".-_")), "email")
        for match in _EMAIL.finditer(text)
    ]


def _phones(text: str, _words: Words) -> list[Span]:
    spans = []
    for match in _PHONE.finditer(text):
        if _is_phone(match[0]):
            spans.append(Span(match.start(), match.end(), "phone"))
    for match in _PHONE_SAID.finditer(text):
        if len(re.sub(r"\D", "", match["hide"])) >= 7:
            spans.append(Span(*match.span("hide"), "phone"))
    return spans


def _is_phone(number: str) -> bool:
    """Return whether digits are grouped as in a telephone number, not as dates, years or measures."""
    groups = re.findall(r"\d+", re.split(r"[xe]", number, maxsplit=1, flags=_I)[0])
    digits = sum(len(group) for group in groups)
    if not 7 <= digits <= 15 or "//" in number:
        return False
    if all(len(group) == 4 and group[:2] in ("19", "20") for group in groups):
        return False
    if re.fullmatch(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4})", number.strip()):
        return False
    if "+" in number or len(groups) == 1:
        return True
    if len(groups[-1]) == 4 and len(groups[-2]) == 3:
        return True
    return digits >= 9 and len(groups) >= 2 and all(len(group) >= 2 for group in groups[1:])


@lru_cache(maxsize=1)
def _house() -> re.Pattern[str]:
    """Return what finds a house number, a street, and the unit and town after it."""
    kinds = "|".join(sorted(shared_words().streets, key=len, reverse=True))
    return re.compile(_HOUSE_BEFORE + kinds + _HOUSE_AFTER, _I)


def _addresses(text: str, words: Words) -> list[Span]:
    spans = []
    for match in _house().finditer(text):
        kind = plain(match["kind"])
        street = [plain(word).strip(".") for word in match["street"].split()]
        if any(word in words.never_before_street for word in street):
            continue
        everyday = kind in words.everyday_streets and not match["kind"][0].isupper()
        if everyday and len(street) > 1 and all(word in words.common for word in street):
            continue
        spans.append(Span(match.start(), match.end(), "address"))
    return spans


_ANYWHERE: tuple[Callable[[str, Words], list[Span]], ...] = (_urls, _emails, _of(_HANDLE, "url"))
_WITH_DIGITS: tuple[Callable[[str, Words], list[Span]], ...] = (
    _of(_BIRTH_BEFORE, "birth_date"),
    _of(_BIRTH_AFTER, "birth_date"),
    _of(_NATIONAL, "id_number"),
    _of(_INSURANCE, "id_number"),
    _of(_RECORD, "record_number"),
    _of(_RECORD_BARE, "record_number"),
    _addresses,
    _of(_POSTAL, "address"),
    _phones,
    _of(_LONG_CODE, "id_number"),
    _of(_LIVE_UNIT, "address"),
)
