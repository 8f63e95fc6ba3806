"""The running assistant, sent what no client of ours would send: always a clear refusal, never a word of the inside."""

import contextlib
import json
import socket
import time

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.described import BASE, INTERNAL, body_schema, check, misfits, values

MOST = 32_768
"""Bytes of a body, as the settings have it where nothing else is set."""
POSTS = ["/sessions", "/messages", "/feedback"]

fuzzed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30)
names = st.sampled_from(["session", "text", "choice", "message_id", "about", "rating", "comment"]) | st.text(max_size=5)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)


@pytest.fixture(scope="module")
def connection():
    with requests.Session() as connection:
        yield connection


@pytest.fixture(scope="module")
def session(assistant):
    return assistant.session()


@pytest.fixture(autouse=True)
def still_well(assistant):
    """After each test the assistant answers as before."""
    yield
    assert assistant.ask("is asps cancer")["kind"] == "answer"


def send(connection, assistant, method, path, **options):
    return check(connection.request(method, assistant.url + BASE + path, timeout=30, **options))


@pytest.mark.parametrize("path", POSTS)
@fuzzed
@given(data=st.data())
def test_what_fits_the_description_is_taken_or_refused_as_it_says(assistant, connection, session, path, data):
    schema = body_schema("POST", path)
    body = data.draw(values(schema))
    if "session" in body and data.draw(st.booleans()):
        body["session"] = session
    assert misfits(schema, body) == []
    answer = send(connection, assistant, "POST", path, json=body)
    if body.get("session") == session and str(body.get("text", "")).strip():
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("path", POSTS)
@fuzzed
@given(body=st.dictionaries(names, anything, max_size=7), known=st.booleans())
def test_fields_of_any_kind(assistant, connection, session, path, body, known):
    if known:
        body["session"] = session
    answer = send(connection, assistant, "POST", path, data=json.dumps(body).encode())
    if path != "/sessions" and not known:
        assert answer.status_code in (400, 401)


@pytest.mark.parametrize("path", POSTS)
@fuzzed
@given(body=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode()), kind=st.text(max_size=20))
def test_bodies_of_any_kind(assistant, connection, path, body, kind):
    headers = {"Content-Type": "".join(c for c in kind if c.isascii() and c.isprintable()).strip() or "text/plain"}
    send(connection, assistant, "POST", path, data=body, headers=headers)


@pytest.mark.parametrize(("method", "path"), [("GET", "/history"), ("DELETE", "/conversation")])
@fuzzed
@given(token=st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=300))
def test_tokens_of_any_kind(assistant, connection, method, path, token):
    headers = {"Authorization": f"Bearer {token}".encode("latin-1")}
    assert send(connection, assistant, method, path, headers=headers).status_code == 401


@fuzzed
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
)
def test_addresses_of_any_kind(assistant, connection, method, path):
    request = requests.Request(method, assistant.url).prepare()
    request.url = f"{assistant.url}/{path}"
    answer = connection.send(request, timeout=30, allow_redirects=False)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert not [word for word in INTERNAL if word in answer.text.replace(path, "")]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("more", [0, 1, 100_000, 2_000_000], ids="{:+}".format)
def test_bodies_up_to_the_limit_and_past_it(assistant, path, more):
    body = b'{"text": "' + b"x" * (MOST + more - 12) + b'"}'
    assert len(body) == MOST + more
    answer = requests.post(assistant.url + BASE + path, data=body, timeout=30)
    if more:
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    else:
        assert check(answer).status_code == (201 if path == "/sessions" else 401)


def test_a_body_without_a_stated_length_is_measured_as_it_comes(assistant):
    pieces = (b"x" * 10_000 for _ in range(300))
    try:
        answer = requests.post(assistant.url + BASE + "/messages", data=pieces, timeout=30)
    except requests.ConnectionError:
        return  # cut off half-way, which is as good
    assert answer.status_code == 413


POST = b"POST " + BASE.encode() + b"/messages HTTP/1.1\r\nHost: x\r\n"
GET = b"GET / HTTP/1.1\r\n"
MALFORMED = {
    "no request": b"\x00\xff\x00\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x41" * 100,
    "no version": b"GET /\r\n\r\n",
    "other version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no number as length": POST + b"Content-Length: many\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -5\r\n\r\n{}",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}",
    "bad chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "header without colon": GET + b"Host: x\r\nbroken\r\n\r\n",
    "header of bytes": GET + b"Host: x\r\nX-\xff\xfe: \xff\r\n\r\n",
    "huge header": GET + b"Host: x\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    "half an escape": b"GET /%zz%f HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute address": b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "two hosts": GET + b"Host: a\r\nHost: b\r\n\r\n",
    "upgrade": GET + b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "expect": POST + b"Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_http_is_refused_or_cut_off(assistant, request_):
    host, port = assistant.url.removeprefix("http://").split(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(request_)
            with contextlib.suppress(OSError):  # the server may have hung up already
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            pass
    first = answer.split(b"\r\n")[0]
    assert not first or not first.split()[1].startswith(b"5"), answer[:300]
    assert not [word for word in INTERNAL if word.encode() in answer.split(b"<!doctype")[0]], answer[:500]


def test_clients_that_never_finish_hold_up_nobody(assistant):
    host, port = assistant.url.removeprefix("http://").split(":")
    started = b"POST " + BASE.encode() + b"/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    waiting = [socket.create_connection((host, int(port)), timeout=10) for _ in range(100)]
    try:
        for connection in waiting:
            connection.sendall(started)
        began = time.monotonic()
        assert assistant.ask("is asps cancer")["kind"] == "answer"
        assert time.monotonic() - began < 10
    finally:
        for connection in waiting:
            connection.close()
