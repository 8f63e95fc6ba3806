import pytest

from family_guide.symptoms import Finding


def test_the_check_begins_with_who_it_is_for_and_then_the_warning_signs(talk):
    talk.start()
    assert talk.open == "who"
    talk.press("who:my_child")
    assert talk.open == "warning"
    assert "Does your child have any of these" in talk.text


def test_there_is_one_question_in_a_message_with_its_progress(talk):
    talk.start().press("who:my_child")
    asked = [message for message in talk.turn.messages if message.kind == "question"]
    assert len(asked) == 1
    assert asked[0].data["progress"] == {"number": 2, "of": 12, "label": "Question 2 of about 12"}
    assert "Question 2 of about 12" in asked[0].text


def test_the_wording_changes_with_the_person(talk):
    talk.start().type("me", "none")
    assert "How old are you?" in talk.text
    talk.command("change:who").press("who:someone_else")
    assert "How old is this person?" in talk.text


def test_what_was_said_up_front_is_repeated_back_and_not_asked_again(talk):
    talk.start("there's a lump on my daughter's thigh, it doesn't hurt but it's been growing for 3 months")
    assert "The lump does not hurt." in talk.text
    assert talk.answers == {
        "who": "my_child",
        "lump": "yes",
        "pain": "no",
        "growing": "yes",
        "where": "leg",
        "how_long": "months",
    }
    questions = []
    while talk.turn.kind == "question":
        questions.append(talk.open)
        talk.press(f"{talk.open}:{'none' if talk.open == 'warning' else 'from_5' if talk.open == 'age' else 'no'}")
    assert questions == ["warning", "age", "limping", "movement", "earlier", "doctor"]


def test_one_volunteered_fact_is_repeated_in_one_sentence(talk):
    talk.start().up_to("lump").type("yes, but it doesn't hurt")
    assert "You said the lump does not hurt." in talk.text
    assert talk.open == "growing"


def test_a_fact_that_is_told_before_it_applies_waits_until_it_does(talk):
    talk.start("it has been 3 weeks")
    assert "how_long" not in talk.answers
    talk.up_to("pain")
    assert talk.answers["how_long"] == "weeks"


def test_what_was_repeated_back_can_be_corrected(talk):
    talk.start("my son has a lump, it doesn't hurt").type("wait, it does hurt")
    assert talk.answers["pain"] == "yes"
    assert "I changed that. Now I have: the lump hurts." in talk.text


@pytest.mark.parametrize("correction", ["wait, yes", "oops i meant yes", "I meant yes"])
def test_a_correction_without_a_subject_is_for_the_question_before(talk, correction):
    talk.start().up_to("pain").type("no", correction)
    assert talk.answers["pain"] == "yes"
    assert talk.open == "growing"


def test_another_place_is_taken_only_in_a_correction(talk):
    talk.start("lump on her left thigh").up_to("limping").type("yes, her foot hurts too")
    assert talk.turn.state["answers"]["where"]["said"] == "left thigh"
    talk.type("sorry, the lump is on her arm")
    assert talk.answers["where"] == "arm"


@pytest.mark.parametrize("nonsense", ["my dog is brown", "asdf", "la la la", "what a day", "🙂"])
def test_a_reply_that_is_no_answer_is_never_stored(talk, nonsense):
    talk.start().up_to("growing")
    before = talk.answers
    talk.type(nonsense)
    assert talk.turn.kind == "missed"
    assert talk.answers == before
    assert talk.open == "growing"


def test_after_two_misses_the_options_are_explained_differently(talk, protocol):
    talk.start().up_to("growing").type("asdf")
    assert protocol.questions_by_id["growing"].explain not in talk.text
    talk.type("qwer")
    assert protocol.questions_by_id["growing"].explain in talk.text
    assert "1. Yes: it is bigger than it was" in talk.text
    talk.type("yes")
    assert talk.turn.state["misses"] == 0


