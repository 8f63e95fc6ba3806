"""The symptom check, message by message, with the real running assistant behind its API."""

from collections.abc import Iterator

import pytest
import requests

from family_guide.wording import WENT_WRONG
from tests.action_server import ActionServer
from tests.conftest import Assistant, start_assistant, stop
from tests.symptom_check_chat import OTHERWISE, Chat, forbidden

UP_FRONT = "there's a lump on her thigh, it doesn't hurt but it's been growing for 3 months"
ALL = [
    "who",
    "warning",
    "age",
    "lump",
    "pain",
    "growing",
    "limping",
    "movement",
    "where",
    "how_long",
    "earlier",
    "doctor",
]
WARNINGS = [
    "breathing",
    "chest_pain",
    "weakness",
    "bladder",
    "seizure",
    "bleeding",
    "cold_limb",
    "very_bad_pain",
    "some",
]


# How it starts.


@pytest.mark.parametrize("request_", ["check symptoms", "can you do a symptom check", "start the symptom check please"])
def test_a_request_starts_the_check(assistant, request_):
    chat = Chat(assistant, request_)
    assert chat.asked == "who"
    assert "cannot tell what the cause is" in chat.text
    assert "911" in chat.text


def test_a_request_that_names_the_child_is_not_asked_whom_it_is_for(assistant):
    chat = Chat(assistant, "can you check my daughter's symptoms")
    assert "You said this is about your daughter" in chat.text
    assert "Does your daughter have any of these" in chat.text
    assert chat.asked == "warning"


def test_the_button_of_the_welcome_starts_the_check(assistant):
    chat = Chat(assistant, "hello")
    assert chat.press("Check symptoms").asked == "who"


def test_what_is_said_up_front_is_repeated_back_and_never_asked_again(assistant):
    chat = Chat(assistant, UP_FRONT)
    repeated = chat.last[-2]["text"]
    for words in ("a lump or swelling", "does not hurt", "getting bigger", "thigh", "3 months"):
        assert words in repeated
    asked = []
    while chat.asked:
        asked.append(chat.asked)
        chat.pick({"who": "my_child", "warning": "none", "age": "from_12", "doctor": "no"}.get(chat.asked, "no"))
    assert asked == ["who", "warning", "age", "limping", "movement", "earlier", "doctor"]
    assert chat.outcome == "prompt"
    assert chat.summary["where"] == "Leg, foot or hip (thigh)"
    assert "3 months" in chat.summary["how_long"]
    assert chat.summary["pain"] == "No"


def test_what_is_said_up_front_can_be_put_right(assistant):
    chat = Chat(assistant, UP_FRONT).press("Change: Pain")
    assert chat.asked == "pain"
    chat.pick("yes").finish()
    assert chat.summary["pain"] == "Yes"


def test_a_sign_mentioned_in_passing_starts_the_check(assistant):
    chat = Chat(assistant, "my son is limping")
    assert chat.asked == "warning"
    assert "limps" in chat.text
    chat.finish()
    assert (chat.summary["who"], chat.summary["limping"]) == ("My child (son)", "Yes")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("my friend has a lump on his neck", "Someone else (friend)"),
        ("omg there's a big bump on my nephew's wrist and he's only 4", "Someone else (nephew)"),
        ("i'm 14 and there is a swelling on my shin", "Me"),
    ],
)
def test_a_lump_on_anybody_starts_the_check(assistant, text, who):
    chat = Chat(assistant, text)
    assert chat.asked == "warning"
    assert "a lump or swelling" in chat.text
    chat.finish()
    assert (chat.summary["who"], chat.summary["lump"]) == (who, "Yes")


def test_who_asks_if_a_lump_is_cancer_is_told_that_nobody_here_can_say_and_steps_into_the_check(assistant):
    chat = Chat(assistant, "she has a lump on her back, is it cancer?")
    assert "I cannot give one" in chat.text
    assert "a lump or swelling" in chat.text
    assert chat.asked == "who"


# From the first question to every outcome.


