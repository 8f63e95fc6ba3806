"""The other actions: safety, topics, follow-ups, other languages, what is stored."""

import json

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import ActionDeleteConversation, ActionShowMyData
from actions.safety import ActionSafety
from actions.symptom_check import ActionSmallTalk, ActionSymptomCheck
from actions.talk import ActionAnswerQuestions, ActionAnswerTopic, ActionFollowUp, ActionOtherLanguage
from family_guide.channels.conversation import DELETE_CONVERSATION
from family_guide.content import shared_answers, shared_languages, shared_symptom_check


def run(action, message, *, state=None, events=()):
    slots = {"symptom_check": state, "check_active": bool(state and state["status"] != "stopped")}
    message = {"text": "", "intent": {"name": "unknown"}, "entities": [], **message}
    dispatcher = CollectingDispatcher()
    tracker = Tracker("family", slots, message, list(events), False, None, {}, "action_listen")
    changes = action.run(dispatcher, tracker, {})
    return dispatcher.messages, {event["name"]: event["value"] for event in changes}


def button(name, value):
    return [{"entity": name, "value": value, "extractor": "button"}]


def said(text):
    return {"event": "user", "text": text}


def answered(topic):
    return {"event": "bot", "metadata": {"utter_action": f"utter_{topic}"}}


def test_a_sign_in_the_words_gets_the_fixed_message_and_changes_nothing_outside_a_check():
    messages, slots = run(ActionSafety(), {"text": "she can't breathe", "intent": {"name": "emergency"}})
    assert [message["metadata"]["kind"] for message in messages] == ["emergency"]
    assert "911" in messages[0]["text"]
    assert slots == {}


@pytest.mark.parametrize(("kind", "number"), [("emergency", "911"), ("crisis", "988")])
@pytest.mark.parametrize("text", ["words that no rule knows", "", None])
def test_the_classifier_alone_suffices_for_the_fixed_message(kind, number, text):
    messages, _ = run(ActionSafety(), {"text": text, "intent": {"name": kind}})
    assert messages[0]["metadata"]["kind"] == kind
    assert number in messages[0]["text"]


def test_below_the_fixed_message_stands_what_was_asked_too():
    message = {"text": "words that no rule knows", "intent": {"name": "crisis"}, "asked_besides": ["faq/can_it_spread"]}
    fixed, offer = run(ActionSafety(), message)[0]
    assert fixed["metadata"]["kind"] == "crisis"
    assert offer["template"] == "utter_asked_beside_danger"
    assert [button["title"] for button in offer["buttons"]] == ["Can it spread?"]
    state = shared_symptom_check().start().state
    assert "utter_asked_beside_danger" not in [m.get("template") for m in run(ActionSafety(), message, state=state)[0]]


def test_an_emergency_ends_the_check_and_a_crisis_pauses_it():
    state = shared_symptom_check().start().state
    _, slots = run(ActionSafety(), {"text": "she can't breathe", "intent": {"name": "emergency"}}, state=state)
    assert slots["symptom_check"]["status"] == "done"
    _, slots = run(ActionSafety(), {"text": "i want to kill myself", "intent": {"name": "crisis"}}, state=state)
    assert slots["symptom_check"]["status"] == "paused"


def test_doubt_offers_the_nearest_topics_and_none_of_these():
    ranking = [{"name": "faq/can_it_spread", "confidence": 0.4}, {"name": "faq/can_it_come_back", "confidence": 0.3}]
    messages, _ = run(ActionSmallTalk(), {"intent": {"name": "clarify"}, "intent_ranking": ranking})
    titles = [entry["title"] for entry in messages[0]["buttons"]]
    assert messages[0]["template"] == "utter_clarify"
    assert titles[-1] == "None of these"
    assert len(titles) == 3


