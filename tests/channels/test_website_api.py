"""The API against the real running assistant."""

import json
import sqlite3

import pytest
import requests

from family_guide.settings import Settings
from tests.channels.described import INTERNAL, check
from tests.channels.small_website import small_website

KINDS = {"answer", "question", "outcome", "emergency", "crisis", "clarify", "fallback", "info"}


def post(assistant, path, body, **kwargs):
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return check(requests.post(f"{assistant.url}/webhooks/website/{path}", data=data, timeout=30, **kwargs))


def history(assistant, session):
    response = check(
        requests.get(
            f"{assistant.url}/webhooks/website/history", headers={"Authorization": f"Bearer {session}"}, timeout=30
        )
    )
    assert response.status_code == 200
    return response.json()["messages"]


def test_a_session_begins_with_a_welcome_that_says_what_it_cannot_do(assistant):
    body = post(assistant, "sessions", {}).json()
    assert len(body["session"]) > 30
    (welcome,) = body["messages"]
    assert "911" in welcome["text"]
    assert "cannot diagnose" in welcome["text"]


def test_the_description_is_served(assistant):
    served = check(requests.get(f"{assistant.url}/webhooks/website/openapi.json", timeout=30)).json()
    assert served["openapi"].startswith("3.1")
    assert served["components"]["schemas"]["Typed"]["properties"]["text"]["maxLength"] == 2000


def test_the_channel_says_that_it_is_there(assistant):
    assert check(requests.get(f"{assistant.url}/webhooks/website/", timeout=30)).json() == {"status": "ok"}


def test_the_limits_and_the_menu_come_with_the_session(assistant):
    begun = post(assistant, "sessions", {}).json()
    assert begun["limits"] == {"characters": 2000, "comment": 500}
    session, menu = begun["session"], begun["menu"]
    assert assistant.send(session, choice=menu["check_symptoms"])[-1]["kind"] == "question"
    shown = assistant.send(session, choice=menu["show_my_data"])[0]
    assert "Check symptoms" in shown["text"]


def test_every_kind_of_message_is_as_described(assistant):
    session = assistant.session()
    texts = [
        "what is asps",
        "hello",
        "check symptoms",
        "1",
        "my son can't breathe",
        "I want to kill myself",
        "qwrt zzkp",
    ]
    kinds = {
        m["kind"]
        for text in texts
        for m in post(assistant, "messages", {"session": session, "text": text}).json()["messages"]
    }
    assert {"answer", "question", "emergency", "crisis", "info"} <= kinds
    history(assistant, session)


def test_a_rating_is_kept_for_the_message_that_it_is_about(assistant):
    session = assistant.session()
    answer = assistant.send(session, "is asps cancer")[0]
    fields = {"session": session, "about": answer["id"], "rating": "down", "comment": "it was too short"}
    assert post(assistant, "feedback", fields).status_code == 204
    with sqlite3.connect(assistant.var / "conversations.db") as database:
        kept = database.execute(
            "SELECT rating, comment FROM feedback WHERE message_timestamp = ?", [float(answer["id"])]
        )
        assert kept.fetchall() == [("down", "it was too short")]


def test_a_question_gets_its_curated_answer_with_its_source(assistant):
    answer = assistant.ask("can this sarcoma spread to other parts of her body?")
    assert answer["kind"] == "answer"
    assert answer["source"]["page"] == "Alveolar Soft Part Sarcoma"
    assert answer["source"]["heading"] == "What are alveolar soft part sarcomas?"
    assert "W06" in answer["source"]["facts"]
    assert all(set(button) == {"title", "choice"} for button in answer["buttons"])


def test_a_question_the_page_does_not_cover_gets_an_honest_answer(assistant):
    answer = assistant.ask("what are the chances of survival")
    assert answer["kind"] == "answer"
    assert answer["source"] is None
    assert "care team" in answer["text"]


def test_a_related_question_is_answered_from_its_button(assistant):
    session = assistant.session()
    first = assistant.send(session, "can it spread")[0]
    second = assistant.send(session, choice=first["buttons"][0]["choice"])[0]
    assert second["kind"] == "answer"
    assert second["text"] != first["text"]


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("my daughter can't breathe", "emergency", "911"),
        ("he is unconscious and won't wake up", "emergency", "911"),
        ("I want to kill myself", "crisis", "988"),
        ("can it spread? also she can't breathe right now", "emergency", "911"),
    ],
)
def test_safety_wins_over_everything(assistant, text, kind, number):
    message = assistant.ask(text)
    assert message["kind"] == kind
    assert number in message["text"]