def test_back_goes_back_through_the_questions_answered(talk):
    talk.start().up_to("growing").command("back")
    assert talk.open == "pain"
    talk.command("back")
    assert talk.open == "lump"
    talk.type("yes")
    assert talk.open == "growing"


def test_there_is_nothing_before_the_first_question(talk):
    talk.start().command("back")
    assert talk.open == "who"
    assert "first question" in talk.text


def test_back_from_the_outcome_reopens_the_last_question(talk):
    talk.start().up_to("doctor").press("doctor:no")
    assert talk.turn.kind == "outcome"
    talk.command("back")
    assert talk.open == "doctor"
    assert talk.turn.state["status"] == "active"


def test_a_changed_answer_keeps_only_what_still_applies(talk):
    talk.start().up_to("limping")
    assert "growing" in talk.answers
    talk.command("change:lump").press("lump:no")
    assert "growing" not in talk.answers
    assert talk.open == "limping"
    assert talk.answers["pain"] == "not_sure"
    talk.command("change:lump").press("lump:yes")
    assert talk.open == "growing"


def test_a_button_of_an_earlier_question_changes_that_answer(talk):
    talk.start().up_to("limping").press("pain:yes")
    assert talk.answers["pain"] == "yes"
    assert talk.open == "limping"
    assert "Now I have: the lump hurts" in talk.text


@pytest.mark.parametrize("choice", ["growing:yes", "nothing:yes", "lump:perhaps", "", ":", "lump"])
def test_a_button_that_means_nothing_now_changes_nothing(talk, choice):
    talk.start().up_to("lump").press("lump:no")
    before = talk.answers
    talk.press(choice or "x")
    assert talk.answers == before
    assert talk.open == "pain"


def test_why_is_answered_and_the_question_asked_again(talk):
    talk.start().up_to("lump").type("why do you ask?")
    assert "one of the signs on the page I use" in talk.text
    assert talk.turn.messages[0].data["facts"] == ["S02", "S04"]
    assert talk.open == "lump"
    assert talk.turn.messages[-1].kind == "question"


def test_skip_and_not_knowing_are_put_down_as_not_sure(talk):
    talk.start().up_to("lump").command("skip")
    assert talk.answers["lump"] == "not_sure"
    talk.command("dont_know")
    assert talk.answers["pain"] == "not_sure"


@pytest.mark.parametrize("question", ["who", "warning"])
def test_some_questions_cannot_be_skipped(talk, question):
    talk.start().up_to(question).command("skip")
    assert talk.open == question
    assert question not in talk.answers


def test_a_pause_keeps_everything_until_the_check_goes_on(talk):
    talk.start().up_to("limping")
    before = talk.answers
    talk.type("hold on")
    assert talk.turn.state["status"] == "paused"
    talk.type("what is asps", asks=True)
    assert not talk.turn.handled
    talk.turn = talk.engine.again(talk.state)
    assert talk.turn.state["status"] == "paused"
    talk.type("i'm back")
    assert (talk.open, talk.answers) == ("limping", before)


def test_yes_goes_on_after_a_pause(talk):
    talk.start().up_to("limping").command("pause").type("yes")
    assert talk.open == "limping"
    assert "limping" not in talk.answers


def test_stop_ends_the_check_and_says_what_to_do_in_an_emergency(talk):
    talk.start().up_to("limping").type("stop")
    assert talk.turn.state["status"] == "stopped"
    assert "have a doctor look" in talk.text
    assert "911" in talk.text
    talk.type("yes")
    assert not talk.turn.handled
    talk.command("resume")
    assert talk.open == "limping"


def test_start_over_forgets_the_answers(talk):
    talk.start().up_to("limping").type("start over")
    assert talk.answers == {}
    assert talk.open == "who"


def test_a_question_half_way_is_left_to_the_caller_and_the_check_goes_on(talk):
    talk.start().up_to("growing")
    before = talk.answers
    talk.type("can asps spread?", asks=True)
    assert (talk.turn.kind, talk.turn.handled, talk.turn.messages) == ("not_an_answer", False, [])
    talk.turn = talk.engine.again(talk.state)
    assert (talk.open, talk.answers) == ("growing", before)
    assert talk.turn.messages[-1].kind == "question"


