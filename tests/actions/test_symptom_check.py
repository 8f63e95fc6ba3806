"""The symptom check's action: from a tracker to the engine and back."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.symptom_check import ActionSmallTalk, ActionSymptomCheck, findings_of
from family_guide.content import shared_extractor, shared_symptom_check

COMMANDS = ["stop_check", "go_back", "start_over", "skip", "dont_know", "why_ask"]


def tracker(intent, text="", *, state=None, choice=None, topic=None, typed=None, leaf=None, findings=False):
    entities = [
        {"entity": name, "value": value, "extractor": "button"}
        for name, value in (("choice", choice), ("topic", topic))
        if value
    ]
    if typed:  # what a classifier might find in typed words under a button's name
        entities.append({"entity": "choice", "value": typed, "extractor": "SymptomRules"})
    if findings:
        entities += [
            {"entity": finding.kind, "value": finding.name, "extractor": "SymptomRules", "finding": finding.to_dict()}
            for finding in shared_extractor().extract(text)
        ]
    message = {"text": text, "intent": {"name": intent}, "entities": entities}
    if leaf:
        message["intent"]["full_retrieval_intent_name"] = leaf
    slots = {"symptom_check": state, "check_active": bool(state and state.get("status") != "stopped")}
    return Tracker("family", slots, message, [], False, None, {}, "action_listen")


def run(*args, **kwargs):
    dispatcher = CollectingDispatcher()
    events = ActionSymptomCheck().run(dispatcher, tracker(*args, **kwargs), {})
    return dispatcher.messages, {event["name"]: event["value"] for event in events}


def at(question):
    """Return the state in which a question is open."""
    state = shared_symptom_check().start().state
    for choice in ("who:my_child", "warning:none", "age:from_5", "lump:yes", "pain:no", "growing:no"):
        if state["open"] == question:
            return state
        state = shared_symptom_check().reply(state, "", choice=choice).state
    return state


@pytest.mark.parametrize("intent", COMMANDS)
def test_a_command_without_a_check_starts_none(intent):
    messages, slots = run(intent, "stop")
    assert [message["template"] for message in messages] == ["utter_ask_what"]
    assert slots == {}


def test_a_start_keeps_the_whole_state_in_one_slot_and_whether_a_check_is_on():
    messages, slots = run("check_symptoms", "check symptoms")
    assert slots["check_active"] is True
    assert slots["symptom_check"]["open"] == "who"
    assert messages[-1]["metadata"]["kind"] == "question"


def test_every_button_says_a_payload_of_the_check():
    messages, _ = run("check_symptoms", "check symptoms")
    payloads = [button["payload"] for message in messages for button in message["buttons"]]
    assert payloads
    assert all(payload.startswith('/check_symptoms{"choice": "check:') for payload in payloads)


def test_a_pressed_option_is_the_answer_whatever_its_title():
    _, slots = run("check_symptoms", "No", state=at("lump"), choice="check:lump:yes")
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"


def test_typed_words_never_count_as_a_button():
    _, slots = run("unknown", "bananas", state=at("lump"), typed="check:lump:yes")
    assert "lump" not in slots["symptom_check"]["answers"]


@pytest.mark.parametrize("choice", ["check:nothing:here", "check:lump:maybe", "check:", "x", "check:change:nothing"])
def test_a_choice_that_is_none_changes_no_answer(choice):
    state = at("lump")
    messages, slots = run("check_symptoms", "Yes", state=state, choice=choice)
    assert slots["symptom_check"]["answers"] == state["answers"]
    assert messages[-1]["metadata"]["kind"] == "question"


@pytest.mark.parametrize("state", [{}, {"version": 0}, {"version": 1, "status": "active"}, [], "broken"])
def test_a_state_that_cannot_be_read_starts_again_and_says_so(state):
    dispatcher = CollectingDispatcher()
    family = tracker("affirm", "yes")
    family.slots.update(symptom_check=state, check_active=True)
    events = {event["name"]: event["value"] for event in ActionSymptomCheck().run(dispatcher, family, {})}
    assert "lost our place" in dispatcher.messages[0]["text"]
    assert events["symptom_check"]["open"] == "who"


def test_a_question_half_way_is_answered_before_the_check_comes_back():
    messages, slots = run("faq", "can it spread", state=at("pain"), leaf="faq/can_it_spread")
    assert messages[0]["template"] == "utter_faq/can_it_spread"
    assert messages[-1]["metadata"]["kind"] == "question"
    assert slots["symptom_check"]["open"] == "pain"


def test_a_topic_that_is_unknown_asks_for_other_words():
    messages, _ = run("ask_topic", "Old topic", state=at("pain"), topic="no_such_topic")
    assert messages[0]["template"] == "utter_ask_in_other_words"


def test_an_answer_that_also_asks_is_kept_and_answered():
    messages, slots = run("faq", "yes, but can it spread?", state=at("lump"), leaf="faq/can_it_spread")
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"
    assert messages[0]["template"] == "utter_faq/can_it_spread"
    assert slots["symptom_check"]["open"] == "pain"


@pytest.mark.parametrize(("intent", "opened"), [("go_back", "age"), ("skip", "pain"), ("why_ask", "lump")])
def test_a_command_that_only_the_classifier_knows_is_obeyed(intent, opened):
    _, slots = run(intent, "qwertz", state=at("lump"))
    assert slots["symptom_check"]["open"] == opened


@pytest.mark.parametrize(("button", "heard"), [("check:pause", True), ("check:stop", False)])
def test_a_paused_check_still_hears_every_message_and_a_stopped_one_does_not(button, heard):
    state = at("pain")
    _, slots = run("check_symptoms", "x", state=state, choice=button)
    assert slots["check_active"] is heard
    assert slots["symptom_check"]["answers"] == state["answers"]


def paused():
    return shared_symptom_check().reply(at("pain"), "", command="pause").state


def done():
    state = at("limping")
    for choice in ("limping:no", "movement:no", "where:leg", "how_long:weeks", "earlier:no", "doctor:no"):
        state = shared_symptom_check().reply(state, "", choice=choice).state
    assert state["status"] == "done"
    return state


@pytest.mark.parametrize("intent", ["affirm", "clarify", "unknown", "faq"])
@pytest.mark.parametrize("text", ["yes", "keep going", "continue"])
def test_a_pause_ends_with_a_word_whatever_the_classifier_makes_of_it(intent, text):
    _, slots = run(intent, text, state=paused())
    assert (slots["symptom_check"]["status"], slots["symptom_check"]["open"]) == ("active", "pain")


def test_a_symptom_told_during_a_pause_takes_the_check_up_again():
    _, slots = run("check_symptoms", "now she limps", state=paused(), findings=True)
    assert slots["symptom_check"]["answers"]["limping"]["option"] == "yes"
    assert slots["symptom_check"]["open"] == "pain"


def test_no_during_a_pause_leaves_the_check_waiting():
    messages, slots = run("deny", "no", state=paused())
    assert "waits" in messages[0]["text"]
    assert slots["symptom_check"]["status"] == "paused"


@pytest.mark.parametrize("state", [paused, done])
def test_a_question_while_no_question_is_open_is_answered_and_nothing_else_said(state):
    messages, slots = run("faq", "can it spread", state=state(), leaf="faq/can_it_spread")
    assert [message["template"] for message in messages] == ["utter_faq/can_it_spread"]
    assert slots["symptom_check"]["answers"] == state()["answers"]


def test_an_answer_is_put_right_in_words_after_the_end():
    messages, slots = run("clarify", "wait, it does hurt", state=done(), findings=True)
    assert "the lump hurts" in messages[0]["text"]
    assert slots["symptom_check"]["answers"]["pain"]["option"] == "yes"
    assert slots["symptom_check"]["status"] == "done"


def test_a_symptom_told_after_the_end_is_added_and_a_new_person_starts_a_new_check():
    _, slots = run("check_symptoms", "oh and she limps", state=done(), findings=True)
    assert slots["symptom_check"]["answers"]["limping"]["option"] == "yes"
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"
    _, slots = run("check_symptoms", "my nephew limps", state=done(), findings=True)
    assert slots["symptom_check"]["open"] == "warning"
    assert "lump" not in slots["symptom_check"]["answers"]


@pytest.mark.parametrize("intent", ["stop_check", "skip", "why_ask", "deny"])
def test_a_word_that_means_nothing_after_the_end_claims_nothing(intent):
    messages, slots = run(intent, "qwertz", state=done())
    assert [message["template"] for message in messages] == ["utter_ask_what"]
    assert slots["symptom_check"] == done()


def test_a_statement_that_the_classifier_takes_for_a_topic_is_taken_as_told():
    messages, slots = run("clarify", "it doesn't hurt her i think", state=at("who"), findings=True)
    assert not any(message["template"] for message in messages)
    assert slots["symptom_check"]["answers"]["pain"]["option"] == "no"


def test_what_is_told_of_a_question_that_may_never_come_up_is_heard():
    messages, slots = run("clarify", "it isn't growing", state=at("who"), findings=True)
    assert slots["symptom_check"]["volunteered"]["growing"]["option"] == "no"
    assert "noted" in messages[0]["text"]


def test_who_asks_for_the_cause_half_way_is_told_so_in_the_words_of_the_check():
    messages, slots = run("chat", "is it cancer", state=at("pain"), leaf="chat/ask_diagnosis")
    assert "clear answer, and I cannot give one" in messages[0]["text"]
    assert slots["symptom_check"]["open"] == "pain"


def small_talk(text, leaf, *, intent="chat", **kwargs):
    dispatcher = CollectingDispatcher()
    events = ActionSmallTalk().run(dispatcher, tracker(intent, text, leaf=leaf, **kwargs), {})
    return dispatcher.messages, {event["name"]: event["value"] for event in events}


def test_who_tells_of_a_symptom_and_asks_what_it_is_begins_the_check_with_it():
    messages, slots = small_talk("is the lump on my arm cancer", "chat/ask_diagnosis", findings=True)
    assert "clear answer, and I cannot give one" in messages[0]["text"]
    assert "cannot tell what the cause is" in messages[1]["text"]
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"
    assert slots["check_active"] is True


@pytest.mark.parametrize("intent", ["clarify", "unknown"])
def test_a_symptom_in_words_that_are_not_understood_begins_the_check(intent):
    _, slots = small_talk("aaah a lump on my sons neck!!!", None, intent=intent, findings=True)
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"
    _, slots = small_talk("the pain of waiting", None, intent=intent, findings=True)
    assert slots == {}


@pytest.mark.parametrize(
    ("text", "intent", "leaf"),
    [
        ("our son was diagnosed and the lump on his leg", "clarify", None),
        ("my niece has asps, is the lump on her leg bad", "chat", "chat/ask_diagnosis"),
        ("my wife drives the school bus and " * 5 + "my son has a lump, how is that found?", "clarify", None),
    ],
)
def test_who_came_to_ask_is_offered_the_check_and_not_taken_into_it(text, intent, leaf):
    messages, slots = small_talk(text, leaf, intent=intent, findings=True)
    assert slots == {}
    assert [message["template"] for message in messages] == [f"utter_{leaf}" if leaf else "utter_clarify"]
    if not leaf:
        assert "Check symptoms" in [button["title"] for button in messages[0]["buttons"]]


def test_a_long_story_that_asks_nothing_begins_the_check():
    story = "my wife drives the school bus and " * 5 + "my son has a lump. i don't know what to do"
    _, slots = small_talk(story, None, intent="clarify", findings=True)
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"


@pytest.mark.parametrize("text", ["my niece has asps", "my son saw the doctor", "has my boy got asps"])
def test_a_visit_or_a_diagnosis_alone_is_no_symptom_to_check(text):
    messages, slots = small_talk(text, "chat/ask_diagnosis", findings=True)
    assert slots == {}
    assert [message["template"] for message in messages] == ["utter_chat/ask_diagnosis"]


def test_fear_is_met_before_the_check_begins_with_what_was_told():
    messages, slots = small_talk("i'm so scared, my son has a lump", "chat/distress", findings=True)
    assert messages[0]["template"] == "utter_chat/distress"
    assert slots["symptom_check"]["answers"]["lump"]["option"] == "yes"


@pytest.mark.parametrize(("text", "leaf"), [("is it cancer", "chat/ask_diagnosis"), ("thanks", "chat/thanks")])
def test_other_small_talk_is_answered_and_begins_nothing(text, leaf):
    messages, slots = small_talk(text, leaf, findings=True)
    assert [message["template"] for message in messages] == [f"utter_{leaf}"]
    assert slots == {}


def test_asking_for_the_check_during_a_pause_takes_it_up_again():
    state = shared_symptom_check().reply(at("pain"), "", command="pause").state
    _, slots = run("check_symptoms", "Check symptoms", state=state)
    assert slots["symptom_check"]["answers"] == state["answers"]


def test_what_was_said_up_front_reaches_the_engine():
    _, slots = run("check_symptoms", "he has a lump on his knee for 3 weeks", findings=True)
    kept = {**slots["symptom_check"]["answers"], **slots["symptom_check"]["volunteered"]}
    assert kept.keys() >= {"lump", "where", "how_long"}


def test_the_state_of_one_family_is_never_changed_in_place():
    state = at("lump")
    before = repr(state)
    run("affirm", "yes", state=state)
    assert repr(state) == before


def test_findings_are_read_from_entities_and_other_entities_left_alone():
    family = tracker("faq", "no pain, just swelling", choice="check:stop", findings=True)
    assert {(finding.name, finding.status) for finding in findings_of(family)} >= {("pain", "denied")}


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("he had a seizure last year but that is over. there is a lump on his thigh", set()),
        ("as a baby she had a seizure, now her leg hurts", set()),
        ("he is having a seizure and there is a lump on his thigh", {"seizure"}),
        ("he had a seizure last year, now he is gasping for air", {"seizure", "trouble_breathing"}),
        ("there is a lump on his thigh and he is short of breath", {"trouble_breathing"}),
    ],
)
def test_a_warning_sign_that_is_over_is_none_of_today(text, flags):
    told = {finding.name for finding in findings_of(tracker("check_symptoms", text, findings=True))}
    assert told & shared_symptom_check().protocol.red_flag_symptoms == flags
    assert told


def test_what_was_over_in_the_message_before_does_not_end_a_check_in_an_emergency():
    past, now = "he had a seizure last year but that is over. what is embolization", "there is a lump on her thigh"
    made = tracker("check_symptoms", now, findings=True)
    before = tracker("faq", past, findings=True).latest_message
    made.events = [{"event": "user", "text": past, "parse_data": before}, {"event": "user", "text": now}]
    dispatcher = CollectingDispatcher()
    ActionSymptomCheck().run(dispatcher, made, {})
    assert [m["metadata"]["kind"] for m in dispatcher.messages][-1] == "question"