@pytest.mark.parametrize(
    ("answers", "outcome", "says"),
    [
        ({"lump": "yes", "growing": "yes"}, "prompt", "within days"),
        ({"lump": "yes", "limping": "yes"}, "prompt", "specialist"),
        ({"pain": "yes", "earlier": "yes"}, "prompt", "team that treats or treated the ASPS"),
        ({"warning": "not_sure"}, "prompt", "not sure about the warning signs"),
        ({"lump": "yes"}, "book", "within two weeks"),
        ({"movement": "yes", "doctor": "yes"}, "book", "Call that office again"),
        ({"earlier": "yes", "doctor": "visit"}, "book", "Keep it"),
        ({}, "worried", "that is reason enough"),
        ({"who": "me", "age": "from_12"}, "worried", "adult you trust"),
    ],
)
def test_buttons_lead_to_every_outcome(assistant, answers, outcome, says):
    chat = Chat(assistant, "check symptoms").finish(**answers)
    assert chat.outcome == outcome
    assert " ".join(says.split()) in " ".join(chat.text.split())


@pytest.mark.parametrize("sign", WARNINGS)
def test_a_warning_sign_of_the_list_ends_the_check_at_once(assistant, sign):
    chat = Chat(assistant).until("warning")
    chat.pick(sign)
    assert chat.outcome == "emergency"
    assert chat.kinds[0] == "emergency"
    assert "Call 911 now" in chat.text


def test_typed_words_lead_to_the_end(assistant):
    chat = Chat(assistant, "check symptoms")
    for text in ("my daughter", "none of these", "7", "yes", "no", "yep", "nope", "nah", "left thigh", "3 weeks", "no"):
        assert chat.asked, chat.text
        chat.say(text)
    chat.say("not yet")
    assert chat.outcome == "prompt"
    assert chat.summary["age"] == "5 to 11 years (7 years old)"
    assert chat.summary["where"] == "Leg, foot or hip (left thigh)"
    assert chat.summary["growing"] == "Yes"
    assert chat.summary["limping"] == "No"


def test_buttons_and_typed_words_mix(assistant):
    chat = Chat(assistant, "check symptoms").pick("my_child").say("none").pick("from_5").say("yes").pick("no")
    chat.say("it's the same size").pick("no").say("not really").pick("arm").say("half a year").pick("no").say("no")
    assert chat.outcome == "book"
    assert list(chat.summary) == ALL


def test_a_new_check_after_the_end_knows_nothing_of_the_old_one(assistant):
    chat = Chat(assistant, "check symptoms").finish(lump="yes", growing="yes")
    assert chat.outcome == "prompt"
    assert chat.say("check symptoms").asked == "who"
    assert chat.finish().outcome == "worried"
    assert chat.summary["lump"] == "No"


# What a reply can look like.


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("yes", "Yes"),
        ("yep", "Yes"),
        ("YES!!", "Yes"),
        ("kind of", "Yes"),
        ("a little", "Yes"),
        ("nah", "No"),
        ("not really", "No"),
        ("no, not at all", "No"),
        ("idk", "I am not sure"),
        ("hard to say", "I am not sure"),
        ("2", "No"),
        ("the third one", "I am not sure"),
    ],
)
def test_yes_no_and_not_sure_are_understood_in_many_colours(assistant, reply, answer):
    chat = Chat(assistant).until("lump")
    assert chat.say(reply).asked == "pain"
    assert chat.told()["lump"] == answer


@pytest.mark.parametrize(
    ("reply", "age"),
    [("7", "5 to 11 years (7 years old)"), ("18 months", "1 to 4 years (18 months old)"), ("he is 13", "12 to 17")],
)
def test_an_age_is_read_as_typed(assistant, reply, age):
    chat = Chat(assistant).until("age")
    assert chat.say(reply).asked == "lump"
    assert chat.told()["age"].startswith(age)


def test_more_than_one_fact_in_a_reply_is_kept_and_repeated_back(assistant):
    chat = Chat(assistant).until("age")
    chat.say("7 years old and she has a lump on her arm")
    assert chat.asked == "pain"
    assert "a lump or swelling" in chat.text
    assert "arm" in chat.text
    chat.finish(growing="no")
    assert chat.summary["where"].startswith("Arm, hand or shoulder")
    assert chat.summary["age"] == "5 to 11 years (7 years old)"


