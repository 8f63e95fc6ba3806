"""The curated answers and the facts they rest on. Plain Python over plain data."""

from family_guide.answers.library import Answer, AnswerLibrary, Page

__all__ = ["Answer", "AnswerLibrary", "Page"]
