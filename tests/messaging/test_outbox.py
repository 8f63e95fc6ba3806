"""The outbox in SQLite and in PostgreSQL."""

import threading

import pytest

from family_guide.channels.messaging import outbox as module
from family_guide.channels.messaging import tables
from family_guide.channels.messaging.outbox import Outbox
from family_guide.monitoring.queues import OutboxQueues
from family_guide.privacy.database import create_engine
from tests.services import postgres, postgres_url  # noqa: F401


@pytest.fixture(params=["sqlite", "postgresql"])
def box(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'x.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = create_engine(url)
    tables.metadata.drop_all(engine)
    opened = Outbox(engine)
    opened.prepare()
    opened.prepare()
    yield opened
    opened.close()


def answered(box, *parts, **more):
    box.receive("sms", "c", f"m{box.waiting()}{parts}", "question")
    return box.answered(box.next_inbound("c"), "sms", parts, **more)


def test_a_message_is_kept_once(box):
    assert box.receive("sms", "c", "m", "sealed")
    assert not box.receive("sms", "c", "m", "sealed")
    assert box.waiting() == (1, 0)


def test_of_many_servers_that_receive_a_message_one_keeps_it(box):
    kept = []
    threads = [threading.Thread(target=lambda: kept.append(box.receive("sms", "c", "m", "x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [False] * 7 + [True]


def test_messages_are_answered_in_the_order_they_came_and_once(box):
    for n in range(3):
        box.receive("sms", "c", f"m{n}", f"question {n}")
    first = box.next_inbound("c")
    assert (first.sealed, first.tries) == ("question 0", 0)
    assert box.next_inbound("c").tries == 1
    assert box.answered(first, "sms", ["one", "two"])
    assert not box.answered(first, "sms", ["again"])
    assert box.next_inbound("c").sealed == "question 1"
    assert box.waiting() == (2, 2)
    # What was answered is not taken again either.
    assert not box.receive("sms", "c", "m0", "question 0")


def test_a_message_counts_once_while_it_is_answered(box):
    count = 60
    for n in range(count):
        box.receive("sms", "c", f"m{n}", "question")

    def answer_all():
        while message := box.next_inbound("c"):
            box.answered(message, "sms", ["answer"])

    answering = threading.Thread(target=answer_all)
    answering.start()
    totals, shown = set(), set()
    while answering.is_alive():
        totals.add(sum(box.waiting()))
        shown.add(sum(measured(box).values()))
    answering.join()
    assert totals == {count}
    assert shown == {count}, "what staff see"
    assert box.waiting() == (0, count)
    assert measured(box) == {"in": 0, "out": count}


def measured(box):
    """Return the lengths of the queues as Prometheus is told them."""
    (figure,) = OutboxQueues(box._engine).collect()
    return {sample.labels["queue"]: sample.value for sample in figure.samples}


def test_queues_that_cannot_be_read_have_no_length(box):
    tables.metadata.drop_all(box._engine)
    assert list(OutboxQueues(box._engine).collect()) == []


def test_parts_are_sent_in_order_and_begun_by_one_server(box):
    answered(box, "one", "two")
    part = box.next_outbound("c")
    assert part.sealed == "one"
    assert box.begin_sending(part.id)
    assert not box.begin_sending(part.id)
    assert box.next_outbound("c").sending_since
    box.not_sent(part.id)
    assert box.begin_sending(part.id)
    box.delivered(part.id)
    assert box.next_outbound("c").sealed == "two"
    box.instead(box.next_outbound("c").id, "three")
    assert (box.next_outbound("c").sealed, box.next_outbound("c").sending_since) == ("three", None)


def test_a_conversation_is_worked_on_by_one_server_at_a_time(box):
    box.receive("sms", "c", "m", "x")
    assert box.with_work("sms") == ["c"]
    assert box.with_work("telegram") == []
    assert box.lease("c", "one", 60)
    assert box.lease("c", "one", 60)
    assert not box.lease("c", "two", 60)
    assert box.with_work("sms") == []
    box.release("c", "two")
    assert not box.lease("c", "two", 60)
    box.release("c", "one")
    assert box.lease("c", "two", -1)
    assert box.lease("c", "one", 60)


def test_offers_keep_their_ids_and_only_the_last_have_numbers(box):
    answered(box, "x", offers=[("a", 1, "A"), ("b", 2, "B")])
    assert box.last_offers("c") == {1: "A", 2: "B"}
    answered(box, "y", offers=[("b", 1, "B2")])
    assert box.last_offers("c") == {1: "B2"}
    assert (box.offer("c", "a"), box.offer("c", "b")) == ("A", "B2")
    assert box.offer("other", "a") is None
    answered(box, "z")
    assert box.last_offers("c") == {}


def test_deleting_a_conversation_leaves_only_the_words_that_say_so(box):
    answered(box, "x", offers=[("a", 1, "A")])
    box.report("sms", "c", "not_delivered", "HTTP 500")
    answered(box, "It is deleted.", forget=True)
    assert box.next_outbound("c").sealed == "It is deleted."
    assert box.waiting() == (0, 1)
    assert box.offer("c", "a") is None
    assert box.reports() == []


def test_stop_drops_what_waits_until_start(box):
    answered(box, "x")
    box.opt_out("c")
    box.opt_out("c")
    assert box.opted_out("c")
    assert box.next_outbound("c") is None
    box.opt_in("c")
    assert not box.opted_out("c")


def test_what_is_old_is_tidied_away_but_ids_are_remembered_for_long(box, monkeypatch):
    answered(box, "x", offers=[("a", 1, "A")])
    box.report("sms", "c", "not_delivered", "HTTP 500")
    now = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 91 * 86400)
    box.tidy(0)
    assert box.reports()
    box.tidy(90)
    assert (box.reports(), box.offer("c", "a")) == ([], None)
    assert not box.receive("sms", "c", "m(0, 0)('x',)", "question")
    monkeypatch.setattr(module.time, "time", lambda: now + 401 * 86400)
    box.tidy(90)
    assert box.receive("sms", "c", "m(0, 0)('x',)", "question")
