"""Phrases as typed data: those a family types, those the assistant says, and those it must not say."""

from typing import Any

from pydantic import validator

from family_guide.symptom_check.model import Model, at_least_one


class Commands(Model):
    """Phrases for each command."""

    back: tuple[str, ...]
    why: tuple[str, ...]
    skip: tuple[str, ...]
    stop: tuple[str, ...]
    pause: tuple[str, ...]
    resume: tuple[str, ...]
    start_over: tuple[str, ...]
    change: tuple[str, ...]
    left: tuple[str, ...]
    explain: tuple[str, ...]


class Replies(Model):
    """How replies are understood, whatever the question; see the comments in the file."""

    yes: tuple[str, ...]
    no: tuple[str, ...]
    a_little: tuple[str, ...]
    not_sure: tuple[str, ...]
    before: tuple[str, ...]
    opens: tuple[str, ...]
    after: tuple[str, ...]
    fillers: tuple[str, ...]
    numbers: dict[str, int]
    correction: tuple[str, ...]
    corrects: tuple[str, ...]
    negators: tuple[str, ...]
    question_words: tuple[str, ...]
    commands: Commands

    _entries = validator("yes", "no", "a_little", "not_sure", allow_reuse=True)(at_least_one)


class ButtonTitles(Model):
    """Titles of the buttons that stand under every question or message."""

    back: str
    why: str
    skip: str
    pause: str
    stop: str
    resume: str
    start_over: str
    change: str
    wrong: str


class Wording(Model):
    """What the assistant says around the questions."""

    intro: str
    asked_cause: str
    progress: str
    progress_change: str
    left_many: str
    left_one: str
    left_none: str
    noted: str
    known: str
    you_said: str
    you_said_many: str
    changed: str
    correct_me: str
    missed: str
    missed_again: str
    skipped: str
    cannot_skip: str
    why_page: str
    why_safety: str
    first_question: str
    back: str
    change: str
    change_which: str
    nothing_to_change: str
    not_asked: str
    paused: str
    still_paused: str
    stays_paused: str
    resumed: str
    stopped: str
    started_over: str
    lost: str
    again: str
    because_answer: str
    because_words: str
    how_soon: str
    bring_title: str
    answers_title: str
    answers_note: str
    summary_title: str
    summary_note: str
    not_answered: str
    option_line: str
    option_explained: str
    buttons: ButtonTitles

    @validator("*", pre=True)
    def not_empty(cls, value: Any) -> Any:
        """Refuse an empty text."""
        if value == "":
            raise ValueError("is empty")
        return value


class Language(Model):
    """Phrases that no text may hold, and words that every outcome must hold."""

    specialist: tuple[str, ...]
    doctor: tuple[str, ...]
    call_now: tuple[str, ...]
    diagnosis: tuple[str, ...]
    reassurance: tuple[str, ...]
    easy_terms: tuple[str, ...] = ()

    _entries = validator("specialist", "doctor", "call_now", "diagnosis", "reassurance", allow_reuse=True)(at_least_one)