def test_a_question_with_a_fact_in_it_is_for_the_caller_and_the_fact_is_kept(talk):
    talk.start().up_to("growing").type("her knee is stiff, is that cancer?", asks=True)
    assert not talk.turn.handled
    talk.turn = talk.engine.again(talk.state)
    assert talk.answers["movement"] == "yes"
    assert "can move this part less than before" in talk.text


def test_an_answer_that_asks_something_too_is_stored_and_said_to_ask(talk):
    talk.start().up_to("growing").type("no. can asps spread?", asks=True)
    assert talk.answers["growing"] == "no"
    assert talk.turn.asks_too


@pytest.mark.parametrize("sign", ["he can't breathe", "she passed out", "sudden weakness in his arm"])
def test_a_warning_sign_at_any_moment_ends_in_the_emergency_outcome(talk, sign):
    talk.start().up_to("movement").type(sign)
    assert talk.turn.kind == "emergency"
    assert "911" in talk.text
    assert "You wrote:" in talk.text


def test_a_warning_sign_up_front_is_an_emergency_before_the_first_question(talk):
    talk.start("my son has a lump and can't breathe")
    assert talk.turn.kind == "emergency"


def test_the_emergency_outcome_shows_the_words_that_led_there(talk, engine):
    talk.start().up_to("pain")
    talk.turn = engine.emergency(talk.state, "he is blue and cold")
    assert talk.turn.kind == "emergency"
    assert 'You wrote: "he is blue and cold"' in talk.text
    assert talk.turn.state["status"] == "done"


@pytest.mark.parametrize("state", [None, {}, {"status": "stopped"}])
def test_an_emergency_needs_no_check(engine, state):
    turn = engine.emergency(state, "can't breathe")
    assert turn.kind == "emergency"
    assert "911" in turn.messages[0].text


def test_an_emergency_by_mistake_can_be_taken_back(talk):
    talk.start().up_to("warning").press("warning:seizure").type("I clicked wrong, now what")
    assert talk.open == "warning"
    talk.press("warning:none")
    assert talk.turn.kind == "question"


@pytest.mark.parametrize(
    "state",
    [
        None,
        {},
        [],
        "x",
        {"version": 1},
        {"version": 99},
        {"version": 1, "status": "odd"},
        {"version": 1, "status": "active", "open": "", "answers": 3},
    ],
)
def test_a_corrupt_state_starts_afresh_and_says_so(engine, state):
    turn = engine.reply(state, "yes")
    assert "I am sorry" in turn.messages[0].text
    assert turn.state["open"] == "who"


def test_answers_that_the_protocol_no_longer_knows_are_asked_again(talk, engine):
    state = talk.start().up_to("pain").state
    state["answers"]["lump"]["option"] = "gone"
    state["answers"]["gone"] = {"option": "yes", "said": "", "how": "asked"}
    turn = engine.again(state)
    assert turn.state["open"] == "lump"


def test_the_outcome_says_what_led_there_what_to_bring_and_sums_the_answers_up(talk):
    talk.start().type("me", "none", "15").press("lump:yes", "pain:no", "growing:yes").up_to("where").type(
        "left knee", "3 weeks", "no", "no"
    )
    outcome, answers = talk.turn.messages
    assert outcome.kind == "outcome"
    assert outcome.data["reasons"] == ["You told me: the lump is getting bigger."]
    for part in ("specialist", "Within days", "What to bring", "Many ordinary things cause the same signs"):
        assert part in outcome.text
    summary = outcome.data["summary"]
    assert {"question": "where", "label": "Place on the body", "answer": "Leg, foot or hip (left knee)"} in summary[
        "lines"
    ]
    assert "Age: 12 to 17 years (15 years old)" in summary["text"]
    assert ("Change: Growing", "check:change:growing") in answers.buttons
    assert [line["question"] for line in summary["lines"]] == list(talk.answers)


