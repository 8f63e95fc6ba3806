"""Word lists of packages that we depend on; nothing of them runs but what holds the lists."""

from __future__ import annotations

import pkgutil
import re
import unicodedata
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

_ENGLISH = "frequency_dictionary_en_82_765.txt"
_FIRST_NAMES = ("dist.female.first", "dist.male.first")
_FAMILY_NAMES = "dist.all.last"
_LATIN_NAME = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff'\u2019 -]+")


def plain(word: str) -> str:
    """Return a word in lower case, without accents and with straight apostrophes."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def english_by_frequency() -> tuple[str, ...]:
    """Return the words of the English dictionary that symspellpy carries, in lower case, the most frequent first.

    Raises:
        FileNotFoundError: the package is not installed or carries no dictionary.
    """
    return tuple(_first_words("symspellpy", _ENGLISH))


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """Return the same words without their order.

    Raises:
        FileNotFoundError: as above.
    """
    return frozenset(english_by_frequency())


@lru_cache(maxsize=1)
def census_first_names() -> frozenset[str]:
    """Return the first names of the US census of 1990, in lower case.

    Raises:
        FileNotFoundError: the package `names` is not installed or is another one.
    """
    return frozenset(name for file in _FIRST_NAMES for name in _first_words("names", file))


@lru_cache(maxsize=1)
def census_family_names(most: int) -> frozenset[str]:
    """Return the most frequent family names of the US census of 1990, in lower case.

    Raises:
        FileNotFoundError: the package `names` is not installed or is another one.
    """
    return frozenset(_first_words("names", _FAMILY_NAMES, most))


@lru_cache(maxsize=1)
def first_names_of_the_world() -> frozenset[str]:
    """Return first names in Latin letters of all languages that Faker knows, in lower case without accents.

    Raises:
        ModuleNotFoundError: the package `faker` is not installed.
    """
    return _faker_names("first_name")


@lru_cache(maxsize=1)
def family_names_of_the_world() -> frozenset[str]:
    """Return family names in Latin letters of all languages that Faker knows, in lower case without accents.

    Raises:
        ModuleNotFoundError: the package `faker` is not installed.
    """
    return _faker_names("last_name")


@lru_cache(maxsize=1)
def places_of_the_world() -> frozenset[str]:
    """Return the words in the names of countries, their capitals and the states of the USA, in lower case.

    Raises:
        ModuleNotFoundError: the package `faker` is not installed.
    """
    times, states = import_module("faker.providers.date_time"), import_module("faker.providers.address.en_US")
    countries = times.Provider.countries
    names = [*(country.name for country in countries), *(country.capital for country in countries)]
    return frozenset(plain(word) for name in [*names, *states.Provider.states] for word in name.split())


def _faker_names(kind: str) -> frozenset[str]:
    package = import_module("faker.providers.person")
    found: set[str] = set()
    for language in pkgutil.iter_modules(package.__path__):
        provider = vars(import_module(f"{package.__name__}.{language.name}").Provider)
        for key, names in provider.items():
            if key.startswith(kind) and isinstance(names, (list, tuple, dict)):
                # Japanese names come with their ways of writing, one of them in Latin letters.
                written = (form for name in names for form in ((name,) if isinstance(name, str) else name))
                found.update(part for name in written if _LATIN_NAME.fullmatch(name) for part in plain(name).split())
    return frozenset(found)


def _first_words(package: str, file: str, most: int | None = None) -> list[str]:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package {package} is not installed")
    lines = (Path(spec.origin).parent / file).read_text("utf-8-sig").splitlines()
    return [line.split(maxsplit=1)[0].lower() for line in lines[:most] if line.strip()]