def test_a_sign_that_is_denied_is_put_down_as_no(assistant):
    chat = Chat(assistant).until("lump")
    chat.say("she isn't limping").finish(lump="yes", movement="yes")
    assert chat.summary["limping"] == "No"


def test_the_question_names_how_far_it_is_and_never_counts_back(assistant):
    chat = Chat(assistant, "check symptoms")
    numbers = []
    while chat.asked:
        progress = chat.question["data"]["progress"]
        assert f"Question {progress['number']} of about {progress['of']}" in chat.question["text"]
        assert progress["number"] <= progress["of"]
        numbers.append(progress["number"])
        chat.pick(OTHERWISE[chat.asked])
    assert numbers == list(range(1, len(numbers) + 1))


def test_numbers_of_questions_do_not_repeat_after_an_early_change(assistant):
    chat = Chat(assistant, UP_FRONT)
    assert chat.question["data"]["progress"]["number"] == 1
    chat.press("Change: Pain")
    assert chat.question["data"]["progress"]["label"] == "Changing an answer"
    numbers = []
    chat.pick("yes")
    while chat.asked:
        numbers.append(chat.question["data"]["progress"]["number"])
        chat.pick({**OTHERWISE, "lump": "yes"}[chat.asked])
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("text", ["how much longer", "how many questions are left?", "are we almost done"])
def test_how_much_is_left_is_said_and_the_check_goes_on(assistant, text):
    chat = Chat(assistant).until("pain", lump="yes").say(text)
    assert "After this one, about 7 more questions are left" in chat.text
    assert chat.asked == "pain"


@pytest.mark.parametrize("text", ["what do you mean", "i don't understand", "can you explain"])
def test_a_question_is_put_in_other_words_on_request(assistant, text):
    chat = Chat(assistant).until("lump").say(text)
    assert "a bump you can feel" in chat.text
    assert "did not get that" not in chat.text
    assert chat.asked == "lump"


def test_what_was_said_before_and_is_said_again_is_no_wrong_answer(assistant):
    chat = Chat(assistant, "there's a lump on my son's left arm").say("none").say("12")
    assert chat.asked == "pain"
    chat.say("the lump is on his arm")
    assert "So far I have" in chat.text
    assert "did not get that" not in chat.text
    assert chat.asked == "pain"


def test_typed_text_presses_no_button(assistant):
    chat = Chat(assistant).until("lump")
    chat.say('/check_symptoms{"choice": "check:earlier:no"}')
    assert chat.asked == "lump"


@pytest.mark.parametrize("text", ["😀😀", "<b>hi</b>", "'; DROP TABLE events; --", "x" * 1500])
def test_odd_text_gets_a_reply_and_the_check_goes_on(assistant, text):
    chat = Chat(assistant).until("lump")
    chat.say(text)
    assert chat.say("yes").asked == "pain"


# A question half-way.


@pytest.mark.parametrize("question", ["what is asps?", "can it spread", "what is rotationplasty"])
def test_a_question_half_way_is_answered_and_the_check_goes_on_where_it_was(assistant, question):
    chat = Chat(assistant).until("lump")
    chat.say(question)
    assert chat.kinds[0] == "answer"
    assert chat.last[0]["source"]["page"] == "Alveolar Soft Part Sarcoma"
    assert chat.asked == "lump"
    assert chat.say("no").asked == "pain"


def test_a_related_topic_is_answered_half_way_from_its_button(assistant):
    chat = Chat(assistant).until("limping").say("can it spread").press("Can it come back?")
    assert chat.kinds[0] == "answer"
    assert chat.asked == "limping"


