"""What the assistant's own files say: titles of topics, questions and outcomes, and the source page.

The files are read, never written: suggestions leave this app as an export.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

FAQ = "faq/"
_INTENTS = {
    "chat/ask_diagnosis": "Asks for a diagnosis",
    "emergency": "Emergency",
    "crisis": "Crisis",
    "unknown": "Not understood",
    "clarify": "Asked back",
    "check_symptoms": "Symptom check",
    "ask_topic": "Chose a topic",
    "other_language": "Another language",
    "delete_conversation": "Asks to delete",
    "show_my_data": "Asks for stored data",
}


@dataclass(frozen=True)
class Content:
    """Names for people of what the assistant's files call by ids.

    Attributes:
        topics: topic (`faq/can_it_spread`) -> title.
        files: topic -> name of the file under `data/faq` with its phrasings.
        questions: id of a question of the symptom check -> label, in their order.
        outcomes: id of an outcome -> title.
        page: title of the source page.
    """

    topics: Mapping[str, str]
    files: Mapping[str, str]
    questions: Mapping[str, str]
    outcomes: Mapping[str, str]
    page: str

    def label_title(self, label: str) -> str:
        """Return words for an intent or a topic."""
        if label in self.topics:
            return self.topics[label]
        return _INTENTS.get(label) or label.split("/")[-1].replace("_", " ").capitalize()

    def by_file(self) -> dict[str, list[tuple[str, str]]]:
        """Return (topic, title) pairs by theme, for a list to choose from."""
        grouped: dict[str, list[tuple[str, str]]] = {}
        for topic, title in self.topics.items():
            theme = self.files[topic].removesuffix(".yml").replace("_", " ").capitalize()
            grouped.setdefault(theme, []).append((topic, title))
        return grouped


def content() -> Content:
    """Return what the files say now; they are read again when one of them changes."""
    return _read(settings.ASSISTANT_DIR, _changed_at(settings.ASSISTANT_DIR))


def _faq_files(folder: Path) -> list[Path]:
    return sorted((folder / "data" / "faq").glob("*.yml"))


def _changed_at(folder: Path) -> int:
    files = [*_faq_files(folder), folder / "content" / "symptom_check.yml", folder / "content" / "sources" / "asps.yml"]
    return sum(file.stat().st_mtime_ns for file in files if file.exists())


@lru_cache(maxsize=2)
def _read(folder: Path, _changed_at: int) -> Content:
    topics, files = {}, {}
    for file in _faq_files(folder):
        for key, variants in (_yaml(file).get("responses") or {}).items():
            topic = str(key).removeprefix("utter_")
            metadata = (variants[0] if variants else {}).get("metadata") or {}
            topics[topic] = str(metadata.get("title") or topic.removeprefix(FAQ).replace("_", " "))
            files[topic] = file.name
    check = _yaml(folder / "content" / "symptom_check.yml")
    source = _yaml(folder / "content" / "sources" / "asps.yml")
    return Content(
        topics=topics,
        files=files,
        questions={str(q["id"]): str(q.get("label") or q["id"]) for q in check.get("questions") or []},
        outcomes={str(o["id"]): str(o.get("title") or o["id"]) for o in check.get("outcomes") or []},
        page=str((source.get("page") or {}).get("title") or ""),
    )


def _yaml(file: Path) -> dict[str, Any]:
    """Return what a file holds; a file that is missing or broken leaves ids in place of titles."""
    try:
        found = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}
