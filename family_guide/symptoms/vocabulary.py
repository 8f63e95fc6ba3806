"""The words that tell of symptoms, as typed data: `content/symptoms.yml`."""

from pathlib import Path

import yaml
from pydantic import BaseModel, Extra, ValidationError


class VocabularyError(ValueError):
    """`content/symptoms.yml` is not as it should be; says where and how to mend it."""


class Model(BaseModel):
    """A part of the vocabulary: refuses unknown keys, never changes."""

    class Config:
        """See the class."""

        extra = Extra.forbid
        allow_mutation = False


class Symptom(Model):
    """Terms for one symptom; `also` names another that is present whenever this one is."""

    present: tuple[str, ...]
    denied: tuple[str, ...] = ()
    also: str = ""


class Sides(Model):
    """Words for the sides, and those that may stand between a side and the body part."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    both: tuple[str, ...]
    between: tuple[str, ...]


class Persons(Model):
    """Words for the person the symptoms are about."""

    child: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    self: tuple[str, ...] = ()


class Negation(Model):
    """The negspacy termset, and words that say that something is there again."""

    preceding: tuple[str, ...]
    following: tuple[str, ...]
    ends: tuple[str, ...]
    none: tuple[str, ...]
    answers_before: tuple[str, ...]
    lists: tuple[str, ...]
    again: tuple[str, ...]


class Vocabulary(Model):
    """All words that the extractor knows; the file explains each list."""

    symptoms: dict[str, Symptom]
    no_symptom: tuple[str, ...]
    body_parts: dict[str, tuple[str, ...]]
    no_body_part: tuple[str, ...]
    sides: Sides
    not_the_patient: tuple[str, ...]
    grown_ups: tuple[str, ...]
    persons: Persons
    tells: tuple[str, ...]
    spoken_to: tuple[str, ...]
    person_phrases: Persons
    negation: Negation
    barely: tuple[str, ...]
    uncertain: tuple[str, ...]
    question_starts: tuple[str, ...]
    personal: tuple[str, ...]
    tells_after_has: tuple[str, ...]
    answered_no: tuple[str, ...]
    answered_yes: tuple[str, ...]
    clause_ends: tuple[str, ...]
    clause_starts: tuple[str, ...]
    placeless: tuple[str, ...]
    spreading: tuple[str, ...]
    fragments: tuple[str, ...]
    other_times: tuple[str, ...]
    visits: tuple[str, ...]
    time_words: tuple[str, ...]
    so_far: tuple[str, ...]
    corrections: tuple[str, ...]
    takes_back: tuple[str, ...]
    leave_alone: tuple[str, ...]


def load_vocabulary(path: Path) -> Vocabulary:
    """Read the vocabulary.

    Args:
        path: `content/symptoms.yml`.

    Raises:
        VocabularyError: it cannot be read, or a key is missing, unknown or of the wrong kind.
    """
    try:
        return Vocabulary.parse_obj(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise VocabularyError(f"{path}: cannot be read: {error}. Mend the YAML at the place named.") from error
    except ValidationError as error:
        lines = (f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. Mend this entry." for e in error.errors())
        raise VocabularyError("\n".join(lines)) from error
