"""Identifying text with a form of its own: numbers, addresses, links, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from family_guide.privacy.spans import Place, Span
from family_guide.privacy.words import Words, shared_words
from family_guide.words import plain

_I = re.IGNORECASE
_DIGIT = re.compile(r"\d")
_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–−﹣－", "-") | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | {"’": "'", "⁄": "/"}
)
"""Characters that look like others, one for one, so that places stay."""
_SHORTEST_CODE = 4
_MONTH = (
    r"(?:jan(?:uary|uar|vier)?|ene(?:ro)?|feb(?:ruary|ruar|rero)?|f[ée]vrier|mar(?:ch|zo|s)?|m[äa]rz|apr(?:il)?|abril"
    r"|avril|may|mai|mayo|june?|juni[o]?|juin|july?|juli[o]?|juillet|aug(?:ust)?|agosto|ao[ûu]t"
    r"|sept?(?:ember|iembre|embre)?|o[ck]t(?:ober|ubre|obre)?|nov(?:ember|iembre|embre)?|de[cz](?:ember)?|diciembre"
    r"|d[ée]cembre)\b\.?"
)
_TENTHS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_DAY = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)?|twenty[- ](?:{_TENTHS})|thirty[- ]first|{_TENTHS}|tenth|eleventh|twelfth"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth)"
)
_YEAR = r"(?:,? {0,2}(?:of |de |in )?'?\d{2,4})"
_DATE = (
    rf"(?:\d{{1,4}} ?[/.-] ?\d{{1,2}} ?[/.-] ?\d{{1,4}}|\d{{1,2}}[/.-]\d{{1,2}}(?![/\d])"
    rf"|\d{{1,2}}[-/ ]?{_MONTH}[-/ ]?(?:19|20)?\d{{2}}(?!\d)"
    rf"|(?:the )?{_DAY} (?:day )?(?:of |de )?{_MONTH}{_YEAR}?"
    rf"|{_MONTH}[ -]{{0,2}}(?:the )?{_DAY}(?!\d|\w){_YEAR}?(?!\w)"
    rf"|{_MONTH},? {{0,2}}(?:of )?(?:19|20)\d{{2}}"
    rf"|\d{{1,2}} \d{{1,2}} \d{{2,4}}|\d{{4}} \d{{2}} \d{{2}}|\d{{8}}|\d{{6}}(?!\d))"
)
_BIRTH = (
    r"(?:d\.? ?o\.? ?b\b\.?|dates? of birth|birth ?da(?:te|y)s?|b-?days?|born|newborn|geb\.|geburts(?:datum|tag)"
    r"|geboren|nacimiento|naci[óo]|nacid[oa]|cumplea[ñn]os|naissance|n[ée]e? le|nascimento|gave birth"
    r"|birth(?! ?(?:mark|control|defect|weight|plan))"
    r"|(?:turns?|turned|turning|will be|is going to be) \d{1,2}(?: years? old)?"
    r"|came into (?:the|this|our) (?:world|lives))"
)
# Words between a birth and a date that make it the date of something else.
_NO_BIRTH = re.compile(
    r"surg|operat|diagnos|scan|biops|\bmri|\bct\b|lump|tumou?r|swell|pain|chemo|radiat|visit|found|notic|since|treat"
    r"|start|until|till|appointment|admit|clinic|follow|now\b|then\b|later|after|before|relaps|\bhad\b|\bhas\b|\bseen\b",
    _I,
)
_BIRTH_GAP = r"(?P<gap>[^\d\n\[.!?;]{0,40}?(?:(?<=\d)|(?<![^\W_])))"

_URL = re.compile(
    r"\b(?:https?|ftp)://[^\s<>\"]{1,2000}|\bwww\.[^\s<>\"]{1,2000}"
    r"|(?<![\w.-])[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,4}"
    r"\.(?:com|org|net|edu|gov|io|me|co|uk|us|ca|de|fr|es|it|ch|at|eu|be|ly|tv|gl|gg|app|info|blog|link|page|site"
    r"|online|care|health|family|xyz|dev)/[^\s<>\"]{1,2000}",
    _I,
)
_HANDLE = re.compile(
    r"(?<![\w@.])@[a-z]\w[\w.-]{1,30}"
    r"|(?<!\w)(?:insta(?:gram)?|ig|snap(?:chat)?|twitter|tiktok|discord|skype|telegram|facebook|fb|venmo|user ?name"
    r"|handle|screen ?name|log ?in)(?:[\s:=-]{1,3}(?:name|id|handle|account|page|is|it's|as)\b){0,3}[\s:=-]{1,3}"
    r"(?P<hide>(?=[a-z.-]{0,30}[\d_])[a-z][\w.-]{3,30})",
    _I,
)
_EMAIL = re.compile(
    # Looked for from the start of a run of letters only, or the time would grow with its square.
    r"(?<![\w.+'’-])[\w.+'’-]+@[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<![\w.+-])(?:[\w+-]{1,30} (?:dot|underscore|dash) ){0,2}[\w.+-]{1,64} ?(?:[([{<]at[)\]}>]| at |@) ?[\w-]{1,63}"
    r"(?: ?[([{<]dot[)\]}>] ?| dot )(?:[\w-]{1,30}(?: ?[([{<]dot[)\]}>] ?| dot |\.))?"
    r"(?:com|org|net|edu|co|de|uk|gov|ca|us|io|me)\b"
    r"|(?<![\w.+-])[\w.+-]{1,64}[([{<]at[)\]}>][\w-]{1,63}(?:[([{<]dot[)\]}>][\w-]{1,30}){1,3}"
    r"|(?<![\w.+-])[\w.+-]{1,64} ?(?:[([{<]at[)\]}>]| at ) ?"
    r"(?:gmail|g mail|yahoo|hotmail|outlook|icloud|aol|proton(?:mail)?|live|msn|comcast|me|gmx|web)\.[a-z]{2,3}\b",
    _I,
)
_BIRTH_BEFORE = re.compile(rf"(?<!\w){_BIRTH}{_BIRTH_GAP}(?P<hide>{_DATE})", _I)
_BIRTH_AFTER = re.compile(
    rf"(?<![\w/.-])(?P<hide>{_DATE})[^\w\n\[]{{0,4}}"
    rf"(?:(?:is|was|as|my|our|her|his|the|their|a|when|that|that's|which|day|she|he|it|its|it's|son|son's|daughter"
    rf"|daughter's|boy|girl|baby|kid's|child's|got|we|i|listed|being|for|on|in|actual|real)[^\w\n\[]{{1,3}}){{0,6}}"
    rf"{_BIRTH}(?!\w)",
    _I,
)
# Groups of letters and digits; each group after the first has a digit, or is a short end in capitals.
_CODE = (
    r"(?P<hide>(?:(?-i:[A-Z]{1,4})[ -](?=\d)|(?=[\w-]{0,20}\d))[A-Z0-9*][A-Z0-9*]{0,19}"
    r"(?:[-./ ][A-Z0-9]{0,11}\d[A-Z0-9]{0,11}|(?-i:-[A-Z]{1,4}(?!\w))){0,5})(?![\w])"
)
# Words between a noun and its code: "the NUMBER ON HIS card IS 4471".
_FILL = (
    r"(?:clinic|ward|surgery|private|cover|at|numbers?|numb|nos?|nr|num|nmbr|ids?|identification|identifier|code|card"
    r"|account|acct|plan|policy|member|membership|subscriber|record|chart|file|case|health|medical|hospital|patient"
    r"|insurance|certificate|is|was|are|it's|its|it|says|reads|shows|said|has|having|with|here|here's|of|for|the|this"
    r"|that|that's|my|our|his|her|their|your|on|under|listed|as|ending|ends|in|which|card's|system|epic|mychart|starts"
    r"|starting|begins|i|think|believe|just|only|again|be|should|would|to|me|him|them|us|he|she|we|son's|daughter's"
    r"|kid's|child's|dad's|mom's|husband's|wife's|ssn|mrn)"
)
_SEPARATORS = r"[\s:=#№,.()\"'“”‘’*_–—/-]"
_FILLED = rf"(?P<fill>(?:{_SEPARATORS}{{1,4}}{_FILL}(?!\w)){{0,6}}{_SEPARATORS}{{1,4}})"
# Nouns that are always followed by a code, and nouns that are often followed by something else.
_STRONG = (
    r"(?:m\.?r\.?n\b\.?|mrns?|mr ?#|ehr|emr|csn|mychart|accession|specimen|medical rec(?:ord)?|health record"
    r"|patient id|pt id|member(?:ship)? ?(?:id|no|number|num|#)|subscriber|policy ?(?:id|no|number|num|holder|#)"
    r"|group ?(?:id|no|number|num|#)|insurance ?(?:id|no|number|num|#|card)|ins\.? ?(?:id|no|#)|plan ?(?:id|number|#)"
    r"|medicare|medicaid|medi-?cal|mbi|hicn|beneficiary|enrollee|enrolee|dependent id|rx ?(?:bin|grp|group|pcn|id)|bin"
    r"|pcn|prior auth(?:orization)?|pre-?auth\w{0,12}|authorization|auth|referral|passport|driver'?s? ?licen[cs]e|dl ?#"
    r"|licen[cs]e|license plate|plate|nhs|national id|tax id|tin|ein|visa|alien|a-number|green card|state id|student id"
    r"|school id|ssn|s\.s\.n\.?|soc(?:ial)? sec(?:urity)?\.?|ss ?#|ssi|sin|social|curp|rfc|aadhaar|aadhar|itin|nino|cpf"
    r"|dni|nie|bsn|pesel|personnummer|nif|medicare card|health card|ohip|routing|iban|bank account|credit card"
    r"|debit card|confirmation|booking|wristband|bracelet|claim ?(?:id|no|number|#))"
)
_WEAK = (
    r"(?:unit number|cover|record|chart|patient|pt|file|case|account|acct|visit|encounter|reference|ref|admission"
    r"|hospital|registration|ticket|member|membership|policy|insurance|insurer|group|grp|claim|plan|card|coverage"
    r"|certificate|cert|id|ids|identification|tax|student|school|appointment|order|report|invoice|bill|receipt|letter"
    r"|lab|pathology|biopsy|slide|sample|aetna|cigna|anthem|bcbs|blue cross|blue shield|humana|kaiser|tricare|uhc"
    r"|united ?healthcare|molina|ambetter|oscar|centene|chip|wellcare|healthfirst|fidelis|number|no\.|num)"
)
# Of both, those of a record in a hospital; codes after the others are of a person or an insurance.
_OF_RECORD = re.compile(
    r"m\.?r\.?n|mr ?#|unit number|ehr|emr|csn|mychart|accession|specimen|record|chart|patient|\bpt\b|file|case|account"
    r"|acct|visit|encounter|ref|admission|hospital|wristband|bracelet|registration|ticket|appointment|order|report"
    r"|letter|lab|pathology|biopsy|slide|sample|number|confirmation|booking",
    _I,
)
_STRONG_CODE = re.compile(
    rf"(?<!\w)(?P<noun>{_STRONG})s?(?!\w){_FILLED}{_CODE}"
    r"|(?<!\w)(?P<glued>mrn|ssn|mr#)(?P<digits>\d{4,12})(?!\w)",
    _I,
)
_WEAK_CODE = re.compile(rf"(?<!\w)(?P<noun>{_WEAK})(?:'s)?(?!\w){_FILLED}{_CODE}", _I)
_MARKED = re.compile(r"[#№]|\b(?:numbers?|nos?|nr|num|ids?|code|identification)\b", _I)
_HASHED = re.compile(r"(?<![\w&#])[#№] ?(?P<hide>[A-Z]{0,4}-?\d{5,12}[A-Z]?)(?!\w)", _I)
_LAST_FOUR = re.compile(
    r"(?:last|first|final) (?:4|four|5|five)(?: digits| numbers)?[^\d\n\[]{0,45}?(?P<hide>\d{4,5})(?![\w-])"
    r"|(?:ssn|social)(?: security)?(?: number)?[^\d\n\[]{0,12}(?:ends?|ending|finishes)[^\d\n\[]{0,12}"
    r"(?P<form>\d{3,5})(?![\w-])",
    _I,
)
_DATE_ONLY = re.compile(
    r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{1,2}[/.-]\d{1,2}|(?:19\d|20[0-4])\d(?:[-/ ](?:(?:19|20)\d\d|\d\d?))?"
    r"|\d{1,2} (?:19|20)\d\d"
)
_SURE_DATE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?|(?:19|20)\d\d")
_UNIT = re.compile(
    r"[ -]?(?:%|mg|mcg|ml|cc|cm|mm|kg|lbs?|c?gy|dollars?|usd|bucks|euros?|people|persons|kids|children|patients|cases"
    r"|families|years?|yrs?|months?|weeks?|days?|hours?|minutes?|steps|miles|feet|calories|million|thousand|platelets"
    r"|cells|units|iu|births|survivors|x)\b|[ -]?%",
    _I,
)
# What is numbered in public: trials, papers, diseases, drugs in development.
_PUBLIC = re.compile(
    r"(?:nct|isrctn|eudract|ctis|pmid|pmc|doi|orpha|omim|mondo|gard|umls|icd|cpt|hgnc|gsk|bms|pf|jnj|incb|azd|cp|nsc|ro"
    r"|mk|ly|abt|cas|ncit|arst|aost|acns|anbl|shr|xl|tak|amg)[ -]?\d",
    _I,
)
_PUBLIC_BEFORE = re.compile(
    r"(?<!\w)(?:trial|study|protocol|pmid|pmc|doi|icd(?:-10)?|cpt|orpha|omim|gene|cas|grant|version|model|flight|room"
    r"|page|article|bus|route|lot|batch|catalog)(?: (?:number|no|id))?[\s:#.]{1,3}$",
    _I,
)
_PHONE_BEFORE = re.compile(
    r"(?<!\w)(?:phone|cell|mobile|fax|tel|telephone|contact|contact's|call|hotline|helpline)[\s:#.]{1,3}$", _I
)
_NATIONAL = re.compile(
    r"(?<![\w-])(?P<form>[\dx*]{3}[-. ][\dx*]{2}[-. ]\d{4}|[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]"
    r"|\d{3}\.\d{3}\.\d{3}-\d{2}|\d[A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2})(?![\w-])"
    r"|(?<![\w.])(?P<hide>\d{1,3}(?:\.\d{1,3}){3})(?![\w.])",
    _I,
)
_LONG_CODE = re.compile(
    r"(?<![\w.-])(?:[A-Z]{1,4}-?\d{5,14}[A-Z]{0,2}(?:-[A-Z0-9]{1,4})?|[A-Z]{1,4}-\d{2,6}-\d{2,8}(?:-[A-Z0-9]{1,4})?"
    r"|\d{2,4}-[A-Z]{1,4}-\d{4,9}|(?=[A-Z]{0,6}\d)(?=(?:[A-Z]{0,6}\d){6})(?=\d{0,12}[A-Z])[A-Z0-9]{8,20}"
    r"|\d{12,19}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{3,4})(?![\w-])",
    _I,
)
_PHONE = re.compile(
    r"(?<![\w/.-])(?:\+ ?|\()?\d[\d() ./\t-]{4,20}\d(?:(?: ?(?:x|ext\.?|extension) ?)\d{1,5})?(?![\w/])", _I
)
_PHONE_SAID = re.compile(
    r"(?<!\w)(?:phone|cell|mobile|tel|telephone|landline|call|text|ring|dial|fax|whatsapp|pager|number is"
    r"|reach (?:me|us))\b[^\d\n\[]{0,20}(?P<hide>\(?\d[\d ().-]{4,18}\d)",
    _I,
)
_SPELLED = r"(?:zero|oh?|one|two|three|four|five|six|seven|eight|nine|double|triple|hundred)"
_PHONE_SPELLED = re.compile(rf"(?<!\w){_SPELLED}(?:[\s,.-]{{1,3}}{_SPELLED}){{6,14}}(?!\w)", _I)
_COUNTED = re.compile(r"one\W+two\W+three\W+four\W+five")
"""Counting, which is no number."""
_POSTAL = re.compile(
    r"\bP\.? ?O\.? ?Box \d{1,8}\b"
    r"|\b(?:zip|zip code|zipcode|postcode|postal code)[\s:]{1,3}(?:is )?(?P<hide>\d{5}(?:-\d{4})?)\b"
    r"|(?-i:\b(?!T\dN\dM\d)(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b)"
    r"|(?-i:(?:\b[A-Z][\w.'-]{1,20} ?){0,2}[A-Z][\w.'-]{1,20},? [A-Z]{2}\.?,? \d{5}(?:-\d{4})?\b)"
    r"|\b[^\W\d_]{2,20}(?:straße|strasse|str\.|gasse|weg|platz|allee) \d{1,4}[a-z]?\b"
    # The Netherlands: "Keizersgracht 12-II, 1016 EB Amsterdam".
    r"|(?-i:\b(?:[A-Z][\w'’-]{3,30} \d{1,4}(?:-?[A-Z]{1,4}|-\d{1,3})?,? )?\b[1-9]\d{3} [A-Z]{2} [A-Z][\w'’-]{2,20}\b)"
    r"|\b\d{1,5},? (?:rue|boulevard|calle|rua|avenida)(?: [\w'’-]{1,20}){1,4}"
    r"|\b(?:calle|avenida|rua)(?: [^\W\d_]{2,20}){1,4},? ?\d{1,5}\b",
    _I,
)
_HOUSE_IN_WORDS = re.compile(
    r"\b(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
    r" (?:[A-Z][\w'’-]{1,20} ){1,3}(?:Street|Road|Avenue|Lane|Drive|Court|Boulevard|Close|Terrace|Crescent|Way)\b"
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
_STATES = (
    r"(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois"
    r"|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri"
    r"|montana|nebraska|nevada|new (?:hampshire|jersey|mexico|york)|(?:north|south) (?:carolina|dakota)|ohio|oklahoma"
    r"|oregon|pennsylvania|rhode island|tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin"
    r"|wyoming|ak|ar|az|ca|co|ct|dc|fl|ga|ia|il|ks|ky|md|mi|mn|mo|ms|mt|nc|nd|ne|nh|nj|nm|nv|ny|ri|sc|sd|tn|tx|ut|va"
    r"|vt|wa|wi|wv|wy)"
)
_STATE_ZIP = re.compile(rf"(?<!\w){_STATES}\.?,? {{1,2}}\d{{5}}(?:-\d{{4}})?(?![\w-])", _I)
_LIVE_AT = re.compile(
    r"(?<!\w)(?:(?:live|lives|lived|living|reside|resides|home) at|address(?: is|:)"
    r"|(?:mail|send|ship) (?:it |that |them )?to)"
    r"[\s:]{1,3}(?P<hide>\d{1,6}[A-Z]?,? [A-Z][\w'’.-]{2,20}(?: (?-i:[A-Z])[\w'’.-]{1,20}){0,3})",
    _I,
)
_LIVE_UNIT = re.compile(r"\b(?:apt|apartment)\.? ?#? ?\d{1,5}[A-Z]?\b", _I)


def public_pages(text: str) -> list[Place]:
    """Return the places of web addresses that lead to a page of a public site, which tells nothing of a family."""
    words = shared_words()
    return [span.place for span in _urls(text, words) if _public_page(text[span.start : span.end], words)]


def find_patterns(text: str, taken: list[Place]) -> list[Span]:
    """Return the patterned identifiers of a text, none touching another or a place that is taken."""
    words = shared_words()
    found: list[Span] = []
    occupied = list(taken)
    text = _evened(text, taken)
    for finder in _ANYWHERE + _WITH_DIGITS if _DIGIT.search(text) else _ANYWHERE:
        new = [span for span in finder(text, words) if span.end > span.start]
        for span in _free(new, occupied):
            found.append(span)
            occupied.append(span.place)
    return found


def _evened(text: str, taken: list[Place]) -> str:
    """Return a text of the same length in which dashes and spaces are plain ones, and nothing taken is read."""
    text = text.translate(_PLAIN)
    for start, end in taken:
        text = f"{text[:start]}{'[' * (end - start)}{text[end:]}"
    return text


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


def _births(text: str, _words: Words) -> list[Span]:
    """Find the dates that "born" or "birthday" stands before."""
    spans = []
    for match in _BIRTH_BEFORE.finditer(text):
        if not _NO_BIRTH.search(match["gap"]):
            article = len("the ") if match["hide"].lower().startswith("the ") else 0
            spans.append(Span(match.start("hide") + article, match.end("hide"), "birth_date"))
    return spans


def _strong_codes(text: str, _words: Words) -> list[Span]:
    """Find codes after what is always followed by one: "MRN", "member ID", "SSN"."""
    spans = []
    for match in _STRONG_CODE.finditer(text):
        if match["glued"]:
            spans.append(Span(*match.span("digits"), "record_number" if match["glued"][0] in "mM" else "id_number"))
        elif _is_code(match, text, least=3, sure=True):
            spans.append(Span(*match.span("hide"), _kind(match["noun"])))
    return spans


def _weak_codes(text: str, _words: Words) -> list[Span]:
    """Find codes after what is often followed by something else: "file", "plan", "number"."""
    spans = []
    for match in _WEAK_CODE.finditer(text):
        marked = _MARKED.search(match["noun"] + match["fill"]) is not None
        if _is_code(match, text, least=4 if marked or re.search(r"[A-Z]", match["hide"]) else 5):
            spans.append(Span(*match.span("hide"), _kind(match["noun"])))
    return spans


def _is_code(match: re.Match[str], text: str, least: int, sure: bool = False) -> bool:
    """Return whether what was found is no date, year, measure or public number, and has enough digits.

    Args:
        least: of digits.
        sure: the noun before it goes with a code only, so that few dates are believed.
    """
    code = match["hide"]
    date = _SURE_DATE if sure else _DATE_ONLY
    if len(_DIGIT.findall(code)) < least or len(code) < _SHORTEST_CODE or date.fullmatch(code):
        return False
    if not sure and _PHONE_BEFORE.search(text, max(0, match.start() - 20), match.start()):
        return False
    if _public(text, match.start(), code):
        return False
    return _UNIT.match(text, match.end("hide")) is None


def _public(text: str, start: int, code: str) -> bool:
    """Return whether a code numbers a trial, a paper, a drug: what everybody may know."""
    return bool(_PUBLIC.match(code) or _PUBLIC_BEFORE.search(text, max(0, start - 24), start))


def _kind(noun: str) -> str:
    """Return the kind of a code by the noun before it: of a record, or any other."""
    return "record_number" if _OF_RECORD.match(noun) else "id_number"


def _long_codes(text: str, _words: Words) -> list[Span]:
    """Find codes that are so long, or so mixed, that they need no word before them."""
    return [
        Span(*match.span(), "id_number")
        for match in _LONG_CODE.finditer(text)
        if not _public(text, match.start(), match[0])
    ]


def _of(pattern: re.Pattern[str], kind: str) -> Callable[[str, Words], list[Span]]:
    """Return a finder for what a pattern finds: its group `hide` (or another filled one), or all of it."""

    def find(text: str, _words: Words) -> list[Span]:
        spans = []
        for match in pattern.finditer(text):
            groups = match.groupdict()
            group = next((name for name in ("hide", "form") if groups.get(name)), None)
            start, end = match.span(group) if group else match.span()
            spans.append(Span(start, end, kind))
        return spans

    return find


def _public_page(address: str, words: Words) -> bool:
    """Return whether a web address leads to a page of a public site that has no pages of families."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
    except ValueError:  # "https://[my page": no address at all
        return False
    host = (parts.hostname or "").removeprefix("www.")
    known = any(host == site or host.endswith(f".{site}") for site in words.public_sites)
    return known and not parts.query and not parts.fragment and "@" not in address


