"""One thing that a message says."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal["symptom", "body_part", "duration", "age", "person"]
Status = Literal["present", "denied", "asked"]


@dataclass(frozen=True)
class Finding:
    """One thing that a message says, with the words that say it.

    Attributes:
        kind: what sort of thing.
        name: of the symptom, body part or person, as in `content/symptoms.yml`; for a duration or
            an age its unit: `day`, `week`, `month` or `year`.
        words: as typed.
        start, end: where they stand in the message, in characters.
        status: `denied` where the message says that it is not there; `asked` where it only asks
            about it in general.
        body_part, side: of a symptom or body part, or empty. Side: `left`, `right` or `both`.
        amount: of a duration or an age, counted in its unit; otherwise 0.
    """

    kind: Kind
    name: str
    words: str
    start: int = 0
    end: int = 0
    status: Status = "present"
    body_part: str = ""
    side: str = ""
    amount: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON-serialisable dictionary."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Finding":
        """Return the finding that `to_dict` wrote.

        Raises:
            ValueError: it is none.
        """
        try:
            finding = cls(**data)
        except TypeError as error:
            raise ValueError(f"not a finding: {error}") from error
        if finding.kind not in get_args(Kind) or finding.status not in get_args(Status):
            raise ValueError(f"not a finding: kind {finding.kind!r}, status {finding.status!r}")
        return finding
