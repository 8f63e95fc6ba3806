"""The words by which identifying text is known: `content/privacy.yml` and the lists beside this file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from family_guide.settings import ROOT

PRIVACY = ROOT / "content" / "privacy.yml"
_HERE = Path(__file__).parent


class PrivacyWordsError(ValueError):
    """`content/privacy.yml` lacks a key or holds something else than words; says which."""


@dataclass(frozen=True)
class Words:
    """Word lists, all in lower case and without accents.

    Attributes:
        first_names: given names that are no everyday words.
        family_names: names that follow a given name, and are seldom anything else.
        double: names that are everyday words or places too ("Grace", "May").
        common: everyday words.
        never: names of diseases, places, makes and times, which identify nobody.
        relatives, titles, sign_offs, never_after, no_person, owners, follows_name, joiners,
            particles, name_nouns, speaker, pointers, before_called: see `content/privacy.yml`.
        harmless: finds whole expressions with a name in them that identify nobody.
        streets, everyday_streets, never_before_street: parts of addresses, and what is none.
        telling_keys: finds a key of metadata whose value identifies somebody.
    """

    first_names: frozenset[str]
    family_names: frozenset[str]
    double: frozenset[str]
    common: frozenset[str]
    never: frozenset[str]
    relatives: frozenset[str]
    titles: frozenset[str]
    sign_offs: frozenset[str]
    never_after: frozenset[str]
    no_person: frozenset[str]
    owners: frozenset[str]
    follows_name: frozenset[str]
    joiners: frozenset[str]
    particles: frozenset[str]
    name_nouns: frozenset[str]
    speaker: frozenset[str]
    pointers: frozenset[str]
    before_called: frozenset[str]
    harmless: re.Pattern[str]
    streets: frozenset[str]
    everyday_streets: frozenset[str]
    never_before_street: frozenset[str]
    telling_keys: re.Pattern[str]


def plain(word: str) -> str:
    """Return a word in lower case, without accents and with straight apostrophes."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def load_words(path: Path = PRIVACY) -> Words:
    """Read the word lists.

    Raises:
        PrivacyWordsError: a key is missing or is no text (for
            `harmless_expressions`: no list of texts).
        OSError: a file cannot be read.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise PrivacyWordsError(f"{path}: must be keys with words under them")

    def words(key: str) -> frozenset[str]:
        if not isinstance(content.get(key), str):
            raise PrivacyWordsError(f"{path}: {key}: must be words separated by spaces")
        return frozenset(plain(word) for word in content[key].split())

    expressions = content.get("harmless_expressions")
    if not isinstance(expressions, list) or not all(isinstance(item, str) for item in expressions):
        raise PrivacyWordsError(f"{path}: harmless_expressions: must be a list of expressions")
    alternatives = "|".join(re.escape(item) for item in expressions)
    return Words(
        first_names=_lines("first_names.txt"),
        family_names=_lines("family_names.txt"),
        double=words("words_that_are_names"),
        common=_lines("common_words.txt"),
        never=words("never_names"),
        relatives=words("relatives"),
        titles=words("titles"),
        sign_offs=words("sign_offs"),
        never_after=words("never_after"),
        no_person=words("makes_it_no_person"),
        owners=words("owners"),
        follows_name=words("follows_name"),
        joiners=words("joiners"),
        particles=words("particles"),
        name_nouns=words("name_nouns"),
        speaker=words("speaker"),
        pointers=words("pointers"),
        before_called=words("before_called"),
        harmless=re.compile(rf"(?<!\w)(?:{alternatives})", re.IGNORECASE),
        streets=words("streets"),
        everyday_streets=words("everyday_streets"),
        never_before_street=words("never_before_street"),
        telling_keys=re.compile(
            rf"(?:^|[^a-z])(?:user|first|last|full|display|nick)?(?:{'|'.join(sorted(words('telling_keys')))})s?(?:[^a-z]|$)",
            re.IGNORECASE,
        ),
    )


@lru_cache(maxsize=1)
def shared_words() -> Words:
    """Return the word lists, loaded once per process."""
    return load_words()


def _lines(name: str) -> frozenset[str]:
    return frozenset((_HERE / name).read_text(encoding="utf-8").split())
