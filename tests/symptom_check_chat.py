"""A chat with the running assistant, in which every reply is held to what no reply may ever break."""

import re
from typing import Any

from tests.conftest import Assistant

Message = dict[str, Any]

KINDS = {"answer", "question", "outcome", "emergency", "crisis", "clarify", "fallback", "info"}
INTERNAL = ("Traceback", "rasa", "sqlalchemy", "family_guide", "site-packages", "Exception", "/check_symptoms")

DIAGNOSES = [
    r"\b(?:she|he|you|they|child|person) (?:\w+ )?(?:has|have|had|got) (?:asps|cancer|a tumou?r|a sarcoma)\b",
    r"\b(?:it|this|that|lump|swelling) (?:\w+ )?(?:is|be) (?:\w+ )?(?:asps|cancer|a tumou?r|a sarcoma|malignant)\b",
    r"\b(?:sounds|looks) like (?:asps|cancer|a tumou?r|a cyst|a sprain|nothing)",
    r"\bsigns? of (?:asps|cancer|a tumou?r)\b",
    r"\b(?:likely|probably|chances are|caused by|suggests?|points to)\b",
    r"\d ?(?:%|percent)",
]
REASSURES = [
    r"\b(?:don't|do not|no need to|nothing to|no reason to) worry\b",
    r"\b(?:harmless|benign|unlikely|not serious|not cancer|no rush|good news|rest assured)\b",
    r"\b(?:it|she|he|you|child|person|lump|everything) (?:is|are|looks|will be) (?:fine|ok|okay|all right|normal)\b",
    r"\b(?:safe to|you can) wait\b",
    r"\bgo(?:es)? away on (?:its|their) own\b",
]

OTHERWISE = {
    "who": "my_child",
    "warning": "none",
    "age": "from_5",
    "lump": "no",
    "pain": "no",
    "growing": "no",
    "limping": "no",
    "movement": "no",
    "where": "leg",
    "how_long": "weeks",
    "earlier": "no",
    "doctor": "no",
}
"""What `Chat.finish` answers where a test does not say otherwise."""


def forbidden(text: str) -> list[str]:
    """Return what in a text diagnoses or reassures; what it asks ("Has your child had ASPS?") does neither."""
    plain = re.sub(r"[^.!?:\n]*\?", "", text.lower().replace("’", "'"))
    return [found[0] for pattern in (*DIAGNOSES, *REASSURES) if (found := re.search(pattern, plain))]


def hold(message: Message) -> None:
    """Hold one message to what no message may ever break."""
    text = message["text"]
    assert message["kind"] in KINDS
    assert text.strip()
    assert not any(word in text for word in INTERNAL), text
    if message["kind"] != "answer":  # a curated answer explains such words; its own checks watch it
        assert forbidden(text) == [], (forbidden(text), text)
    if message["kind"] == "outcome" or (message["data"] or {}).get("outcome"):
        assert "doctor" in text
        assert "specialist" in text
        assert "Only an exam by a doctor can tell" in text
        assert "911" in text
        assert message["data"]["bring"]
        assert message["data"]["summary"]["lines"]


class Chat:
    """One family's chat.

    Attributes:
        assistant: the running assistant.
        session: the chat's token.
        last: the messages that answered the last one.
    """

    def __init__(self, assistant: Assistant, *said: str) -> None:
        self.assistant = assistant
        self.session = assistant.session()
        self.last: list[Message] = []
        for text in said:
            self.say(text)

    def say(self, text: str) -> "Chat":
        """Type a message."""
        return self._heard(self.assistant.send(self.session, text))

    def press(self, title: str) -> "Chat":
        """Press a button of the last reply."""
        return self.choose(self.choice(title))

    def choose(self, choice: str) -> "Chat":
        """Press any button, perhaps of long ago."""
        return self._heard(self.assistant.send(self.session, choice=choice))

    def choice(self, title: str) -> str:
        """Return the id of a button of the last reply: the one that asks, where several have it."""
        buttons = [button for message in reversed(self.last) for button in message["buttons"]]
        found = [button["choice"] for button in buttons if button["title"] == title]
        assert found, f"no button {title!r} among {[button['title'] for button in buttons]}"
        return str(found[0])

    def pick(self, option: str) -> "Chat":
        """Press an option of the open question, by its id."""
        titles = {entry["id"]: entry["title"] for entry in self.question["data"]["options"]}
        return self.press(titles[option])

    def finish(self, **answers: str) -> "Chat":
        """Press buttons to the end; each option by its question's id, as in `OTHERWISE` where not given."""
        for _ in range(20):
            if not self.asked:
                return self
            self.pick({**OTHERWISE, **answers}[self.asked])
        raise AssertionError("the check does not end")

    def told(self) -> dict[str, str]:
        """Return the answers so far: an emergency ends the check and shows them."""
        return self.say("my daughter can't breathe").summary

    def until(self, question: str, **answers: str) -> "Chat":
        """Start the check where none is on, and press buttons until a question is open."""
        if not self.asked:
            self.say("check symptoms")
        for _ in range(20):
            if self.asked == question:
                return self
            self.pick({**OTHERWISE, **answers}[self.asked])
        raise AssertionError(f"{question} is not asked")

    @property
    def kinds(self) -> list[str]:
        """The kinds of the last messages."""
        return [message["kind"] for message in self.last]

    @property
    def text(self) -> str:
        """The last messages as one text."""
        return "\n\n".join(message["text"] for message in self.last)

    @property
    def question(self) -> Message:
        """The question that was asked last."""
        assert self.kinds[-1] == "question", self.text
        return self.last[-1]

    @property
    def asked(self) -> str:
        """The id of the question that waits for an answer, or an empty string."""
        return str(self.last[-1]["data"]["question"]) if self.last and self.kinds[-1] == "question" else ""

    @property
    def ended(self) -> Message:
        """The outcome that the check ended in."""
        return next(message for message in self.last if "outcome" in message["data"])

    @property
    def outcome(self) -> str:
        """The id of the outcome that the check ended in."""
        return str(self.ended["data"]["outcome"])

    @property
    def summary(self) -> dict[str, str]:
        """The answers in the summary, by question."""
        return {line["question"]: line["answer"] for line in self.ended["data"]["summary"]["lines"]}

    def _heard(self, messages: list[Message]) -> "Chat":
        for message in messages:
            hold(message)
        assert [message["kind"] for message in messages].count("question") <= 1, "one question per message"
        self.last = messages
        return self