def test_changing_an_answer_after_the_end_gives_the_new_outcome(talk):
    talk.start().up_to("doctor").press("doctor:no")
    assert talk.turn.messages[0].data["outcome"] == "book"
    talk.type("actually it is growing")
    assert talk.turn.kind == "outcome"
    assert "Have this seen within days" in talk.text


def test_small_talk_after_the_end_is_left_to_the_caller(talk):
    talk.start().up_to("doctor").press("doctor:no").type("thank you")
    assert not talk.turn.handled


def test_the_caller_may_pass_findings_of_its_own(engine):
    turn = engine.start([Finding("symptom", "lump", "lump"), Finding("symptom", "pain", "pain", status="denied")])
    assert "The lump does not hurt." in turn.messages[1].text


def test_what_is_only_asked_about_is_no_fact(engine):
    turn = engine.start([Finding("symptom", "pain", "pain", status="asked")])
    assert turn.state["answers"] == {}
    assert turn.state["volunteered"] == {}


def test_a_child_is_called_what_the_family_calls_it_typos_apart(talk):
    talk.start().type("my grandaughter")
    assert "Does your granddaughter have any of these" in talk.text
    talk.start("my sons knee hurts")
    assert "This is about your son." in talk.text


def test_a_question_asked_before_its_turn_has_no_number_and_leaves_the_others_theirs(talk):
    talk.start().up_to("pain").type("change how long")
    assert "Changing an answer" in talk.text
    talk.type("3 weeks")
    assert talk.open == "pain"
    assert talk.turn.messages[-1].data["progress"]["label"] == "Question 5 of about 11"


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("knee", "the left knee", "left knee"),
        ("left knee", "her knee", "left knee"),
        ("knee", "wait, her left shin, not her knee", "left shin"),
        ("leg", "her arm hurts too", "leg"),
    ],
)
def test_a_place_is_made_more_exact_and_moved_only_by_a_correction(talk, place, text, said):
    talk.start(f"she has a lump on her {place}").up_to("growing").type(text)
    assert talk.turn.state["answers"]["where"]["said"] == said


def test_what_is_said_again_or_otherwise_is_answered_with_what_stands(talk):
    talk.start("i have a lump on my arm").up_to("pain").type("the lump is on my arm")
    assert "So far I have" in talk.text
    assert talk.open == "pain"
    talk.type("my daughter's teacher")
    assert "So far I have: this is about you." in talk.text
    assert talk.answers["who"] == "me"


@pytest.mark.parametrize(("text", "left"), [("how many are left", "about 7 more"), ("are we done?", "about 7 more")])
def test_how_much_is_left_is_said(talk, text, left):
    talk.start().up_to("pain").type(text, asks=True)
    assert left in talk.text
    assert talk.open == "pain"


def test_the_last_question_is_said_to_be_the_last(talk):
    talk.start().up_to("doctor").command("left")
    assert "This is the last question." in talk.text


def test_an_emergency_does_not_fall_with_a_no(talk):
    talk.start().up_to("lump")
    talk.turn = talk.engine.emergency(talk.state, "blue lips")
    talk.type("no")
    assert talk.open == "warning"
    talk.command("stop").command("resume")
    assert talk.open == "warning"


def test_a_correction_is_read_for_the_question_before(talk):
    talk.start().up_to("pain").type("no wait there isnt")
    assert talk.answers["lump"] == "no"


@pytest.mark.parametrize(
    ("text", "lump"),
    [("yes both arms", "yes"), ("yeah like a golf ball", "yes"), ("no pain", None), ("lump?? no", "no")],
)
def test_a_yes_is_an_answer_whatever_follows_and_a_no_only_by_itself(talk, text, lump):
    talk.start().up_to("lump").type(text, asks=True)
    assert talk.answers.get("lump") == lump


def test_yes_none_of_these_is_no_warning_sign(talk):
    talk.start().up_to("warning").type("yes none of these")
    assert talk.answers["warning"] == "none"
