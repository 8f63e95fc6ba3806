"""Word lists of packages that we depend on; their files are read, nothing is imported."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_ENGLISH = "frequency_dictionary_en_82_765.txt"
_FIRST_NAMES = ("dist.female.first", "dist.male.first")
_FAMILY_NAMES = "dist.all.last"


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


def _first_words(package: str, file: str, most: int | None = None) -> list[str]:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package {package} is not installed")
    lines = (Path(spec.origin).parent / file).read_text("utf-8-sig").splitlines()
    return [line.split(maxsplit=1)[0].lower() for line in lines[:most] if line.strip()]
