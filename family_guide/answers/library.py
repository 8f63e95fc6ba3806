"""Reads the curated answers and the facts of the source page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

UTTER = "utter_"


class LibraryError(ValueError):
    """A file of answers or facts cannot be read; says which and how to mend it."""


@dataclass(frozen=True)
class Page:
    """The source page: its title, who publishes it, and its facts.

    Attributes:
        title: as the page names itself.
        publisher: who publishes it.
        facts: what the page says, in our own words, by id.
        headings: the page's heading each fact stands under, by the fact's id.
    """

    title: str
    publisher: str
    facts: Mapping[str, str]
    headings: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """One curated answer.

    Attributes:
        topic: the leaf of its intent, such as `faq/can_it_spread`.
        text: what the family reads.
        title: a few words, for a button.
        facts: ids of the facts it rests on.
        heading: the page's heading that is named as its source, or None.
        related: topics to offer next, without the `faq/`.
        follow_ups: by what a follow-up asks for (`why`), the topic that answers it.
        covered: False where the page does not answer the question.
        file: where it stands.
        phrasings: how families ask it.
    """

    topic: str
    text: str
    title: str
    facts: tuple[str, ...]
    heading: str | None
    related: tuple[str, ...]
    follow_ups: Mapping[str, str]
    covered: bool
    file: Path
    phrasings: tuple[str, ...]

    @property
    def id(self) -> str:
        """The topic without its retrieval intent."""
        return self.topic.split("/", 1)[1]


class AnswerLibrary:
    """All curated answers, by topic.

    Args:
        answers: the answers.
        page: the source page they draw on.
    """

    def __init__(self, answers: list[Answer], page: Page) -> None:
        self._answers = {answer.topic: answer for answer in answers}
        self.page = page

    @classmethod
    def load(cls, data: Path, sources: Path) -> "AnswerLibrary":
        """Read the answers under `data/faq` and the page under `content/sources`.

        Args:
            data: the folder of Rasa's training data.
            sources: the folder with the facts.

        Raises:
            LibraryError: a file is not YAML or lacks a part; names file, key and fix.
        """
        answers = [a for file in sorted((data / "faq").glob("*.yml")) for a in _read_answers(file)]
        return cls(answers, read_page(sources / "asps.yml"))

    def __iter__(self) -> Iterator[Answer]:
        return iter(self._answers.values())

    def get(self, topic: str) -> Answer | None:
        """Return the answer to a topic such as `faq/can_it_spread`, or None."""
        return self._answers.get(topic)

    def near(self, topic: str) -> frozenset[str]:
        """Return the topics that are near to one, itself among them: of the same file, related, or following it up.

        Args:
            topic: such as `faq/can_it_spread`.
        """
        answer = self.get(topic)
        if answer is None:
            return frozenset()
        named = (f"faq/{name}" for name in (*answer.related, *answer.follow_ups.values()))
        return frozenset({*named, *(other.topic for other in self if other.file == answer.file)})

    def title(self, topic: str) -> str | None:
        """Return the few words that name a topic on a button, or None."""
        answer = self.get(topic)
        return answer.title if answer else None


def read_yaml(file: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        LibraryError: the file is missing or is not YAML.
    """
    try:
        return yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise LibraryError(f"{file}: {error}. Mend the file so that it is valid YAML.") from error


def read_page(file: Path) -> Page:
    """Read the facts of the source page.

    Raises:
        LibraryError: the file lacks `page` or `facts`, or a fact's id stands twice.
    """
    content = read_yaml(file)
    facts: dict[str, str] = {}
    headings: dict[str, str] = {}
    try:
        for section in content["facts"]:
            for fact, statement in section["statements"].items():
                if fact in facts:
                    raise LibraryError(f"{file}: facts: {fact} stands twice. Give one of them a new number.")
                facts[fact], headings[fact] = statement, section["heading"]
        return Page(content["page"]["title"], content["page"]["publisher"], facts, headings)
    except (KeyError, TypeError) as error:
        raise LibraryError(f"{file}: {error} is missing. See the other entries for the form.") from error


def _read_answers(file: Path) -> Iterator[Answer]:
    content = read_yaml(file) or {}
    phrasings = {
        entry["intent"]: tuple(line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line)
        for entry in content.get("nlu") or []
    }
    for key, variants in (content.get("responses") or {}).items():
        for variant in variants:
            metadata = variant.get("metadata") or {}
            topic = key.removeprefix(UTTER)
            yield Answer(
                topic=topic,
                text=(variant.get("text") or "").strip(),
                title=metadata.get("title") or "",
                facts=tuple(metadata.get("facts") or ()),
                heading=metadata.get("heading"),
                related=tuple(metadata.get("related") or ()),
                follow_ups=metadata.get("follow_ups") or {},
                covered=not metadata.get("not_covered", False),
                file=file,
                phrasings=phrasings.get(topic, ()),
            )