@pytest.mark.parametrize("ranking", [None, [], [{"name": "faq/gone", "confidence": 1.0}]])
def test_doubt_without_a_known_topic_still_offers_a_way_out(ranking):
    messages, _ = run(ActionSmallTalk(), {"intent": {"name": "clarify"}, "intent_ranking": ranking})
    assert [entry["title"] for entry in messages[0]["buttons"]] == ["None of these"]


@pytest.mark.parametrize(
    ("topic", "response"),
    [
        ("can_it_spread", "utter_faq/can_it_spread"),
        ("none", "utter_ask_in_other_words"),
        ("gone", "utter_ask_in_other_words"),
    ],
)
def test_a_topic_button_says_its_answer_or_asks_for_other_words(topic, response):
    messages, _ = run(ActionAnswerTopic(), {"entities": button("topic", topic)})
    assert [message["template"] for message in messages] == [response]


def test_a_topic_in_typed_words_is_no_button():
    typed = [{"entity": "topic", "value": "can_it_spread", "extractor": "SymptomRules"}]
    messages, _ = run(ActionAnswerTopic(), {"entities": typed})
    assert messages[0]["template"] == "utter_ask_in_other_words"


def test_more_offers_what_is_near_the_last_answer():
    events = [answered("faq/what_is_asps"), answered("faq/can_it_spread"), answered("chat/thanks")]
    messages, _ = run(ActionFollowUp(), {"intent": {"name": "more"}}, events=events)
    assert messages[0]["template"] == "utter_clarify"
    assert any("can_it_come_back" in entry["payload"] for entry in messages[0]["buttons"])


@pytest.mark.parametrize(
    ("intent", "events"),
    [("more", []), ("affirm", [answered("chat/greet")]), ("deny", [answered("faq/can_it_spread")])],
)
def test_a_follow_up_on_nothing_asks_what_the_family_would_like_to_know(intent, events):
    messages, _ = run(ActionFollowUp(), {"intent": {"name": intent}}, events=events)
    assert [message["template"] for message in messages] == ["utter_ask_what"]


def offered(*titles_and_payloads):
    buttons = [{"title": title, "payload": payload} for title, payload in titles_and_payloads]
    return [said("hm"), {"event": "bot", "data": {"buttons": buttons}, "metadata": {}}, said("now")]


SPREAD = ("Whether it can spread", '/ask_topic{"topic": "can_it_spread"}')
RETURN = ("Whether it can come back", '/ask_topic{"topic": "can_it_come_back"}')
CHECK = ("Check symptoms", "/check_symptoms")
NONE = ("None of these", '/ask_topic{"topic": "none"}')


@pytest.mark.parametrize(
    ("text", "intent", "events", "response"),
    [
        ("the second one", "more", offered(SPREAD, RETURN, NONE), "utter_faq/can_it_come_back"),
        ("the last", "more", offered(SPREAD, RETURN, NONE), "utter_faq/can_it_come_back"),
        ("yes please", "affirm", offered(SPREAD, NONE), "utter_faq/can_it_spread"),
        ("yes please", "affirm", offered(SPREAD, RETURN, NONE), "utter_clarify"),
        ("the fourth", "more", offered(SPREAD, RETURN, NONE), "utter_ask_what"),
        ("the second one", "more", [*offered(SPREAD, RETURN), said("and now")], "utter_ask_what"),
    ],
)
def test_what_was_offered_is_picked_in_words(text, intent, events, response):
    messages, _ = run(ActionFollowUp(), {"text": text, "intent": {"name": intent}}, events=events)
    assert [message["template"] for message in messages] == [response]


def test_a_related_topic_of_the_last_answer_is_picked_by_its_place():
    related = {"event": "bot", "metadata": {"related": ["can_it_spread", "can_it_come_back"]}}
    message = {"text": "second one please", "intent": {"name": "more"}}
    messages, _ = run(ActionFollowUp(), message, events=[said("a"), related, said("b")])
    assert messages[0]["template"] == "utter_faq/can_it_come_back"


