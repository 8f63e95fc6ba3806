"""The symptom check as a conversation: state and reply in, new state and messages out.

The engine keeps nothing between two calls; the same state and reply always give the same turn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from family_guide.symptom_check.messages import Message, Speaker, way_back
from family_guide.symptom_check.protocol import Protocol, Question
from family_guide.symptom_check.reader import Reader
from family_guide.symptom_check.standing import in_emergency, may_answer, settle, store, take
from family_guide.symptom_check.state import Answer, State, read_state
from family_guide.symptoms import Finding

TurnKind = Literal["question", "outcome", "emergency", "info", "missed", "not_an_answer"]


@dataclass(frozen=True)
class Turn:
    """What one reply leads to.

    Attributes:
        kind: that of the deciding message; `missed` when the reply was no answer and the question is
            asked again; `not_an_answer` when the reply is for the caller to deal with.
        state: to be kept until the next reply; JSON-serialisable.
        messages: to be sent, in order; none when not handled.
        handled: `False` only with `not_an_answer`: the caller answers, then calls `again`.
        asks_too: the reply was an answer and also seems to ask about ASPS: the caller may answer that too.
    """

    kind: TurnKind
    state: dict[str, Any]
    messages: list[Message] = field(default_factory=list)
    handled: bool = True
    asks_too: bool = False


class Engine:
    """Runs one protocol. Build it once; it may be shared between conversations."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._reader = Reader(protocol)
        self._speaker = Speaker(protocol)

    def start(self, findings: Sequence[Finding] = (), *, asked_cause: bool = False) -> Turn:
        """Begin a check.

        Args:
            findings: what the family said already; it is repeated back and not asked again.
            asked_cause: whether the family asked what the cause is: they are told first that this cannot be said.
        """
        state = State(volunteered=self._reader.volunteered(findings, "", None))
        wording = self.protocol.wording
        notes = [wording.asked_cause, wording.intro] if asked_cause else [wording.intro]
        return self._go_on(state, *map(self._speaker.info, notes))

    def reply(
        self,
        state: Mapping[str, Any] | None,
        text: str,
        *,
        choice: str | None = None,
        command: str | None = None,
        findings: Sequence[Finding] = (),
        can_be_question: bool = False,
    ) -> Turn:
        """Take a reply.

        Args:
            state: as returned with the last turn.
            text: as typed; may be empty when a button was pressed.
            choice: `<question>:<option>` of the button that was pressed. A button of an earlier
                question changes that answer.
            command: `back`, `why`, `skip`, `dont_know`, `stop`, `pause`, `resume`, `start_over`,
                `left`, `explain`, `change` or `change:<question>`; when `None` the text is searched for one.
            findings: what the text says about symptoms.
            can_be_question: whether the text may be a question about ASPS.
        """
        known = read_state(state, self.protocol)
        if known is None:
            fresh = State(volunteered=self._reader.volunteered(findings, "", None))
            return self._go_on(fresh, self._speaker.info(self.protocol.wording.lost))
        settle(self.protocol, known)
        if choice:
            return self._choose(known, choice)
        if command is None:
            command = self._reader.command(text, self._open(known))
        if (
            known.status in ("paused", "stopped")
            and command not in ("resume", "start_over", "back")
            and not (command.startswith("change") or (known.status == "paused" and command == "stop"))
        ):
            turn = self._while_away(known, text, command, findings, can_be_question)
            if turn:
                return turn
        if known.status == "done" and not command and not self._adds(text, findings):
            flag = self._flag(known)
            if flag and self._reader.exact(flag, text):
                # "No, none": the emergency stands until the list was looked at again.
                return self._reopen(known, flag.id, self.protocol.wording.change)
            return Turn("not_an_answer", known.to_dict(), [], handled=False)
        if command:
            turn = self._obey(known, command)
            if turn:
                return turn
        return self._hear(known, text, findings, can_be_question)

    def again(self, state: Mapping[str, Any] | None, *, asked_cause: bool = False) -> Turn:
        """Return to where the check was, after the caller dealt with something else.

        Args:
            state: as returned with the last turn.
            asked_cause: whether the family asked what the cause is: they are told that this cannot be said.
        """
        known = read_state(state, self.protocol)
        if known is None:
            return self._go_on(State(), self._speaker.info(self.protocol.wording.lost))
        if known.status in ("paused", "stopped"):
            return self._away(known, self.protocol.wording.still_paused)
        wording = self.protocol.wording
        note = wording.asked_cause if asked_cause else wording.again
        return self._go_on(known, *([] if known.status == "done" else [self._speaker.info(note)]))

    def looks_like_question(self, text: str) -> bool:
        """Return whether a text has a question mark, or a clause that starts like a question."""
        return self._reader.asks_too(text)

    def emergency(self, state: Mapping[str, Any] | None, words: str) -> Turn:
        """End the check in the emergency outcome.

        Args:
            state: of the check, or `None` or anything else when there is none.
            words: those that tell of a warning sign; they are shown back.
        """
        known = read_state(state, self.protocol) or State()
        question = next(q for q in self.protocol.questions if any(q.id == flag[0] for flag in self.protocol.red_flags))
        flags = [option for option in question.options if (question.id, option.id) in self.protocol.red_flags]
        option = next((option for option in flags if "yes" in option.means), flags[0])
        known.volunteered.pop(question.id, None)
        known.answers[question.id] = Answer(option.id, words.strip(), "volunteered")
        known.open, known.misses = "", 0
        return self._go_on(known)

    # What a reply can be.

    def _choose(self, state: State, choice: str) -> Turn:
        name, _, option = choice.partition(":")
        question = self.protocol.questions_by_id.get(name)
        if question is None or question.option(option) is None or not may_answer(self.protocol, state, name):
            return self._go_on(state, self._speaker.info(self.protocol.wording.not_asked))
        changed = (
            [name] if name in state.answers and state.open != name and state.answers[name].option != option else []
        )
        store(self.protocol, state, name, Answer(option))
        return self._go_on(state, changed=changed)

    def _obey(self, state: State, command: str) -> Turn | None:
        """Carry a command out; `None` when it is none that is known, or means nothing now."""
        wording = self.protocol.wording
        if command == "start_over":
            return self._go_on(State(), self._speaker.info(wording.started_over))
        if command == "stop" and state.status != "done":
            state.status, state.open = "stopped", ""
            return self._away(state, wording.stopped)
        if command == "back":
            return self._back(state)
        if command == "change":
            return self._list_answers(state)
        if command.startswith("change:"):
            return self._change(state, command.removeprefix("change:"))
        if command == "resume" and state.status in ("paused", "stopped"):
            return self._go_on(state, self._speaker.info(wording.resumed))
        question = self._open(state)
        if question is None:
            return self._go_on(state) if command == "resume" else None
        if command == "pause":
            state.status = "paused"
            return self._away(state, wording.paused)
        if command == "explain":
            return self._go_on(state, self._speaker.explained(question))
        if command == "left":
            return self._go_on(state, self._speaker.left(question, state))
        if command == "why":
            return self._go_on(state, self._speaker.why(question))
        if command in ("skip", "dont_know"):
            return self._skip(state, question)
        return self._go_on(state) if command == "resume" else None

    def _hear(self, state: State, text: str, findings: Sequence[Finding], can_be_question: bool) -> Turn:
        """Take a typed reply as an answer, as facts about something else, or as neither."""
        question = self._open(state)
        volunteered = self._reader.volunteered(findings, text, question)
        exact = question is not None and self._reader.exact(question, text) is not None
        remainder = self._reader.correction(text)
        firm = {f for f in volunteered if self._reader.corrects(text)} | self._reader.volunteered(
            [finding for finding in findings if finding.kind == "symptom"], text, question
        ).keys()
        news = take(state, volunteered, firm)
        answer = None
        if remainder and not news:
            corrected = self._correct_last(state, remainder, findings)
            if corrected:
                return corrected
        if question:
            strict = can_be_question and self._reader.asks_too(text)
            answer = self._reader.answer(question, remainder or text, findings, strict=strict)
        if question and answer:
            store(self.protocol, state, question.id, answer)
        asks_too = can_be_question and not exact and self._reader.asks_too(text)
        # A text that tells something and does not look like a question is taken as told.
        tells = bool(news) and not (can_be_question and self._reader.asks_too(text))
        if answer or tells or (news and self._reader.corrects(text)):
            return self._go_on(
                state,
                changed=[name for name in news if name not in state.volunteered],
                noted=[] if answer else news,
                asks_too=asks_too,
            )
        settle(self.protocol, state)
        if news and in_emergency(self.protocol, state):
            return self._go_on(state)
        known = [name for name in volunteered if name in state.answers]
        if known and not (can_be_question and self._reader.asks_too(text)):
            note = self._speaker.known(known, state)
            return self._go_on(state, note) if question else Turn("info", self._at_rest(state), [note])
        if can_be_question or question is None:
            state.echo += [name for name in news if name in state.answers and name not in state.echo]
            return Turn("not_an_answer", state.to_dict(), [], handled=False)
        return self._missed(state, question)

    def _missed(self, state: State, question: Question) -> Turn:
        state.misses += 1
        note = self._speaker.info(self.protocol.wording.missed)
        if state.misses >= 2:
            note = self._speaker.explained(question)
        misses = state.misses
        turn = self._go_on(state, note)
        return Turn("missed", {**turn.state, "misses": misses}, turn.messages)

    def _skip(self, state: State, question: Question) -> Turn:
        option = question.meaning("not_sure")
        if option is None or question.cannot_skip:
            return self._go_on(state, self._speaker.info(question.cannot_skip or self.protocol.wording.cannot_skip))
        store(self.protocol, state, question.id, Answer(option.id))
        skipped = self.protocol.wording.skipped.replace("{title}", option.title)
        return self._go_on(state, self._speaker.info(skipped))

    def _back(self, state: State) -> Turn:
        before = way_back(state)
        if not before:
            note = self._speaker.info(self.protocol.wording.first_question, self._speaker.change_buttons(state.answers))
            return self._go_on(state, note)
        return self._reopen(state, before[-1], self.protocol.wording.back)

    def _change(self, state: State, name: str) -> Turn:
        if name not in self.protocol.questions_by_id or not may_answer(self.protocol, state, name):
            return self._go_on(state, self._speaker.info(self.protocol.wording.not_asked))
        return self._reopen(state, name, self.protocol.wording.change)

    def _reopen(self, state: State, name: str, note: str) -> Turn:
        """Ask a question again; its answer stands until there is a new one, unless it ended the check."""
        option = (
            self.protocol.questions_by_id[name].option(state.answers[name].option) if name in state.answers else None
        )
        if option and option.ends_in:
            del state.answers[name]
        state.open = name
        return self._go_on(state, self._speaker.info(note))

    def _list_answers(self, state: State) -> Turn:
        wording = self.protocol.wording
        text = wording.change_which if state.answers else wording.nothing_to_change
        note = self._speaker.info(text, self._speaker.change_buttons(state.answers))
        if state.answers:
            return Turn("info", self._at_rest(state), [note])
        return self._go_on(state, note)

    def _correct_last(self, state: State, remainder: str, findings: Sequence[Finding]) -> Turn | None:
        """Read what follows "wait, ..." as a new answer to the question before; `None` when it is none."""
        before = way_back(state)
        question = self.protocol.questions_by_id[before[-1]] if before else None
        answer = self._reader.answer(question, remainder, findings, strict=True) if question else None
        if question is None or answer is None:
            return None
        store(self.protocol, state, question.id, answer)
        return self._go_on(state, changed=[question.id])

    # Where the check stands.

    def _go_on(
        self,
        state: State,
        *notes: Message,
        changed: Sequence[str] = (),
        noted: Sequence[str] = (),
        asks_too: bool = False,
    ) -> Turn:
        """Return the turn that says the notes and what was volunteered or changed, then what comes next.

        What was `noted` for a question that has not come up yet is repeated back when it does; until then
        the family hears only that it was heard.
        """
        if state.status in ("paused", "stopped"):
            state.status = "active"
        result = settle(self.protocol, state)
        messages = list(notes)
        kept = [name for name in changed if name in state.answers and name not in state.echo]
        if kept:
            messages.append(self._speaker.changed(kept, state))
        if state.open:
            echo = [name for name in state.echo if name != state.open]
            if echo:
                messages.append(self._speaker.repeated(echo, state))
            elif not kept and any(name in state.volunteered for name in noted):
                messages.append(self._speaker.info(self.protocol.wording.noted))
            question = self.protocol.questions_by_id[state.open]
            messages.append(self._speaker.question(question, state))
            state.echo = []
            state.misses = 0
            return Turn("question", state.to_dict(), messages, asks_too=asks_too)
        assert result.outcome is not None  # no question is open, so the flow has ended
        state.echo = []
        state.misses = 0
        messages += self._speaker.outcome(result.outcome, result.reasons, state)
        kind: TurnKind = "emergency" if result.outcome.urgency == "emergency" else "outcome"
        if kind == "emergency":
            messages = messages[-2:]
        return Turn(kind, state.to_dict(), messages, asks_too=asks_too)

    def _while_away(
        self, state: State, text: str, command: str | None, findings: Sequence[Finding], can_be_question: bool
    ) -> Turn | None:
        """Take a reply while the check is paused or stopped; `None` when it goes on with what was told."""
        if state.status == "paused":
            general = self._reader.general(text)
            if general == "yes":
                return self._go_on(state, self._speaker.info(self.protocol.wording.resumed))
            if general == "no":
                return self._away(state, self.protocol.wording.stays_paused)
            if command:
                return self._away(state, self.protocol.wording.still_paused)
            if self._adds(text, findings) and not (can_be_question and self._reader.asks_too(text)):
                state.status = "active"
                settle(self.protocol, state)
                return None
        return Turn("not_an_answer", state.to_dict(), [], handled=False)

    def _adds(self, text: str, findings: Sequence[Finding]) -> bool:
        """Return whether a text tells of a symptom, or puts something right."""
        tells = any(finding.kind == "symptom" and finding.status != "asked" for finding in findings)
        return tells or self._reader.corrects(text) or bool(self._reader.correction(text))

    def _away(self, state: State, text: str) -> Turn:
        note = self._speaker.info(text, self._speaker.controls("resume", "start_over"), status=state.status)
        return Turn("info", self._at_rest(state), [note])

    def _at_rest(self, state: State) -> dict[str, Any]:
        settle(self.protocol, state)
        return state.to_dict()

    def _flag(self, state: State) -> Question | None:
        """Return the question whose answer ended the check in the emergency outcome, or `None`."""
        flags = [name for name, option in state.chosen.items() if (name, option) in self.protocol.red_flags]
        return self.protocol.questions_by_id[flags[0]] if flags else None

    def _open(self, state: State) -> Question | None:
        return self.protocol.questions_by_id.get(state.open)