@pytest.mark.parametrize(
    "text", ["does my son have asps", "so it's not cancer then?", "is this lump cancer, yes or no"]
)
def test_no_diagnosis_is_given(assistant, text):
    message = assistant.ask(text)
    assert message["source"] is None
    assert "cannot" in message["text"]


def test_another_language_is_answered_in_it(assistant):
    assert "911" in assistant.ask("mi hijo tiene un bulto en la pierna y no sé qué hacer")["text"]
    assert "intérprete" in assistant.ask("¿Puede volver el tumor después de la operación?")["text"]


@pytest.mark.parametrize(
    "text",
    [
        "😀😀😀",
        "\u0000\u0007\u200b",
        "<script>alert(1)</script>",
        "'; DROP TABLE events; --",
        "/restart",
        " /restart",
        "/session_start",
        "/back",
        "/faq{",
        '/intent{"slot":"x"}',
        '/check_symptoms{"choice": "check:warning:none"}',
        '/ask_topic{"topic": "chemotherapy"}',
        "/nlu_fallback",
        "{{7*7}} ${x} %s %n",
        "a" * 1999,
        "\u202egnp.exe",
        "null",
        "EXTERNAL: /crisis",
    ],
)
def test_odd_text_gets_a_kind_reply_and_the_conversation_goes_on(assistant, text):
    session = assistant.session()
    for message in assistant.send(session, text):
        assert message["kind"] in KINDS
        assert message["text"].strip()
        assert not any(word in message["text"] for word in INTERNAL)
    assert assistant.send(session, "is asps cancer")[0]["kind"] == "answer"


def test_typed_commands_do_not_press_buttons(assistant):
    session = assistant.session()
    assistant.send(session, "is asps cancer")
    assistant.send(session, "/restart")
    texts = [m["text"] for m in history(assistant, session)]
    # A restart would have made the conversation begin again.
    assert "is asps cancer" in texts
    assert "restart" in texts


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b'"text"', 400, "bad_request"),
        (b"\xff\xfe", 400, "bad_request"),
        (b"[" * 20_000, 400, "bad_request"),
        ({}, 401, "session_ended"),
        ({"session": 1, "text": "hi"}, 400, "bad_request"),
        ({"session": "made up", "text": "hi"}, 401, "session_ended"),
        ({"session": "x" * 600, "text": "hi"}, 400, "bad_request"),
        (b" " * 40_000, 413, "too_large"),
        (b" " * 2_000_000, 413, "too_large"),
    ],
)
def test_bad_bodies_get_a_clear_error(assistant, body, status, code):
    response = post(assistant, "messages", body)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"]
    assert not any(word in response.text for word in INTERNAL)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "bad_request"),
        ({"text": ""}, 400, "bad_request"),
        ({"text": "   "}, 400, "bad_request"),
        ({"text": 5}, 400, "bad_request"),
        ({"text": ["hi"]}, 400, "bad_request"),
        ({"text": None}, 400, "bad_request"),
        ({"text": "hi", "choice": "x"}, 400, "bad_request"),
        ({"text": "x" * 5000}, 413, "too_long"),
        ({"text": "\ud800"}, 400, "bad_request"),
        ({"choice": "made up"}, 404, "unknown_choice"),
        ({"choice": "/restart"}, 404, "unknown_choice"),
        ({"text": "hi", "message_id": 7}, 400, "bad_request"),
        ({"text": "hi", "message_id": "x" * 65}, 400, "bad_request"),
    ],
)
def test_bad_fields_get_a_clear_error(assistant, fields, status, code):
    response = post(assistant, "messages", {"session": assistant.session(), **fields})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_a_choice_of_another_conversation_is_refused(assistant):
    offered = assistant.ask("can it spread")["buttons"][0]["choice"]
    response = post(assistant, "messages", {"session": assistant.session(), "choice": offered})
    assert response.status_code == 404


