"""What the check says: messages with their buttons, put together from the protocol's texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from family_guide.symptom_check.flow import could_apply
from family_guide.symptom_check.protocol import Outcome, Protocol, Question
from family_guide.symptom_check.standing import in_turn
from family_guide.symptom_check.state import State
from family_guide.symptom_check.wording import capitalised, fill

Button = tuple[str, str]
"""(title, payload id), such as `("Back", "check:back")`."""

Kind = Literal["question", "outcome", "emergency", "info"]


@dataclass(frozen=True)
class Message:
    """One message to the family.

    Attributes:
        kind: `question`, `outcome`, `emergency` or `info`.
        text: complete in itself, for a channel that shows nothing else.
        buttons: titles and payload ids.
        data: for a channel that shows more; see `Speaker.question` and `Speaker.outcome`.
    """

    kind: Kind
    text: str
    buttons: tuple[Button, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


class Speaker:
    """Puts the messages of one protocol together."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._wording = protocol.wording

    def info(self, text: str, buttons: Iterable[Button] = (), **data: Any) -> Message:
        """Return a message that asks nothing."""
        return Message("info", text, tuple(buttons), data)

    def controls(self, *names: str) -> tuple[Button, ...]:
        """Return the buttons of these commands."""
        titles = self._wording.buttons.dict()
        return tuple((titles[name], f"check:{name}") for name in names)

    def change_buttons(self, questions: Iterable[str]) -> tuple[Button, ...]:
        """Return one button for each answer that may be changed."""
        title = self._wording.buttons.change
        known = self._protocol.questions_by_id
        return tuple((fill(title, label=known[name].label), f"check:change:{name}") for name in questions)

    def question(self, question: Question, state: State) -> Message:
        """Return the question, with its options and controls as buttons.

        `data`: `question` (id), `body` (the text without progress), `help`, `why`, `multiple`
        (always false: one option is chosen), `progress` (`number`, `of`, `label`), `options` (`id`,
        `title`, `payload`, `number`, `explain`), `controls` (payload ids).
        """
        body = self.ask(question, state)
        progress = self.progress(question, state)
        options = [
            {
                "id": option.id,
                "title": option.title,
                "payload": f"check:{question.id}:{option.id}",
                "number": number,
                "explain": option.explain,
            }
            for number, option in enumerate(question.options, start=1)
        ]
        names = ["why", "skip", "pause", "stop"]
        if question.cannot_skip or question.meaning("not_sure") is None:
            names.remove("skip")
        if way_back(state):
            names.insert(0, "back")
        controls = self.controls(*names)
        return Message(
            "question",
            f"{progress['label']}\n\n{body}\n{question.help}",
            (*((str(option["title"]), str(option["payload"])) for option in options), *controls),
            {
                "question": question.id,
                "body": body,
                "help": question.help,
                "why": question.why.text,
                "multiple": False,
                "progress": progress,
                "options": options,
                "controls": [payload for _, payload in controls],
            },
        )

    def ask(self, question: Question, state: State) -> str:
        """Return the wording of a question for the person the check is for."""
        return capitalised(question.ask.say(state.chosen, self._voice(state), who=self._who(state)))

    def progress(self, question: Question, state: State) -> dict[str, Any]:
        """Return which question this is of about how many.

        Volunteered answers are not counted, so one that is being changed has no number of its own; nor has a
        question that is asked before its turn.
        """
        before, after = 0, 0
        past = False
        for other in self._protocol.questions:
            answer = state.answers.get(other.id)
            if other.id == question.id:
                past = True
            elif answer:
                before, after = before + (not past and answer.how == "asked"), after + (past and answer.how == "asked")
            elif past and other.id not in state.volunteered and could_apply(other, state.chosen):
                after += 1
        number, of = before + 1, before + 1 + after
        label = fill(self._wording.progress, number=str(number), of=str(of))
        known = state.answers.get(question.id)
        if (known and known.how == "volunteered") or (not known and not in_turn(self._protocol, state, question.id)):
            label = self._wording.progress_change
        return {"number": number, "of": of, "label": label}

    def left(self, question: Question, state: State) -> Message:
        """Return how many questions are left after this one."""
        progress = self.progress(question, state)
        count = progress["of"] - progress["number"]
        wording = self._wording
        if count < 2:
            return self.info(wording.left_one if count else wording.left_none)
        return self.info(fill(wording.left_many, count=str(count)))

    def why(self, question: Question) -> Message:
        """Return why a question is asked, and what that rests on."""
        basis = self._wording.why_page if question.why.basis == "page" else self._wording.why_safety
        data = {"question": question.id, "basis": question.why.basis, "facts": list(question.why.facts)}
        return Message("info", f"{question.why.text} {basis}", (), data)

    def explained(self, question: Question) -> Message:
        """Return the options of a question in other words, for a family that was not understood twice."""
        lines = []
        for number, option in enumerate(question.options, start=1):
            template = self._wording.option_explained if option.explain else self._wording.option_line
            lines.append(fill(template, number=str(number), title=option.title, explain=option.explain))
        return self.info("\n".join([f"{self._wording.missed_again} {question.explain}", *lines]))

    def repeated(self, questions: Sequence[str], state: State) -> Message:
        """Return what was volunteered, to be confirmed or corrected."""
        statements = [self.statement(name, state) for name in questions]
        if len(statements) == 1:
            text = fill(self._wording.you_said, statement=statements[0])
        else:
            text = "\n".join([self._wording.you_said_many, *(f"- {capitalised(line)}." for line in statements)])
        text = f"{text}\n{self._wording.correct_me}"
        return self.info(text, self.change_buttons(questions), echoed=list(questions))

    def changed(self, questions: Iterable[str], state: State) -> Message:
        """Return what was corrected."""
        names = list(questions)
        lines = [fill(self._wording.changed, statement=self.statement(name, state)) for name in names]
        return self.info("\n".join(lines), self.change_buttons(names), changed=names)

    def known(self, questions: Iterable[str], state: State) -> Message:
        """Return what was said before, for a family that says it again, or something else of it."""
        names = list(questions)
        lines = [fill(self._wording.known, statement=self.statement(name, state)) for name in names]
        return self.info("\n".join([*lines, self._wording.correct_me]), self.change_buttons(names), known=names)

    def statement(self, name: str, state: State) -> str:
        """Return an answer as a clause, such as "the lump does not hurt"."""
        answer = state.answers[name]
        option = self._protocol.questions_by_id[name].option(answer.option)
        assert option is not None  # the state holds only options of the protocol
        said = answer.said or option.title[:1].lower() + option.title[1:]
        if option.called and answer.said:
            said = self._who(state)
        return option.states.say(state.chosen, self._voice(state), who=self._who(state), said=said)

    def outcome(self, outcome: Outcome, reasons: Sequence[str], state: State) -> list[Message]:
        """Return the outcome, and after it the answers with a button to change each.

        `data` of the outcome: `outcome` (id), `urgency`, `soon`, `title`, `do`, `reasons_title`,
        `reasons`, `additions`, `ordinary`, `watch`, `bring`, `summary` (`title`, `note`, `lines` of
        `question`, `label`, `answer`, and `text`, the whole for copying, printing or saving).
        """
        wording, always = self._wording, self._protocol.with_every_outcome
        do = capitalised(outcome.do.say(state.chosen, self._voice(state), who=self._who(state)))
        additions = [
            capitalised(addition.text.say(state.chosen, self._voice(state), who=self._who(state)))
            for addition in self._protocol.additions
            if outcome.id in addition.only and addition.when.holds(state.chosen)
        ]
        because = [line for name in reasons for line in self._because(name, state)]
        soon = fill(wording.how_soon, soon=outcome.soon)
        parts = [outcome.title, soon, do, *additions]
        if because:
            parts.append("\n".join([f"{outcome.reasons_title}:", *(f"- {line}" for line in because)]))
        # Who is told to call now is not told to call if a sign shows up.
        watch = "" if outcome.urgency == "emergency" else always.watch
        bring = "\n".join([f"{wording.bring_title}:", *(f"- {b}" for b in outcome.bring)])
        parts += [part for part in (always.ordinary, watch, bring) if part]
        summary = self.summary(outcome, state)
        data = {
            "outcome": outcome.id,
            "urgency": outcome.urgency,
            "soon": outcome.soon,
            "title": outcome.title,
            "do": do,
            "reasons_title": outcome.reasons_title,
            "reasons": because,
            "additions": additions,
            "ordinary": always.ordinary,
            "watch": watch,
            "bring": list(outcome.bring),
            "summary": summary,
        }
        wrong = (
            ((wording.buttons.wrong, f"check:change:{reasons[0]}"),)
            if outcome.urgency == "emergency" and reasons
            else ()
        )
        kind: Kind = "emergency" if outcome.urgency == "emergency" else "outcome"
        return [
            Message(kind, "\n\n".join(parts), (*wrong, *self.controls("start_over")), data),
            self.answers(state),
        ]

    def answers(self, state: State) -> Message:
        """Return all answers so far, with a button to change each."""
        lines = [f"- {line['label']}: {line['answer']}" for line in self._answer_lines(state)]
        text = "\n".join([f"{self._wording.answers_title}:", *lines, self._wording.answers_note])
        return self.info(text, self.change_buttons(state.answers), lines=self._answer_lines(state))

    def summary(self, outcome: Outcome, state: State) -> dict[str, Any]:
        """Return the answers for a doctor: label and answer, and all of it as one text."""
        wording = self._wording
        lines = self._answer_lines(state)
        advice = f"{outcome.title}. {fill(wording.how_soon, soon=outcome.soon)}."
        rows = [f"{line['label']}: {line['answer']}" for line in lines]
        text = "\n".join([wording.summary_title, wording.summary_note, "", *rows, "", advice])
        return {"title": wording.summary_title, "note": wording.summary_note, "lines": lines, "text": text}

    def _answer_lines(self, state: State) -> list[dict[str, str]]:
        lines = []
        for name, answer in state.answers.items():
            question = self._protocol.questions_by_id[name]
            option = question.option(answer.option)
            title = option.title if option else self._wording.not_answered
            shown = f"{title} ({answer.said})" if answer.said else title
            lines.append({"question": name, "label": question.label, "answer": shown})
        return lines

    def _because(self, name: str, state: State) -> list[str]:
        answer = state.answers[name]
        if answer.said and (name, answer.option) in self._protocol.red_flags:
            return [fill(self._wording.because_words, words=answer.said)]
        return [fill(self._wording.because_answer, statement=self.statement(name, state))]

    def _voice(self, state: State) -> str:
        person = self._protocol.person(state.chosen)
        return person.voice if person else "child"

    def _who(self, state: State) -> str:
        person, question = self._protocol.person(state.chosen), self._protocol.person_question
        if person is None or question is None:
            return ""
        answer = state.answers.get(question.id)
        return f"your {answer.said}" if answer and answer.said in person.called else person.who


def way_back(state: State) -> list[str]:
    """Return the questions that were answered before the open one, the latest last."""
    answered = [name for name in state.asked if name in state.answers]
    if state.open in state.asked:
        before = state.asked[: state.asked.index(state.open)]
        return [name for name in answered if name in before]
    return answered