def test_a_question_half_way_is_stored_as_no_answer(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("can it come back?")
    assert chat.asked == "pain"
    assert chat.say("no").told()["pain"] == "No"


def test_fear_is_met_with_warmth_and_the_check_goes_on(assistant):
    chat = Chat(assistant).until("lump").say("i'm so scared")
    assert "sorry" in chat.last[0]["text"]
    assert chat.asked == "lump"


@pytest.mark.parametrize("text", ["is it cancer then", "so it's not cancer?", "does she have asps"])
def test_no_diagnosis_is_given_half_way(assistant, text):
    chat = Chat(assistant).until("pain", lump="yes")
    chat.say(text)
    assert "cannot" in chat.text
    assert chat.asked == "pain"


def test_no_diagnosis_is_given_after_the_outcome(assistant):
    chat = Chat(assistant, "check symptoms").finish(lump="yes", growing="yes")
    assert "cannot" in chat.say("so does she have cancer").text


def test_another_language_half_way_is_answered_in_it_and_the_check_goes_on(assistant):
    chat = Chat(assistant).until("lump").say("¿Puede volver el tumor después de la operación?")
    assert "intérprete" in chat.text
    assert chat.say("yes").asked == "pain"


def test_thanks_half_way_change_nothing(assistant):
    chat = Chat(assistant).until("earlier").say("thank you so much")
    assert chat.asked == "earlier"


# Second thoughts.


@pytest.mark.parametrize("text", ["wait, it does hurt", "no wait, i meant yes", "oops, it hurts"])
def test_the_answer_before_can_be_put_right_in_words(assistant, text):
    chat = Chat(assistant).until("growing", lump="yes", pain="no")
    chat.say(text)
    assert "the lump hurts" in chat.text
    assert chat.asked == "growing"
    assert chat.told()["pain"] == "Yes"


@pytest.mark.parametrize("text", ["wait, it doesn't hurt", "actually it does not hurt"])
def test_a_correction_is_confirmed_without_offering_topics(assistant, text):
    chat = Chat(assistant).until("growing", lump="yes", pain="yes")
    chat.say(text)
    assert "the lump does not hurt" in chat.text
    assert "clarify" not in chat.kinds
    assert chat.told()["pain"] == "No"


@pytest.mark.parametrize("text", ["back", "go back", "i clicked wrong, now what", "previous question"])
def test_going_back_asks_the_question_before_again(assistant, text):
    chat = Chat(assistant).until("growing", lump="yes", pain="no")
    assert chat.say(text).asked == "pain"
    assert chat.pick("yes").asked == "growing"
    assert chat.told()["pain"] == "Yes"


def test_the_back_button_goes_back_step_by_step(assistant):
    chat = Chat(assistant).until("pain", lump="yes")
    assert chat.press("Back").asked == "lump"
    assert chat.press("Back").asked == "age"
    assert chat.press("Back").asked == "warning"
    assert chat.press("Back").asked == "who"


def test_there_is_nothing_to_go_back_to_at_the_first_question(assistant):
    chat = Chat(assistant, "check symptoms", "back")
    assert "first question" in chat.text
    assert chat.asked == "who"


def test_any_answer_can_be_changed_from_a_list(assistant):
    chat = Chat(assistant).until("limping", lump="yes").say("change an answer").press("Change: Age")
    assert chat.asked == "age"
    assert chat.say("2").asked == "limping"
    assert chat.told()["age"] == "1 to 4 years (2 years old)"


def test_an_answer_can_be_changed_by_its_name(assistant):
    chat = Chat(assistant).until("limping", lump="yes").say("change the age")
    assert chat.asked == "age"
    assert chat.say("13").asked == "limping"


def test_an_answer_changed_after_the_end_leads_to_another_outcome(assistant):
    chat = Chat(assistant, "check symptoms").finish(lump="yes", growing="yes")
    assert chat.outcome == "prompt"
    chat.press("Change: Growing").pick("no")
    assert chat.outcome == "book"
    assert chat.summary["growing"] == "No"


def test_an_answer_is_put_right_in_words_after_the_end(assistant):
    chat = Chat(assistant, "check symptoms").finish(lump="yes", pain="no", growing="no")
    assert chat.outcome == "book"
    chat.say("wait, it is getting bigger")
    assert "the lump is getting bigger" in chat.text
    assert chat.outcome == "prompt"
    assert chat.say("can it spread").kinds == ["answer"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("wait, it's on her right arm, not her leg", "Arm, hand or shoulder (right arm)"),
        ("actually both legs", "Leg, foot or hip (both legs)"),
        ("on her left leg", "Leg, foot or hip (left leg)"),
    ],
)
def test_a_place_is_put_right_or_made_more_exact(assistant, text, place):
    chat = Chat(assistant, "there is a lump on my daughter's leg").until("limping", growing="no")
    chat.say(text)
    assert chat.asked == "limping"
    assert chat.told()["where"] == place


