"""What is kept of a symptom check between two messages: one JSON-serialisable dictionary."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from family_guide.symptom_check.protocol import Protocol

VERSION = 1
Status = Literal["active", "paused", "stopped", "done"]
How = Literal["asked", "volunteered"]


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        option: id of the chosen option.
        said: the family's own words where they say more than the option ("left thigh"), or empty.
        how: `asked`, or `volunteered` in a message about something else.
    """

    option: str
    said: str = ""
    how: How = "asked"


@dataclass
class State:
    """A symptom check between two messages.

    Attributes:
        status: `active`, `paused`, `stopped` by the family, or `done` with an outcome.
        open: id of the question that waits for an answer, or empty.
        answers: question id -> answer; only questions that apply.
        volunteered: the same for questions that have not come up yet.
        asked: ids of the questions shown, the latest last, each once: the way back.
        misses: replies in a row that were not an answer.
        echo: ids of volunteered answers that are still to be repeated back.
    """

    status: Status = "active"
    open: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    volunteered: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    misses: int = 0
    echo: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the state as a JSON-serialisable dictionary."""
        return {"version": VERSION, **asdict(self)}

    @property
    def chosen(self) -> dict[str, str]:
        """Question id -> id of the chosen option."""
        return {question: answer.option for question, answer in self.answers.items()}


def read_state(data: Any, protocol: Protocol) -> State | None:
    """Return the state that `State.to_dict` wrote, or `None` when it is corrupt or of another version.

    Answers to questions or options that the protocol does not have any more are left out: they are
    asked again.
    """
    try:
        if data["version"] != VERSION or data["status"] not in get_args(Status):
            return None
        known = protocol.questions_by_id
        answers = _answers(data["answers"], protocol)
        is_whole = len(answers) == len(data["answers"]) and data["open"] in known
        return State(
            status=data["status"],
            open=data["open"] if is_whole else "",
            answers=answers,
            volunteered=_answers(data["volunteered"], protocol),
            asked=[name for name in data["asked"] if name in known],
            misses=max(0, int(data["misses"])),
            echo=[name for name in data["echo"] if name in known],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _answers(data: dict[str, dict[str, Any]], protocol: Protocol) -> dict[str, Answer]:
    answers = {}
    for name, answer in data.items():
        question = protocol.questions_by_id.get(name)
        if question and question.option(answer["option"]):
            how: How = "volunteered" if answer["how"] == "volunteered" else "asked"
            answers[name] = Answer(answer["option"], str(answer["said"]), how)
    return answers
