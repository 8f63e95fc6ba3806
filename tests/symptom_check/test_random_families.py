"""Random families against the running engine: the state is never lost or wrong."""

import json
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from family_guide.symptom_check import Engine, load_protocol
from family_guide.symptom_check.flow import applies, step
from family_guide.symptom_check.state import read_state
from family_guide.symptoms import Finding

PROTOCOL = load_protocol(Path(__file__).parent.parent.parent / "content" / "symptom_check.yml")
ENGINE = Engine(PROTOCOL)
NONSENSE = ["my dog is brown", "asdf qwer", "la la la", "12345678", "pizza", "🙂🙂", "the sky", "hm what a game"]
QUESTIONS = ["what is asps?", "can it spread to the lungs?", "how is it treated", "does asps hurt?", "who treats it"]
FACTS = [
    Finding("symptom", "lump", "lump"),
    Finding("symptom", "lump", "lump", status="denied"),
    Finding("symptom", "pain", "hurts"),
    Finding("symptom", "pain", "hurt", status="denied"),
    Finding("symptom", "growing", "growing"),
    Finding("symptom", "pain", "pain", status="asked"),
    Finding("body_part", "thigh", "thigh", side="left"),
    Finding("duration", "month", "3 months", amount=3),
    Finding("person", "child", "son"),
]
SIGN = Finding("symptom", "trouble_breathing", "can't breathe")