def test_answers_that_no_longer_apply_are_dropped(assistant):
    chat = Chat(assistant, "check symptoms").finish(lump="yes", growing="yes")
    chat.press("Change: Lump or swelling").pick("no")
    assert chat.outcome == "worried"
    assert {"growing", "where", "how_long"}.isdisjoint(chat.summary)


# Why, not sure, skip.


@pytest.mark.parametrize("text", ["why?", "why do you ask?", "why do you need to know"])
def test_why_is_explained_and_the_question_asked_again(assistant, text):
    chat = Chat(assistant).until("lump").say(text)
    assert "one of the signs on the page I use" in chat.text
    assert chat.asked == "lump"


def test_the_why_button_says_what_is_general_safety_advice(assistant):
    chat = Chat(assistant).until("warning").press("Why do you ask?")
    assert "general safety advice" in chat.text
    assert chat.asked == "warning"


@pytest.mark.parametrize("text", ["i don't know", "not sure", "no idea", "dunno"])
def test_not_knowing_is_an_answer(assistant, text):
    chat = Chat(assistant).until("lump").say(text)
    assert chat.asked == "pain"
    assert chat.told()["lump"] == "I am not sure"


@pytest.mark.parametrize("text", ["skip", "next question", "pass"])
def test_a_question_can_be_skipped(assistant, text):
    chat = Chat(assistant).until("lump").say(text)
    assert "I am not sure" in chat.text
    assert chat.asked == "pain"


def test_the_warning_signs_cannot_be_skipped(assistant):
    chat = Chat(assistant).until("warning").say("skip")
    assert "cannot skip" in chat.text
    assert chat.asked == "warning"
    assert "Skip" not in [button["title"] for button in chat.question["buttons"]]


def test_a_family_that_skips_all_it_can_still_gets_a_recommendation(assistant):
    chat = Chat(assistant).until("age")
    while chat.asked:
        chat.press("Skip")
    assert chat.outcome == "book"
    assert set(list(chat.summary.values())[3:]) == {"I am not sure"}


# Pause, stop, start over.


def test_a_paused_check_goes_on_from_its_button(assistant):
    chat = Chat(assistant).until("growing", lump="yes").press("Pause")
    assert "911" in chat.text
    assert chat.press("Go on").asked == "growing"
    assert chat.told()["lump"] == "Yes"


def test_questions_are_answered_during_a_pause(assistant):
    chat = Chat(assistant).until("growing", lump="yes").say("pause")
    assert chat.say("can it spread").kinds[0] == "answer"
    assert chat.asked == ""
    assert chat.say("resume").asked == "growing"


@pytest.mark.parametrize("text", ["go on", "yes", "i'm back", "continue", "keep going", "ok let's go on", "yes please"])
def test_a_paused_check_goes_on_from_typed_words(assistant, text):
    chat = Chat(assistant).until("age").say("pause")
    assert chat.say(text).asked == "age"


def test_no_leaves_a_paused_check_waiting(assistant):
    chat = Chat(assistant).until("growing", lump="yes").say("pause").say("no")
    assert "The check waits" in chat.text
    assert chat.say("yes").asked == "growing"


def test_a_sign_told_during_a_pause_goes_on_with_it(assistant):
    chat = Chat(assistant).until("limping", lump="yes").say("pause").say("she is limping now")
    assert chat.asked == "movement"
    assert chat.told()["limping"] == "Yes"


@pytest.mark.parametrize(
    "text",
    [
        "stop",
        "quit",
        "stop the check",
        "i don't want to do this",
    ],
)
def test_a_check_can_be_stopped(assistant, text):
    chat = Chat(assistant).until("pain", lump="yes").say(text)
    assert chat.asked == ""
    assert "doctor" in chat.text
    assert "911" in chat.text
    assert chat.say("can it spread").kinds == ["answer"]


