"""The words by which identifying text is known: `content/privacy.yml`, on top of the lists of packages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from family_guide.settings import ROOT
from family_guide.words import (
    census_family_names,
    census_first_names,
    english_by_frequency,
    english_words,
    family_names_of_the_world,
    first_names_of_the_world,
    places_of_the_world,
    plain,
)

PRIVACY = ROOT / "content" / "privacy.yml"
_EVERYDAY = 25_000
"""How many of the most frequent words of English are everyday words."""
_FAMILY_NAMES = 3_000
"""How many of the most frequent family names are known; others are known by what stands around them."""
_ALL_FAMILY_NAMES = 90_000
_FREQUENT = 5_000
"""How many words are so frequent that a capital makes no name of them ("Captain", "Branch")."""
_SHORTEST_NAME = 4
"""Shorter names of the world are too often something else to stand alone."""


class PrivacyWordsError(ValueError):
    """`content/privacy.yml` lacks a key or holds something else than words; says which."""


@dataclass(frozen=True)
class Words:
    """Word lists, all in lower case and without accents.

    Attributes:
        first_names: given names that are no everyday words.
        family_names: names that follow a given name, and are seldom anything else.
        double: names that are everyday words or places too ("Grace", "May").
        capital_names: given and family names, among them rare words, that are names where a capital
            stands within a sentence ("Isolde", "Fitzgerald").
        all_names: whatever some list of names has.
        common: everyday words.
        never: names of diseases, places, makes and times, which identify nobody.
        relatives, relative_to, titles, sign_offs, thanks, never_after, no_person, patients_have, owners,
            endearing, follows_name, joiners, particles, articles, name_nouns, speaker, pointers,
            before_called, copulas, presenting, presenting_verbs, things_called, naming, naming_somebody,
            somebody, foreign_introductions, before_foreign, belongings, person_verbs, names_follow,
            names_may_follow, person_goes_on, person_does, things_follow: see `content/privacy.yml`
            (`no_person` is `makes_it_no_person` there).
        harmless: finds whole expressions with a name in them that identify nobody.
        streets, everyday_streets, never_before_street: parts of addresses, and what is none.
        telling_keys: finds a key of metadata whose value identifies somebody.
        public_sites: hosts whose pages are about no family.
    """

    first_names: frozenset[str]
    family_names: frozenset[str]
    double: frozenset[str]
    capital_names: frozenset[str]
    all_names: frozenset[str]
    common: frozenset[str]
    never: frozenset[str]
    relatives: frozenset[str]
    relative_to: frozenset[str]
    titles: frozenset[str]
    sign_offs: frozenset[str]
    thanks: frozenset[str]
    never_after: frozenset[str]
    no_person: frozenset[str]
    patients_have: frozenset[str]
    owners: frozenset[str]
    endearing: frozenset[str]
    follows_name: frozenset[str]
    joiners: frozenset[str]
    particles: frozenset[str]
    articles: frozenset[str]
    name_nouns: frozenset[str]
    speaker: frozenset[str]
    pointers: frozenset[str]
    before_called: frozenset[str]
    copulas: frozenset[str]
    presenting: frozenset[str]
    presenting_verbs: frozenset[str]
    things_called: frozenset[str]
    naming: frozenset[str]
    naming_somebody: frozenset[str]
    somebody: frozenset[str]
    foreign_introductions: frozenset[str]
    before_foreign: frozenset[str]
    belongings: frozenset[str]
    person_verbs: frozenset[str]
    names_follow: frozenset[str]
    names_may_follow: frozenset[str]
    person_goes_on: frozenset[str]
    person_does: frozenset[str]
    things_follow: frozenset[str]
    harmless: re.Pattern[str]
    streets: frozenset[str]
    everyday_streets: frozenset[str]
    never_before_street: frozenset[str]
    telling_keys: re.Pattern[str]
    public_sites: frozenset[str]


def load_words(path: Path = PRIVACY) -> Words:
    """Read the word lists.

    Raises:
        PrivacyWordsError: a key is missing or is no text (for
            `harmless_expressions`: no list of texts).
        OSError: a file, or the list of a package, cannot be read.
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
    double = words("words_that_are_names")
    everyday = words("more_everyday_words") | double
    no_names = double | words("no_first_names")
    frequent = frozenset(english_by_frequency()[:_FREQUENT])
    rare = frozenset(name for name in first_names_of_the_world() if len(name) >= _SHORTEST_NAME)
    first_names = (census_first_names() | words("more_first_names")) - no_names
    first_names |= rare - english_words() - everyday - no_names
    keys = "|".join(sorted(words("telling_keys")))
    every_name = first_names_of_the_world() | family_names_of_the_world() | census_family_names(_ALL_FAMILY_NAMES)
    return Words(
        first_names=first_names,
        family_names=census_family_names(_FAMILY_NAMES) - words("everyday_family_names"),
        double=double,
        capital_names=(every_name | first_names) - frequent - everyday - words("no_first_names"),
        all_names=every_name | first_names | double,
        common=(frozenset(english_by_frequency()[:_EVERYDAY]) | everyday) - first_names,
        never=words("never_names") | (places_of_the_world() - first_names - double),
        relatives=words("relatives"),
        relative_to=words("relative_to"),
        titles=words("titles"),
        sign_offs=words("sign_offs"),
        thanks=words("thanks"),
        never_after=words("never_after"),
        no_person=words("makes_it_no_person"),
        patients_have=words("patients_have"),
        owners=words("owners"),
        endearing=words("endearing"),
        follows_name=words("follows_name"),
        joiners=words("joiners"),
        particles=words("particles"),
        articles=words("articles"),
        name_nouns=words("name_nouns"),
        speaker=words("speaker"),
        pointers=words("pointers"),
        before_called=words("before_called"),
        copulas=words("copulas"),
        presenting=words("presenting"),
        presenting_verbs=words("presenting_verbs"),
        things_called=words("things_called"),
        naming=words("naming"),
        naming_somebody=words("naming_somebody"),
        somebody=words("somebody"),
        foreign_introductions=words("foreign_introductions"),
        before_foreign=words("before_foreign"),
        belongings=words("belongings"),
        person_verbs=words("person_verbs"),
        names_follow=words("names_follow"),
        names_may_follow=words("names_may_follow"),
        person_goes_on=words("person_goes_on"),
        person_does=words("person_does"),
        things_follow=words("things_follow"),
        harmless=re.compile(rf"(?<!\w)(?:{alternatives})", re.IGNORECASE),
        streets=words("streets"),
        everyday_streets=words("everyday_streets"),
        never_before_street=words("never_before_street"),
        telling_keys=re.compile(
            rf"(?:^|[^a-z])(?:user|first|last|full|display|nick)?(?:{keys})s?(?:[^a-z]|$)", re.IGNORECASE
        ),
        public_sites=words("public_sites"),
    )


@lru_cache(maxsize=1)
def shared_words() -> Words:
    """Return the word lists, loaded once per process."""
    return load_words()