def test_a_check_that_was_offered_starts_when_it_is_picked():
    message = {"text": "the second one", "intent": {"name": "more"}}
    _, slots = run(ActionFollowUp(), message, events=offered(SPREAD, CHECK, NONE))
    assert slots["check_active"]


def test_a_paused_check_that_is_picked_is_taken_up():
    state = {**shared_symptom_check().start().state, "status": "paused"}
    message = {"text": "the first", "intent": {"name": "more"}}
    _, slots = run(ActionSymptomCheck(), message, state=state, events=offered(CHECK, SPREAD))
    assert slots["symptom_check"]["status"] == "active"


@pytest.mark.parametrize("language", shared_languages(), ids=lambda language: language.code)
def test_every_language_is_answered_in_itself(language):
    messages, _ = run(ActionOtherLanguage(), {"language": language.code})
    assert messages[0]["text"] == language.reply


@pytest.mark.parametrize("code", [None, "xx"])
def test_a_language_that_no_reply_is_written_for_gets_the_fallback(code):
    messages, _ = run(ActionOtherLanguage(), {"language": code})
    assert [message["template"] for message in messages] == ["utter_unknown"]


def test_deletion_is_asked_for_once_before_it_happens():
    messages, _ = run(ActionDeleteConversation(), {})
    assert len(messages[0]["buttons"]) == 2
    assert not (messages[0]["metadata"] or {}).get("data")
    messages, _ = run(ActionDeleteConversation(), {"entities": button("choice", "delete:no")})
    assert "Nothing was deleted" in messages[0]["text"]
    messages, _ = run(ActionDeleteConversation(), {"entities": button("choice", "delete:yes")})
    assert messages[0]["metadata"]["data"] == {DELETE_CONVERSATION: True}


def test_what_is_stored_is_shown_without_the_request_itself():
    events = [said("is asps cancer"), said("what do you know about me")]
    messages, _ = run(ActionShowMyData(), {}, events=events)
    assert "- is asps cancer" in messages[0]["text"]
    assert "what do you know about me" not in messages[0]["text"]


def test_of_a_long_conversation_the_last_twenty_messages_are_shown():
    events = [said(f"message {number}.") for number in range(31)]
    messages, _ = run(ActionShowMyData(), {}, events=events)
    assert "the last 20" in messages[0]["text"]
    assert "message 10." in messages[0]["text"]
    assert "message 9." not in messages[0]["text"]


def test_where_nothing_is_stored_it_says_so():
    messages, _ = run(ActionShowMyData(), {}, events=[said("what do you know about me")])
    assert "nothing of yours is stored" in messages[0]["text"]


def topics_of(message):
    return [json.loads(b["payload"].removeprefix("/ask_topic"))["topic"] for b in message["buttons"]]


def talk(label, ranking):
    intent = {"name": "chat", "full_retrieval_intent_name": label}
    names = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    messages, _ = run(ActionSmallTalk(), {"intent": intent, "intent_ranking": names})
    assert messages[0]["template"] == f"utter_{label}"
    return topics_of(messages[0])


@pytest.mark.parametrize(
    ("ranking", "topics"),
    [
        ([("faq/can_it_spread", 0.6), ("chat/ask_diagnosis", 0.3)], ["can_it_spread", "is_it_cancer"]),
        (
            [("faq/can_it_spread", 0.4), ("check_symptoms", 0.3), ("faq/can_it_come_back", 0.2)],
            ["can_it_spread", "can_it_come_back"],
        ),
        ([("faq/how_it_is_found", 0.5), ("faq/is_it_cancer", 0.04)], ["how_it_is_found", "is_it_cancer"]),
        ([("chat/ask_diagnosis", 0.98), ("faq/can_it_spread", 0.01)], ["is_it_cancer", "how_it_is_found"]),
        ([], ["is_it_cancer", "how_it_is_found"]),
    ],
)
def test_beside_a_refused_diagnosis_stands_what_else_may_have_been_asked(ranking, topics):
    assert talk("chat/ask_diagnosis", ranking) == topics