def test_a_stopped_check_can_be_taken_up_again(assistant):
    chat = Chat(assistant).until("pain", lump="yes").press("Stop")
    assert chat.press("Go on").asked == "pain"


@pytest.mark.parametrize("text", ["start over", "start again", "reset"])
def test_starting_over_forgets_the_answers(assistant, text):
    chat = Chat(assistant).until("pain", lump="yes").say(text)
    assert "cleared" in chat.text
    assert chat.asked == "who"
    assert "lump" not in chat.told()


@pytest.mark.parametrize("text", ["stop", "go back", "skip", "start over", "why do you ask?"])
def test_commands_of_the_check_claim_nothing_when_none_is_on(assistant, text):
    chat = Chat(assistant, text)
    assert not any(word in chat.text for word in ("stopped", "cleared", "lost our place", "go back to this one"))


def test_taking_up_a_check_that_never_was_claims_no_loss(assistant):
    assert "lost" not in Chat(assistant, "resume").text


# What is no answer.


def test_a_reply_that_is_no_answer_is_not_stored_and_the_second_time_explained(assistant):
    chat = Chat(assistant).until("where", lump="yes").say("no")
    assert "did not save it" in chat.text
    assert chat.asked == "where"
    chat.say("no")
    assert "in other words" in chat.text
    assert "1. Leg, foot or hip" in chat.text
    assert chat.asked == "where"
    assert chat.say("left knee").finish().summary["where"] == "Leg, foot or hip (left knee)"


@pytest.mark.parametrize("text", ["purple monkey dishwasher", "asdkjh qwe", "blorp fnord", "42424242"])
def test_nonsense_twice_gets_the_options_explained(assistant, text):
    chat = Chat(assistant).until("lump").say(text)
    assert chat.asked == "lump"
    first = chat.text
    chat.say(text)
    assert chat.asked == "lump"
    assert chat.text != first
    assert "a bump you can feel" in chat.text


def test_asking_for_the_check_during_the_check_is_no_wrong_answer(assistant):
    chat = Chat(assistant).until("age").say("check symptoms")
    assert "did not get that" not in chat.text


# Warning signs and crisis, at any moment.


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("who", "my daughter can't breathe", "can't breathe"),
        ("pain", "he is unconscious and won't wake up", "unconscious"),
        ("doctor", "yes and she is having a seizure right now", "seizure"),
    ],
)
def test_a_warning_sign_half_way_ends_the_check_and_shows_the_words(assistant, question, text, words):
    chat = Chat(assistant).until(question, lump="yes")
    chat.say(text)
    assert chat.kinds[0] == "emergency"
    assert "911" in chat.last[0]["text"]
    assert chat.outcome == "emergency"
    assert words in chat.ended["text"]