def test_the_history_holds_what_was_said_in_order(assistant):
    session = assistant.session()
    assistant.send(session, "is asps cancer")
    said = history(assistant, session)
    assert [m["from"] for m in said] == ["guide", "family", "guide"]
    assert said[1]["text"] == "is asps cancer"
    assert said[2]["kind"] == "answer"
    assert said[2]["source"]["heading"]


def test_no_one_reads_the_history_of_another(assistant):
    assistant.send(assistant.session(), "is asps cancer")
    assert len(history(assistant, assistant.session())) == 1
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        response = requests.get(f"{assistant.url}/webhooks/website/history", headers=headers, timeout=30)
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "session_ended"


def test_a_message_sent_again_is_answered_again_but_taken_once(assistant):
    session = assistant.session()
    first = assistant.send(session, "is asps cancer", message_id="one")
    again = assistant.send(session, "is asps cancer", message_id="one")
    assert [m["text"] for m in again] == [m["text"] for m in first]
    assert [m["from"] for m in history(assistant, session)].count("family") == 1


def test_a_request_that_a_proxy_hands_to_another_server_is_taken_once(assistant):
    session = assistant.session()
    body = {"session": session, "text": "is asps cancer"}
    first, again = (post(assistant, "messages", body, headers={"X-Request-ID": "a" * 32}).json() for _ in range(2))
    assert [m["id"] for m in first["messages"]] == [m["id"] for m in again["messages"]]
    assert [m["from"] for m in history(assistant, session)] == ["guide", "family", "guide"]
    strange = post(assistant, "messages", body, headers={"X-Request-ID": "not a number"}).json()
    assert strange["messages"][0]["id"] != first["messages"][0]["id"]


def test_a_family_can_see_and_delete_what_is_stored(assistant):
    session = assistant.session()
    assistant.send(session, "is asps cancer")
    shown = assistant.send(session, "what do you know about me")[0]
    assert "is asps cancer" in shown["text"]
    asked = assistant.send(session, "please delete my conversation")[0]
    yes = next(b for b in asked["buttons"] if b["title"].startswith("Yes"))
    assistant.send(session, choice=yes["choice"])
    assert len(history(assistant, session)) == 1


def test_a_conversation_can_be_deleted_by_the_page(assistant):
    session = assistant.session()
    assistant.send(session, "is asps cancer")
    response = requests.delete(
        f"{assistant.url}/webhooks/website/conversation", headers={"Authorization": f"Bearer {session}"}, timeout=30
    )
    assert response.status_code == 204
    assert len(history(assistant, session)) == 1


@pytest.mark.parametrize(
    "path",
    ["/webhooks/rest/webhook", "/conversations/x/tracker", "/model/parse", "/status", "/version", "/domain", "/nope"],
)
def test_nothing_of_rasa_itself_is_served(assistant, path):
    for method in ("GET", "POST", "PUT"):
        response = requests.request(method, assistant.url + path, timeout=30)
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


def test_the_wrong_method_gets_a_clear_error(assistant):
    response = requests.get(f"{assistant.url}/webhooks/website/messages", timeout=30)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "not_allowed")


def test_limits_are_set_by_the_environment(tmp_path, monkeypatch):
    for name, value in {"VAR": tmp_path, "RATE_PER_SESSION": 2, "RATE_PER_ADDRESS": 8, "MAX_CHARS": 50}.items():
        monkeypatch.setenv(f"FAMILY_GUIDE_{name}", str(value))
    with small_website(Settings()) as limited:
        session = limited.begin()
        assert limited.say(session, "is asps cancer").status_code == 200
        assert limited.say(session, "x" * 51).status_code == 413
        refused = limited.say(session, "is asps cancer")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")
        assert refused.headers["Retry-After"]
        statuses = [limited.ask("POST", "/sessions").status_code for _ in range(8)]
        assert statuses[:3] == [201, 201, 201]
        assert statuses[-1] == 429


def test_each_limit_can_be_switched_off(tmp_path):
    off = {"rate_per_session": 0, "rate_per_address": 0, "max_chars": 0, "max_body_bytes": 0, "session_hours": 0}
    with small_website(Settings(var=tmp_path, **off)) as unlimited:
        session = unlimited.begin()
        assert unlimited.say(session, "word " * 10_000).status_code == 200
        assert {unlimited.say(session, "hello").status_code for _ in range(70)} == {200}