def test_other_talk_has_no_topics_added():
    assert talk("chat/thanks", [("chat/thanks", 0.9), ("faq/can_it_spread", 0.1)]) == []


def test_a_refusal_beside_an_answer_offers_what_was_not_answered():
    message = {
        "intent": {"name": "questions"},
        "questions": ["chat/ask_diagnosis", "faq/amputation"],
        "intent_ranking": ranked(faq__amputation=0.5, faq__is_it_cancer=0.3),
    }
    (refusal, answer), _ = run(ActionAnswerQuestions(), message)
    assert [refusal["template"], answer["template"]] == ["utter_chat/ask_diagnosis", "utter_faq/amputation"]
    assert topics_of(refusal) == ["is_it_cancer"]
    assert answer["buttons"] == []


def test_beside_an_answer_stands_an_offer_of_what_else_may_have_been_asked():
    message = {
        "intent": {"name": "questions"},
        "questions": ["faq/chemotherapy"],
        "asked_besides": ["faq/treatment_options", "faq/no_such_topic"],
    }
    (answer, offer), _ = run(ActionAnswerQuestions(), message)
    assert [answer["template"], offer["template"]] == ["utter_faq/chemotherapy", "utter_asked_besides"]
    assert topics_of(offer) == ["treatment_options", "none"]


def test_where_no_topic_is_known_for_the_rest_nothing_is_offered():
    message = {"intent": {"name": "questions"}, "questions": ["faq/diet"], "asked_besides": ["faq/no_such_topic"]}
    messages, _ = run(ActionAnswerQuestions(), message)
    assert [one["template"] for one in messages] == ["utter_faq/diet"]


def ranked(**shares):
    return [{"name": name.replace("__", "/"), "confidence": share} for name, share in shares.items()]


@pytest.mark.parametrize(
    ("text", "intent", "ranking", "before", "response"),
    [
        # Near the answer before: likelier than out of the blue.
        ("the eating part i mean", "clarify", ranked(faq__diet=0.5, faq__prevention=0.3), "faq/diet", "utter_faq/diet"),
        (
            "and that for a toddler then",
            "unknown",
            ranked(faq__diet=0.5, chat__off_topic=0.3),
            "faq/diet",
            "utter_faq/diet",
        ),
        # Far from it: as much in doubt as ever.
        (
            "the eating part i mean",
            "clarify",
            ranked(faq__diet=0.5, faq__fertility=0.3),
            "faq/angiogram",
            "utter_clarify",
        ),
        (
            "the eating part i mean",
            "unknown",
            ranked(faq__diet=0.2, faq__fertility=0.1),
            "faq/angiogram",
            "utter_unknown",
        ),
        # It points back, and what it asks for is known.
        ("could he have it done before or after", "clarify", [], "faq/radiation_what", "utter_faq/radiation_when"),
    ],
)
def test_in_doubt_a_short_message_is_seen_in_view_of_the_answer_before_it(text, intent, ranking, before, response):
    events = [said("first"), answered(before), said(text)]
    message = {"text": text, "intent": {"name": intent}, "intent_ranking": ranking}
    messages, _ = run(ActionSmallTalk(), message, events=events)
    assert [m.get("response") for m in messages] == [response]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [said("first"), answered("faq/diet"), said("thanks"), {"event": "bot", "metadata": {}}, said("x")],
    ],
)
def test_out_of_the_blue_or_later_doubt_stays_doubt(events):
    message = {"text": "the eating part", "intent": {"name": "clarify"}, "intent_ranking": ranked(faq__diet=0.5)}
    messages, _ = run(ActionSmallTalk(), message, events=events)
    assert messages[0]["response"] == "utter_clarify"


