"""The languages that are recognised, and what a family who writes in one is told."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml


class LanguagesError(ValueError):
    """`content/languages.yml` is not as it should be; says where and how to mend it."""


@dataclass(frozen=True)
class Language:
    """One language besides English.

    Attributes:
        code: ISO 639-1.
        name: in English, for staff.
        reply: what the family is told, in this language.
        words: in lower case; a short message that begins with one is in this language.
        script: a regular expression for its letters, or empty where they are Latin.
    """

    code: str
    name: str
    reply: str
    words: frozenset[str]
    script: str

    def has(self, letter: str) -> bool:
        """Return whether a letter belongs to this language's own script."""
        return re.match(self.script, letter) is not None


def load_languages(path: Path) -> tuple[Language, ...]:
    """Read the languages.

    Args:
        path: `content/languages.yml`.

    Raises:
        LanguagesError: a language lacks a code, name or reply, stands twice, or
            its script is no regular expression.
    """
    entries = (yaml.safe_load(path.read_text("utf-8")) or {}).get("languages") or []
    languages: list[Language] = []
    for number, entry in enumerate(entries, start=1):
        for key in ("code", "name", "reply"):
            if not isinstance(entry.get(key), str) or not entry[key].strip():
                raise LanguagesError(f"{path}: languages, entry {number}: {key} is missing. Give it as text.")
        try:
            re.compile(entry.get("script") or "")
        except re.error as error:
            raise LanguagesError(f"{path}: {entry['code']}: script: {error}. Give a character class.") from error
        if entry["code"] in {language.code for language in languages}:
            raise LanguagesError(f"{path}: {entry['code']} stands twice. Keep one.")
        languages.append(
            Language(
                entry["code"],
                entry["name"],
                entry["reply"].strip(),
                frozenset(str(word).lower() for word in entry.get("words") or []),
                entry.get("script") or "",
            )
        )
    return tuple(languages)