def _urls(text: str, _words: Words) -> list[Span]:
    """Find web addresses, without the mark that ends their sentence."""
    spans = []
    for match in _URL.finditer(text):
        kept = match[0].rstrip(".,;:!?)'\"]")
        spans.append(Span(match.start(), match.start() + len(kept), "url"))
    return spans


def _emails(text: str, _words: Words) -> list[Span]:
    return [
        Span(match.start(), match.start() + len(match[0].rstrip(".-_")), "email") for match in _EMAIL.finditer(text)
    ]


def _phones(text: str, _words: Words) -> list[Span]:
    """Find telephone numbers in digits."""
    spans = []
    for match in _PHONE.finditer(text):
        if _is_phone(match[0]) and not _public(text, match.start(), match[0]):
            spans.append(Span(match.start(), match.end(), "phone"))
    for match in _PHONE_SAID.finditer(text):
        if len(_DIGIT.findall(match["hide"])) >= 7 and _is_phone(match["hide"]):
            spans.append(Span(*match.span("hide"), "phone"))
    return spans


def _spelled_phones(text: str, _words: Words) -> list[Span]:
    return [
        Span(*match.span(), "phone") for match in _PHONE_SPELLED.finditer(text) if not _COUNTED.search(match[0].lower())
    ]


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
    if len(groups) == 1:
        return "+" in number or not number.endswith("0000")
    if "+" in number:
        return True
    # Doses of a day: "100-100-200".
    if all(group.endswith("0") and len(group) < 4 for group in groups):
        return False
    if len(groups[-1]) == 4 and len(groups[-2]) == 3:
        return True
    return digits >= 9 and len(groups) >= 2 and all(len(group) >= 2 for group in groups[1:])


@lru_cache(maxsize=1)
def _house() -> re.Pattern[str]:
    """Return what finds a house number, a street, and the unit and town after it."""
    kinds = "|".join(sorted(shared_words().streets, key=len, reverse=True))
    return re.compile(_HOUSE_BEFORE + kinds + _HOUSE_AFTER, _I)


def _addresses(text: str, words: Words) -> list[Span]:
    """Find postal addresses with a house number before the street."""
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


_ANYWHERE: tuple[Callable[[str, Words], list[Span]], ...] = (
    _urls,
    _emails,
    _of(_HANDLE, "url"),
    _spelled_phones,
    _of(_HOUSE_IN_WORDS, "address"),
    _births,
)
_WITH_DIGITS: tuple[Callable[[str, Words], list[Span]], ...] = (
    _of(_BIRTH_AFTER, "birth_date"),
    _of(_NATIONAL, "id_number"),
    _strong_codes,
    _of(_LAST_FOUR, "id_number"),
    _addresses,
    _of(_POSTAL, "address"),
    _of(_STATE_ZIP, "address"),
    _of(_LIVE_AT, "address"),
    _of(_HASHED, "record_number"),
    _phones,
    _weak_codes,
    _long_codes,
    _of(_LIVE_UNIT, "address"),
)
