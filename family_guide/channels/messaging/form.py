"""Replies in the form that messaging apps can show: short enough, numbered, in plain text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from family_guide.channels.replies import Reply

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"')\]”’]*\s+|\n+")
_NUMBER = re.compile(r"(?:option|number|no\.?|nr\.?|#)?\s*(\d{1,2})\s*[.)]?", re.IGNORECASE)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CALL = re.compile(r"\bcall (?:or text )?(\d{3,})", re.IGNORECASE)
_FEW = 5


@dataclass(frozen=True)
class Offer:
    """A button of a reply.

    Attributes:
        number: its place among all that were offered in this turn, from 1.
        key: its short id.
        title: its words.
        payload: what it stands for.
    """

    number: int
    key: str
    title: str
    payload: str


@dataclass(frozen=True)
class Said:
    """A reply with its buttons as offers."""

    reply: Reply
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True)
class Part:
    """One message for a platform's API.

    Attributes:
        message: what the platform is sent, without whom it is for.
        call: numbers of help lines that the reply names.
    """

    message: dict[str, Any]
    call: tuple[str, ...] = field(default=())


def length(text: str) -> int:
    """Return the length in UTF-16 units, the strictest way in which platforms count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(text: str, longest: int) -> list[str]:
    """Return the text in parts, split at ends of lines or sentences where possible.

    Args:
        text: any text.
        longest: most UTF-16 units in a part, above 1.

    Returns:
        The parts in order, none empty.
    """
    parts: list[str] = []
    current = ""
    for piece in _pieces(text.strip(), longest):
        if current and length(current + piece.rstrip()) > longest:
            parts.append(current.strip())
            current = ""
        current += piece
    return [part for part in [*parts, current.strip()] if part]


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Give sentences with the space behind them; a longer one in words, a longer word in bits."""
    start = 0
    for match in [*_SENTENCE_END.finditer(text), None]:
        end = match.end() if match else len(text)
        sentence = text[start:end]
        start = end
        if length(sentence) <= longest:
            yield sentence
            continue
        for word in re.findall(r"\S+\s*|\s+", sentence):
            while length(word) > longest:
                cut = _fitting(word, longest)
                yield word[:cut]
                word = word[cut:]
            yield word


def _fitting(text: str, longest: int) -> int:
    """Return how many characters of the text fit, at least one."""
    used = 0
    for index, character in enumerate(text):
        used += length(character)
        if used > longest:
            return max(index, 1)
    return len(text)


def cut(title: str, longest: int) -> str:
    """Return a title that fits, cut at a word where there is one."""
    if length(title) <= longest:
        return title
    short = title[: _fitting(title, longest - 1)]
    words = short.rsplit(" ", 1)[0]
    return (words if len(words) > longest // 2 else short).rstrip(" ,.;:") + "…"


def with_source(reply: Reply) -> str:
    """Return the reply's text, with the page it rests on."""
    if not reply.source:
        return reply.text
    return f"{reply.text}\n\nSource: {reply.source['publisher']}, “{reply.source['page']}”."


def with_numbers(text: str, offers: Sequence[Offer]) -> str:
    """Return the text with its offers as a numbered list and how to choose one."""
    if not offers:
        return text
    listed = "\n".join(f"{offer.number}. {offer.title}" for offer in offers)
    numbers = [str(offer.number) for offer in offers]
    if len(numbers) == 1:
        how = f"Reply {numbers[0]} to choose it."
    elif len(numbers) <= _FEW:
        how = f"Reply {', '.join(numbers[:-1])} or {numbers[-1]}."
    else:
        how = f"Reply with a number from {numbers[0]} to {numbers[-1]}."
    return f"{text}\n\n{listed}\n\n{how}"


def help_numbers(reply: Reply) -> tuple[str, ...]:
    """Return the telephone numbers that an emergency or crisis reply says to call, in order."""
    if reply.kind not in ("emergency", "crisis"):
        return ()
    return tuple(dict.fromkeys(_CALL.findall(reply.text)))


def with_tel_links(text: str, numbers: Sequence[str]) -> str:
    """Return the text with each number as a link that a phone dials when it is tapped (RFC 3966)."""
    return "\n".join([text, "", *(f"Tap to call {number}: tel:{number}" for number in numbers)]) if numbers else text


def typed_number(text: str) -> int | None:
    """Return the number of an option that was typed, such as `2`, `2.`, `option 2` or `two`; None for other words."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Cf", "Mn", "Me"))
    plain = plain.strip().lower().rstrip(".!")
    if plain in _WORDS:
        return _WORDS.index(plain) + 1
    match = _NUMBER.fullmatch(plain)
    return int(match[1]) if match else None


def same_words(one: str, other: str) -> bool:
    """Return whether two texts are the same but for capitals, space and marks at the end."""

    def bare(text: str) -> str:
        return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(" .!?")

    return bare(one) == bare(other)