def test_an_emergency_says_each_thing_once(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("my daughter can't breathe")
    assert chat.ended["data"]["reasons"] == ['You wrote: "can\'t breathe"']
    assert "If a warning sign shows up" not in chat.ended["text"]


def test_a_warning_sign_wins_over_a_question_and_an_answer(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("no. can it spread? also she can't breathe right now")
    assert chat.kinds[0] == "emergency"
    assert chat.outcome == "emergency"


def test_a_warning_sign_taken_back_lets_the_check_go_on(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("my daughter can't breathe").press("That was not right")
    assert chat.asked == "warning"
    assert chat.pick("none").asked == "pain"


def test_no_after_an_emergency_shows_the_list_again_and_takes_nothing_back_by_itself(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("my daughter can't breathe").say("none")
    assert chat.asked == "warning"
    assert chat.say("none").asked == "pain"


def test_a_warning_sign_counts_during_a_pause_and_after_the_end(assistant):
    chat = Chat(assistant).until("pain").say("pause").say("my daughter can't breathe")
    assert chat.kinds[0] == "emergency"
    chat = Chat(assistant, "check symptoms").finish().say("my daughter can't breathe")
    assert chat.kinds[0] == "emergency"


def test_a_word_that_only_the_classifier_takes_for_an_emergency_is_answered(assistant):
    chat = Chat(assistant).until("warning").say("breathing")
    assert WENT_WRONG not in chat.text
    assert "911" in chat.text


def test_denying_a_warning_sign_is_no_emergency(assistant):
    chat = Chat(assistant).until("warning").say("no trouble breathing")
    assert WENT_WRONG not in chat.text
    assert chat.asked in ("warning", "age")


@pytest.mark.parametrize("text", ["i want to kill myself", "i don't want to live anymore"])
def test_a_crisis_half_way_is_answered_first_and_the_check_waits(assistant, text):
    chat = Chat(assistant).until("pain", lump="yes").say(text)
    assert chat.kinds[0] == "crisis"
    assert "988" in chat.text
    assert chat.say("resume").asked == "pain"


# Who it is for.


def test_a_teenager_is_spoken_to_and_sent_to_an_adult(assistant):
    chat = Chat(assistant, "check symptoms").pick("me")
    assert "Do you have any of these" in chat.text
    chat.pick("none").say("15")
    assert "your child" not in chat.text
    chat.finish(lump="yes", growing="yes")
    assert chat.outcome == "prompt"
    assert "Show this to a parent or another adult you trust today" in chat.text
    assert "child" not in chat.ended["text"]


def test_a_grandparent_is_asked_about_the_grandchild(assistant):
    chat = Chat(assistant, "check symptoms", "my grandson")
    assert "Does your grandson have any of these" in chat.text
    assert "Call your grandson's doctor" in chat.finish(lump="yes", growing="yes").ended["text"]
    assert chat.summary["who"] == "Someone else (grandson)"


def test_a_person_chosen_by_button_is_this_person(assistant):
    chat = Chat(assistant, "check symptoms").pick("someone_else")
    assert "Does this person have any of these" in chat.text


# The summary.


def test_the_summary_holds_every_answer_and_the_advice(assistant):
    chat = Chat(assistant).until("where", lump="yes", growing="yes")
    chat.say("left thigh").say("3 months").pick("no").pick("visit")
    summary = chat.ended["data"]["summary"]
    assert list(chat.summary) == ALL
    for line in summary["lines"]:
        assert f"{line['label']}: {line['answer']}" in summary["text"]
    assert "Have this seen within days" in summary["text"]
    assert "left thigh" in summary["text"]
    assert "3 months" in summary["text"]
    assert forbidden(summary["text"]) == []


def test_the_outcome_says_what_to_do_how_soon_why_and_what_to_bring(assistant):
    data = Chat(assistant, "check symptoms").finish(lump="yes", growing="yes").ended["data"]
    assert data["soon"] == "Within days"
    assert data["reasons"] == ["You told me: the lump is getting bigger."]
    assert "Call your child's doctor" in data["do"]
    assert "Photos" in " ".join(data["bring"])
    assert "Many ordinary things" in data["ordinary"]


# Buttons of another time or another chat.


def test_a_button_of_an_earlier_question_changes_that_answer(assistant):
    chat = Chat(assistant).until("lump")
    earlier = chat.choice("No")
    chat.pick("yes").choose(earlier)
    assert chat.asked == "pain"
    assert "no lump" in chat.text
    assert chat.told()["lump"] == "No"


def test_a_button_pressed_twice_counts_once(assistant):
    chat = Chat(assistant).until("lump")
    yes = chat.choice("Yes")
    assert chat.choose(yes).asked == "pain"
    assert chat.choose(yes).asked == "pain"


def test_a_button_of_a_question_that_no_longer_applies_is_not_stored(assistant):
    chat = Chat(assistant).until("growing", lump="yes")
    growing = chat.choice("Yes")
    chat.press("Back").press("Back").pick("no")
    asked = chat.choose(growing).asked
    assert "does not apply" in chat.text
    assert asked
    assert "growing" not in chat.finish().summary


def test_a_button_of_another_chat_is_refused_and_changes_nothing(assistant):
    mine, theirs = Chat(assistant).until("lump"), Chat(assistant).until("lump")
    response = requests.post(
        f"{assistant.url}/webhooks/website/messages",
        json={"session": mine.session, "choice": theirs.choice("Yes")},
        timeout=30,
    )
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_choice")
    assert mine.say("no").asked == "pain"
    assert mine.told()["lump"] == "No"


def test_two_chats_at_once_do_not_mix(assistant):
    one, two = Chat(assistant, "check symptoms"), Chat(assistant, "check symptoms")
    one.pick("my_child")
    two.pick("me")
    one.pick("none").say("4")
    two.pick("none").say("16")
    one.pick("yes")
    two.pick("no")
    one.finish(growing="yes")
    two.finish()
    assert (one.outcome, two.outcome) == ("prompt", "worried")
    assert (one.summary["who"], two.summary["who"]) == ("My child", "Me")
    assert "4 years old" in one.summary["age"]
    assert "16 years old" in two.summary["age"]


# What is stored.


def test_what_is_stored_is_shown_half_way_and_the_check_goes_on(assistant):
    chat = Chat(assistant).until("lump").say("what do you know about me")
    assert "check symptoms" in chat.text
    assert chat.say("yes").asked == "pain"


def test_after_deleting_half_way_nothing_of_the_check_is_left(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("please delete my conversation").press("Yes, delete it")
    assert "deleted" in chat.text
    assert chat.say("check symptoms").asked == "who"
    assert "lump" not in chat.told()


def test_keeping_the_conversation_keeps_the_check(assistant):
    chat = Chat(assistant).until("pain", lump="yes").say("please delete my conversation").press("No, keep it")
    assert chat.say("no").asked == "growing"


# When something breaks.


def test_a_check_goes_on_after_the_assistant_was_restarted(model, tmp_path):
    running = start_assistant(tmp_path, model.parent)
    try:
        chat = Chat(running).until("growing", lump="yes", pain="yes")
        paused = Chat(running).until("age").say("pause")
        go_on = paused.choice("Go on")
    finally:
        stop(running)
    running = start_assistant(tmp_path, model.parent)
    try:
        chat.assistant = paused.assistant = running
        assert chat.say("yes").asked == "limping"
        assert chat.finish().outcome == "prompt"
        assert (chat.summary["lump"], chat.summary["pain"]) == ("Yes", "Yes")
        assert paused.choose(go_on).asked == "age"
    finally:
        stop(running)


@pytest.fixture(scope="module")
def actions() -> Iterator[ActionServer]:
    with ActionServer(seconds=4) as server:
        yield server


@pytest.fixture(scope="module")
def fragile(model, actions, tmp_path_factory) -> Iterator[Assistant]:
    """An assistant whose actions run on a server that fails when told to."""
    running = start_assistant(
        tmp_path_factory.mktemp("fragile"),
        model.parent,
        FAMILY_GUIDE_ACTION_URL=actions.url,
        FAMILY_GUIDE_REPLY_SECONDS="4",
    )
    yield running
    stop(running)


@pytest.mark.parametrize("failure", ["error", "nonsense", "hang", "hang_up"])
def test_when_an_action_fails_the_family_is_told_and_the_check_goes_on_later(fragile, actions, failure):
    chat = Chat(fragile).until("pain", lump="yes")
    yes = chat.choice("Yes")
    actions.fails = failure
    try:
        chat.say("no")
        assert chat.text == WENT_WRONG
        chat.choose(yes)
        assert chat.text == WENT_WRONG
    finally:
        actions.fails = ""
    chat.choose(yes)
    assert chat.asked == "growing"
    assert chat.told()["pain"] == "Yes"


@pytest.mark.parametrize("failure", ["error", "hang", "hang_up"])
def test_an_emergency_is_answered_when_the_actions_fail(fragile, actions, failure):
    chat = Chat(fragile).until("pain", lump="yes")
    actions.fails = failure
    try:
        chat.say("my daughter can't breathe")
    finally:
        actions.fails = ""
    assert chat.kinds == ["emergency"]
    assert "911" in chat.text


def test_a_check_that_cannot_start_claims_nothing(fragile, actions):
    actions.fails = "error"
    try:
        chat = Chat(fragile, "check symptoms")
    finally:
        actions.fails = ""
    assert chat.text == WENT_WRONG
    assert chat.say("check symptoms").asked == "who"