class Families(RuleBasedStateMachine):
    @initialize(facts=st.lists(st.sampled_from(FACTS), max_size=3))
    def begin(self, facts):
        self.take(ENGINE.start(facts))

    def take(self, turn):
        self.turn = turn
        self.state = json.loads(json.dumps(turn.state))

    @property
    def open(self):
        return self.state["open"]

    def answers(self):
        return {name: answer["option"] for name, answer in self.state["answers"].items()}

    @precondition(lambda self: self.open and self.state["status"] == "active")
    @rule(data=st.data(), how=st.sampled_from(["button", "title", "number"]))
    def answer(self, data, how):
        question = PROTOCOL.questions_by_id[self.open]
        number = data.draw(st.integers(0, len(question.options) - 1))
        option = question.options[number]
        if how == "number" and question.reads != "years":
            self.take(ENGINE.reply(self.state, str(number + 1)))
        elif how == "title" and option.title not in ("Me",):
            self.take(ENGINE.reply(self.state, option.title))
        else:
            self.take(ENGINE.reply(self.state, "", choice=f"{question.id}:{option.id}"))
        assert self.turn.handled
        if self.state["status"] == "active" or option.ends_in:
            assert self.answers()[question.id] == option.id

    @rule(data=st.data())
    def press_an_old_button(self, data):
        question = data.draw(st.sampled_from(PROTOCOL.questions))
        option = data.draw(st.sampled_from(question.options))
        before = self.answers()
        self.take(ENGINE.reply(self.state, "", choice=f"{question.id}:{option.id}"))
        if applies(question, before):
            assert self.answers()[question.id] == option.id
        else:
            assert self.answers() == before

    @rule(data=st.data())
    def change(self, data):
        question = data.draw(st.sampled_from(PROTOCOL.questions)).id
        before = self.answers()
        self.take(ENGINE.reply(self.state, "", command=f"change:{question}"))
        emergency = any(flag in PROTOCOL.red_flags for flag in before.items() if flag[0] != question)
        if question in before and not emergency:
            # An emergency stands until the sign itself is taken back.
            assert self.open == question
            after = self.answers()
            assert {name: value for name, value in before.items() if name != question}.items() <= {
                **before,
                **after,
            }.items()

    @rule()
    def back(self):
        before = self.answers()
        self.take(ENGINE.reply(self.state, "go back"))
        ended = [name for name, option in before.items() if (name, option) in PROTOCOL.red_flags]
        assert set(before) - set(self.answers()) <= set(ended)

    @rule(command=st.sampled_from(["why", "left", "explain", "pause", "stop", "resume", "change"]))
    def command_that_answers_nothing(self, command):
        before = self.answers()
        self.take(ENGINE.reply(self.state, "", command=command))
        assert self.answers() == before

    @rule()
    def skip(self):
        open_before, before = self.open, self.answers()
        self.take(ENGINE.reply(self.state, "skip"))
        if open_before:
            assert set(before) - set(self.answers()) <= set(PROTOCOL.questions_by_id)

    @rule(text=st.sampled_from(NONSENSE))
    def nonsense(self, text):
        before, open_before = self.answers(), self.open
        self.take(ENGINE.reply(self.state, text))
        assert (self.answers(), self.open) == (before, open_before)

    @rule(text=st.sampled_from(QUESTIONS))
    def question(self, text):
        before, open_before = self.answers(), self.open
        self.take(ENGINE.reply(self.state, text, can_be_question=True))
        assert not self.turn.handled
        self.take(ENGINE.again(self.state))
        assert self.answers() == before
        assert self.open == open_before

    @rule(facts=st.lists(st.sampled_from(FACTS), min_size=1, max_size=3))
    def volunteer(self, facts):
        self.take(ENGINE.reply(self.state, "", findings=facts))

    @precondition(lambda self: self.state["status"] == "paused")
    @rule(text=st.sampled_from(["yes", "keep going", "continue", "ok let's go on"]))
    def go_on_after_a_pause(self, text):
        before = self.answers()
        self.take(ENGINE.reply(self.state, text, can_be_question=True))
        assert self.state["status"] == "active"
        assert self.answers() == before

    @precondition(lambda self: self.state["status"] == "paused")
    @rule(text=st.sampled_from(["no", "nah", "not yet"]))
    def stay_paused(self, text):
        before = dict(self.state)
        self.take(ENGINE.reply(self.state, text))
        assert self.state == before

    @precondition(lambda self: self.state["status"] == "done")
    @rule()
    def put_right_after_the_end(self):
        before = self.answers()
        self.take(ENGINE.reply(self.state, "wait, it does hurt", findings=[FACTS[2]], can_be_question=True))
        assert self.turn.handled
        if "pain" in before:
            assert self.answers()["pain"] == "yes"

    @precondition(lambda self: self.state["status"] == "active")
    @rule()
    def warning_sign(self):
        self.take(ENGINE.reply(self.state, "he can't breathe", findings=[SIGN]))
        assert self.turn.kind == "emergency"

    @rule()
    def emergency(self):
        self.take(ENGINE.emergency(self.state, "he is blue"))
        assert self.turn.kind == "emergency"
        assert self.turn.messages[0].kind == "emergency"

    @rule()
    def start_over(self):
        self.take(ENGINE.reply(self.state, "start over"))
        assert self.answers() == {}

    @rule(junk=st.sampled_from([None, {}, {"version": 1}, "x"]))
    def lose_the_state(self, junk):
        self.take(ENGINE.reply(junk, "yes"))
        assert self.state["status"] == "active"

    @invariant()
    def the_state_is_whole(self):
        if not hasattr(self, "state"):
            return
        known = read_state(self.state, PROTOCOL)
        assert known is not None
        # Replaying the answers gives the same answers: none is left that does not apply.
        result = step(PROTOCOL, known.answers)
        assert result.answers == known.answers
        if known.status == "done":
            assert result.outcome is not None
            assert known.open == ""
        if known.status == "active":
            assert known.open
            assert applies(PROTOCOL.questions_by_id[known.open], known.chosen)
        if known.status == "done" and self.turn.handled and self.turn.kind != "info":
            assert self.turn.messages[-2].data["outcome"] == result.outcome.id
        if any(flag in PROTOCOL.red_flags for flag in known.chosen.items()):
            assert known.status in ("done", "stopped")
            assert result.outcome.urgency == "emergency"
        assert len(json.dumps(self.state)) < 6000

    @invariant()
    def there_is_always_a_reply(self):
        if not hasattr(self, "state"):
            return
        if self.turn.handled:
            assert self.turn.messages
            assert all(message.text.strip() and "{" not in message.text for message in self.turn.messages)
            assert sum(message.kind == "question" for message in self.turn.messages) <= 1


TestFamilies = Families.TestCase
TestFamilies.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
