"""The judge of the load and fault runs: it must see each kind of broken promise."""

import json

import pytest

from benchmarks.load.families import ANSWER, LUMP, converse, is_safe, message, seen
from benchmarks.load.verdict import broken, records
from family_guide.wording import WENT_WRONG


def record(identity, outcome="right", family="f"):
    return {"family": family, "id": identity, "outcome": outcome}


KEPT = [record("1"), record("2", "safe"), record("2b"), record("3", "lost"), record("3")]


def test_kept_promises_are_not_broken():
    assert broken(KEPT, {"c": ["1", "2b", "3"]}) == []


def test_a_message_that_failed_may_be_stored_once():
    assert broken(KEPT, {"c": ["1", "2", "2b", "3"]}) == []


@pytest.mark.parametrize(
    ("stored", "problem"),
    [
        ({"c": ["1", "3"]}, "answered and stored 0 times"),
        ({"c": ["1", "2b", "2b", "3"]}, "stored 2 times"),
        ({"c": ["1", "3", "2b"]}, "out of order"),
        ({"c": ["1", "2b"], "d": ["3"]}, "2 conversations"),
        ({"c": ["1", "2b", "3", "other-1"]}, "not of this family"),
        ({"c": ["1", "2", "2", "2b", "3"]}, "stored twice"),
    ],
)
def test_a_broken_promise_is_seen(stored, problem):
    assert problem in " ".join(broken(KEPT, stored))


def test_a_wrong_reply_is_seen():
    assert "wrong reply" in broken([record("1", "wrong")], {"c": ["1"]})[0]


def test_nothing_noted_is_nothing(tmp_path):
    assert records(tmp_path / "none") == []
    (tmp_path / "some").write_text(json.dumps(record("1")) + "\n")
    assert records(tmp_path / "some") == [record("1")]


def reply(text, **data):
    buttons = [{"title": title, "choice": f"signed {title}"} for title in data.pop("titles", [])]
    return {"text": text, "buttons": buttons, "data": data}


def test_a_family_answers_the_open_question_by_its_plan():
    options = [{"id": "no", "title": "No"}, {"id": "yes", "title": "Yes"}]
    asked = [reply("Is there a lump?", question="lump", options=options, titles=["No", "Yes", "Stop"])]
    assert message(ANSWER, LUMP, asked) == {"choice": "signed Yes"}
    assert message(ANSWER, LUMP, [reply("The end")]) is None
    assert message("hello", LUMP, asked) == {"text": "hello"}


class Server:
    """Answers as told; counts what it is asked."""

    def __init__(self, *answers):
        self.answers = [(201, {"session": "s"}), *answers]
        self.sent = []

    def __call__(self, path, body):
        self.sent.append(body)
        answer = self.answers.pop(0)
        if answer is ConnectionError:
            raise ConnectionError
        return answer


def said(text):
    return 200, {"messages": [reply(text)]}


def outcomes(server, expected):
    steps = converse(server, "long", expected, lambda: False, lambda: 0.0)
    found = []
    for _, _, attempt in steps:
        found.append((attempt.id, attempt.outcome))
        if len(server.answers) == 0:
            break
    return found


def test_a_family_sends_again_what_was_lost_as_it_was_and_what_failed_anew():
    expected = [seen([reply("Hello")])]
    server = Server(ConnectionError, (502, {}), said(WENT_WRONG), said("Hello"))
    found = outcomes(server, expected)
    assert [outcome for _, outcome in found] == ["lost", "lost", "safe", "right"]
    ids = [identity for identity, _ in found]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert server.sent[1]["message_id"] == ids[0]


def test_a_reply_that_was_not_expected_is_wrong_and_ends_the_conversation():
    assert [outcome for _, outcome in outcomes(Server(said("Bye"), said("Hello")), [seen([reply("Hello")])])] == [
        "wrong"
    ]


def test_what_asks_to_send_again_is_known():
    assert is_safe(*said(WENT_WRONG))
    assert is_safe(503, {"error": {"message": "Something went wrong on our side. Please try again."}})
    assert not is_safe(*said("Hello"))
    assert not is_safe(500, {"error": {"message": "Traceback"}})