def test_a_long_message_stands_for_itself():
    text = "well my mother always said that what you eat makes you what you are and so on"
    events = [said("first"), answered("faq/diet"), said(text)]
    message = {"text": text, "intent": {"name": "clarify"}, "intent_ranking": ranked(faq__diet=0.5)}
    assert run(ActionSmallTalk(), message, events=events)[0][0]["response"] == "utter_clarify"


@pytest.mark.parametrize(
    "topic", ["amputation", "can_it_spread", "can_it_come_back", "bleeding_in_surgery", "how_serious"]
)
def test_what_is_asked_of_a_part_of_the_disease_is_not_answered_of_the_whole(topic):
    # "Is that common?" after amputation is no question about how common the cancer is: "very rare" would reassure.
    text = "is that common"
    message = {"text": text, "intent": {"name": "more"}, "leaning": "faq/how_common"}
    events = [said("tell me about it"), answered(f"faq/{topic}"), said(text)]
    assert run(ActionFollowUp(), message, events=events)[0][0]["response"] == f"utter_faq/{topic}"
    assert run(ActionFollowUp(), message)[0][0]["response"] == "utter_faq/how_common"


def test_why_without_a_check_is_about_the_answer_before():
    text = "why is it needed"
    message = {"text": text, "intent": {"name": "why_ask"}}
    events = [said("what is radiation"), answered("faq/radiation_what"), said(text)]
    assert run(ActionSymptomCheck(), message, events=events)[0][0]["response"] == "utter_faq/radiation_why"
    assert run(ActionSymptomCheck(), message)[0][0]["response"] == "utter_ask_what"


def offered_titles(message, before):
    ranking = [{"name": message["alone"], "confidence": 0.9}] if "alone" in message else []
    asked = {"intent": {"name": "more"}, "leaning": message.get("alone"), "intent_ranking": ranking, **message}
    events = [said("?"), answered(before), said(message["text"])]
    (reply,) = run(ActionFollowUp(), asked, events=events)[0]
    return reply["template"], [button["title"] for button in reply["buttons"] or []]


def test_a_word_of_asking_after_an_answer_is_no_question_about_something_far_from_it():
    template, titles = offered_titles(
        {"text": "who can then", "alone": "faq/embolization_who"}, "faq/my_childs_results"
    )
    assert template == "utter_clarify"
    assert titles[0] == shared_answers().title("faq/embolization_who")
    near = {"text": "who does it then", "alone": "faq/embolization_who"}
    assert offered_titles(near, "faq/embolization_what")[0] == "utter_faq/embolization_who"


def test_what_leans_and_is_not_understood_is_asked_back_about_the_answer_before():
    template, titles = offered_titles({"text": "do you do those", "alone": "unknown"}, "faq/second_opinion")
    assert template == "utter_clarify"
    assert titles[0] == shared_answers().title("faq/second_opinion")
    assert titles[-1] == "None of these"


@pytest.mark.parametrize(
    ("text", "events", "response"),
    [
        ("what about for teens like me", [said("?"), answered("faq/support_groups"), said("")], "utter_clarify"),
        ("what about for teens like me", [said("")], "utter_unknown"),
        ("the moon", [said("?"), answered("faq/support_groups"), said("")], "utter_unknown"),
    ],
)
def test_what_goes_on_from_an_answer_is_asked_back_about_it(text, events, response):
    (reply,) = run(ActionSmallTalk(), {"text": text, "intent": {"name": "unknown"}}, events=events)[0]
    assert reply["template"] == response


@pytest.mark.parametrize("intent", ["skip", "stop_check", "go_back", "why_ask"])
def test_a_word_of_asking_is_no_command_where_no_check_is_on(intent):
    events = [said("?"), answered("faq/embolization_what"), said("and when?")]
    (reply,) = run(ActionSymptomCheck(), {"text": "and when?", "intent": {"name": intent}}, events=events)[0]
    assert reply["template"] == "utter_faq/embolization_when"
