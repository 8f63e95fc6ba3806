"""What can be wrong with a content file, said so that the person who wrote it can mend it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One defect of a content file.

    Attributes:
        code: stable, such as `P005`; listed in `family_guide.symptom_check.checks.CODES`.
        file: the file it stands in.
        key: where in the file, such as `questions.lump.options.yes`.
        message: what is wrong.
        fix: what to do about it.
    """

    code: str
    file: Path
    key: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.code} {self.file}: {self.key}: {self.message} {self.fix}"


class ContentError(ValueError):
    """A content file cannot be used.

    Attributes:
        problems: every defect that was found; the message lists them all.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
