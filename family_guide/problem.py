"""One thing wrong with the content, as an editor is told about it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the content.

    Attributes:
        code: stable, to look up (docs/content-checks.md).
        where: file and key.
        message: what is wrong, and the fix.
    """

    code: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.code} {self.where}: {self.message}"
