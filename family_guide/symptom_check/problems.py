"""What can be wrong with a content file, said so that the person who wrote it can mend it."""

from pathlib import Path

from family_guide.problem import Problem


def defect(code: str, file: Path, key: str, message: str, fix: str) -> Problem:
    """Return a problem that names file, key and fix.

    Args:
        code: stable, such as `P005`; listed in `family_guide.symptom_check.checks.CODES`.
        file: the file it stands in.
        key: where in the file, such as `questions.lump.options.yes`.
        message: what is wrong.
        fix: what to do about it.
    """
    return Problem(code, f"{file}: {key}", f"{message} {fix}")


class ContentError(ValueError):
    """A content file cannot be used.

    Attributes:
        problems: every defect that was found; the message lists them all.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
