"""More than 10,000 requests that no client of ours sends: no 5xx, nothing internal, and the service goes on."""

import base64
import hashlib
import hmac
import http.client
import json
import random
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.deploy.stack import CHAT, MESSAGING

LEAKS = (
    b"traceback",
    b'file "',
    b"sanic",
    b"rasa",
    b"site-packages",
    b"/root",
    b"/app",
    b"exception",
    b"psycopg",
    b"sqlalchemy",
    b"errno",
    b"keyerror",
    b"typeerror",
    b"valueerror",
    b"at 0x",
)
WEBSITE = [
    ("POST", "/webhooks/website/sessions"),
    ("POST", "/webhooks/website/messages"),
    ("GET", "/webhooks/website/history"),
    ("DELETE", "/webhooks/website/conversation"),
    ("POST", "/webhooks/website/feedback"),
]
WEBHOOKS = [f"/webhooks/{name}/webhook" for name in ("sms", "whatsapp", "messenger", "telegram", "xmpp")]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO", "get"]
FIELDS = ["session", "text", "choice", "message_id", "about", "rating", "comment", "__proto__", ""]
AT_LEAST = 10_000
QUIET = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""The same requests every time: a failure can be looked at, and CI does not depend on luck."""

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


class Fuzz:
    """Sends requests over one connection and judges what comes back.

    Attributes:
        sent: how many there were.
        statuses: that came back.
    """

    def __init__(self, port):
        self.port, self.sent, self.statuses = port, 0, set()
        self._connection = None

    def send(self, method, path, body=None, headers=None):
        self.sent += 1
        for last in (False, True):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._connection.request(method, path, body=body, headers=headers or {})
                answer = self._connection.getresponse()
                content = answer.read()
                break
            except (http.client.HTTPException, OSError):
                # The server may close after an error; it must not after a fresh one as well.
                self._connection.close()
                self._connection = None
                assert not last, f"no answer to {method} {path}"
        self.judge(answer.status, content, dict(answer.headers))
        return answer.status, content

    def judge(self, status, content, headers):
        self.statuses.add(status)
        assert status < 500, (status, content)
        told = content.lower() + repr(headers).lower().encode()
        if not content.startswith((b"<!doctype", b"\x1f\x8b")) and b"javascript" not in told[-300:]:
            assert not [leak for leak in LEAKS if leak in told], content

    def raw(self, data):
        """Send bytes on a connection of their own; an answer is judged, none is fine.

        A server that waits for the rest of a body is right to: it is left alone after a while.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=3) as connection:
            received = b""
            try:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    received += part
            except OSError:
                pass  # it may close before all was sent
        if received:
            status = int(received.split(b" ", 2)[1])
            self.judge(status, received.partition(b"\r\n\r\n")[2], {})


@pytest.fixture(scope="module")
def fuzz(stack):
    fuzz = Fuzz(stack.ports[0])
    yield fuzz
    if fuzz._connection is not None:
        fuzz._connection.close()


@pytest.fixture(scope="module")
def token(stack):
    return stack.outside(CHAT).session()


@pytest.fixture(scope="module")
def description(stack):
    return schemathesis.openapi.from_url(f"http://127.0.0.1:{stack.ports[0]}/webhooks/website/openapi.json")


@schemathesis.pytest.from_fixture("description").parametrize()
@settings(QUIET, max_examples=120)
def test_requests_made_from_the_description_are_answered_as_it_says(case, fuzz):
    # That what breaks the description is refused is asked below, where a refusal may be of any kind (413 is one).
    answer = case.call_and_validate(timeout=30, excluded_checks=[negative_data_rejection])
    fuzz.sent += 1
    fuzz.judge(answer.status_code, answer.content, dict(answer.headers))


@settings(QUIET, max_examples=1500)
@given(where=st.sampled_from(WEBSITE), body=anything, bearer=st.sampled_from(["", "x", "é", "a.b.c", "=" * 600]))
def test_any_json_at_the_websites_api(fuzz, where, body, bearer):
    method, path = where
    headers = {"Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}".encode("latin-1", "replace").decode("latin-1")
    fuzz.send(method, path, json.dumps(body).encode(), headers)


@settings(QUIET, max_examples=600)
@given(
    where=st.sampled_from(WEBSITE),
    fields=st.dictionaries(st.sampled_from(FIELDS), anything, max_size=5),
    honest=st.booleans(),
)
def test_known_fields_with_any_value_in_a_real_session(fuzz, token, where, fields, honest):
    method, path = where
    if method == "DELETE":
        method = "GET"
    # Words would be answered, which is what other tests are about.
    fields.pop("text", None)
    body = {**fields, "session": token} if honest else fields
    fuzz.send(method, path, json.dumps(body).encode(), {"Authorization": f"Bearer {token}"})


@settings(QUIET, max_examples=1200)
@given(
    path=st.sampled_from(WEBHOOKS),
    method=st.sampled_from(METHODS[:7]),
    body=st.binary(max_size=300) | anything.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml"]),
    signature=st.text(alphabet="0123456789abcdef=sha256,", max_size=80),
)
def test_anything_at_the_webhooks_is_refused(fuzz, path, method, body, kind, signature):
    headers = {
        "Content-Type": kind,
        "X-Hub-Signature-256": signature,
        "X-Twilio-Signature": signature,
        "X-Telegram-Bot-Api-Secret-Token": signature,
    }
    status, _ = fuzz.send(method, path, body, headers)
    assert status >= 400


messenger_like = st.fixed_dictionaries(
    {},
    optional={
        "object": st.sampled_from(["page", "user", 1, None]),
        "entry": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "messaging": st.lists(
                        st.fixed_dictionaries(
                            {},
                            optional={
                                "sender": anything,
                                "recipient": anything,
                                "timestamp": anything,
                                "message": anything,
                                "postback": anything,
                                "delivery": anything,
                            },
                        )
                        | anything,
                        max_size=3,
                    )
                    | anything
                },
            )
            | anything,
            max_size=3,
        )
        | anything,
    },
)


@settings(QUIET, max_examples=700)
@given(body=messenger_like | anything)
def test_signed_nonsense_of_messenger(fuzz, body):
    data = json.dumps(body).encode()
    key = MESSAGING["FAMILY_GUIDE_MESSENGER_APP_SECRET"].encode()
    signature = "sha256=" + hmac.new(key, data, hashlib.sha256).hexdigest()
    fuzz.send("POST", "/webhooks/messenger/webhook", data, {"X-Hub-Signature-256": signature})


@settings(QUIET, max_examples=700)
@given(
    channel=st.sampled_from(["sms", "whatsapp"]),
    form=st.dictionaries(
        st.sampled_from(["MessageSid", "NumMedia", "To", "AccountSid", "Latitude", "ButtonPayload", "ListId", "x"]),
        st.text(max_size=40),
        max_size=6,
    ),
)
def test_signed_nonsense_of_twilio(fuzz, channel, form):
    url = f"{MESSAGING['FAMILY_GUIDE_PUBLIC_URL']}/webhooks/{channel}/webhook"
    form = {name: value.encode("utf-8", "replace").decode() for name, value in form.items()}
    signed = (url + "".join(name + form[name] for name in sorted(form))).encode()
    key = MESSAGING["FAMILY_GUIDE_TWILIO_AUTH_TOKEN"].encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha1).digest()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    fuzz.send("POST", f"/webhooks/{channel}/webhook", urlencode(form), headers)


@settings(QUIET, max_examples=1500)
@given(
    method=st.sampled_from(METHODS),
    parts=st.lists(
        st.sampled_from(["webhooks", "website", "widget", "..", ".", "", "messages", "%2e%2e", "%00", "chat.js", "*"])
        | st.text(max_size=12),
        max_size=7,
    ),
    query=st.text(max_size=30),
)
def test_any_path(fuzz, method, parts, query):
    path = "/" + "/".join(quote(part, safe="%") for part in parts) + (f"?v={quote(query)}" if query else "")
    if method != "CONNECT":
        fuzz.send(method, path)


STARTS = [
    b"GET / HTTP/1.1",
    b"POST /webhooks/website/messages HTTP/1.1",
    b"GET / HTTP/9.9",
    b"GET /",
    b"\x16\x03\x01",
    b"PRI * HTTP/2.0",
    b"GET  /  HTTP/1.1",
    b"GET http://x/ HTTP/1.1",
    b"GET / HTTP/1.0",
    b"\r\n\r\nGET / HTTP/1.1",
    b"G\x00T / HTTP/1.1",
    b"GET /\xff\xfe HTTP/1.1",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1",
]
LINES = [
    b"Host: x",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 1e9",
    b"Content-Length: 99999999999",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: x, chunked",
    b"Expect: 100-continue",
    b"Expect: nothing",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b": empty",
    b"NoColon",
    b"X: " + b"y" * 9000,
    b"X: \xff\xfe\x00",
    b"Connection: close",
    b"Cookie: a=b; c",
    b"Range: bytes=9-1",
    b"If-None-Match: \xc3",
    b"Accept-Encoding: gzip;q=x",
    b"Authorization: Bearer",
    b"Authorization: \xff",
    b"X-Forwarded-For: 1.2.3.4, not-an-address, ,",
    b"Content-Type: multipart/form-data",
    b"Content-Type: application/json; charset=utf-99",
    b"Origin: null",
    b"Content-Encoding: gzip",
]
BODIES = [
    b"",
    b"{}",
    b"hello",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"-1\r\n\r\n",
    b"ffffffffffffffff\r\nx",
    b"\x00" * 50,
    b"{" * 5000,
    b'{"session": "' + b"a" * 5000,
    b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n",
]


def test_bytes_that_are_no_http(fuzz):
    numbers = random.Random(20)
    made = []
    for _ in range(1500):
        lines = [numbers.choice(STARTS), *numbers.sample(LINES, numbers.randrange(5))]
        data = numbers.choice([b"\r\n", b"\n", b"\r\n"]).join(lines) + b"\r\n\r\n" + numbers.choice(BODIES)
        if numbers.random() < 0.3:
            changed = bytearray(data)
            for _ in range(numbers.randrange(1, 6)):
                changed[numbers.randrange(len(changed))] = numbers.randrange(256)
            data = bytes(changed)
        made.append(data[: numbers.randrange(1, len(data) + 1)] if numbers.random() < 0.2 else data)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(fuzz.raw, made))
    fuzz.sent += len(made)


def test_static_files_by_all_kinds_of_names(fuzz):
    numbers = random.Random(21)
    alphabet = "abcdefghijklmnopqrstuvwxyz./\\%0123456789-_~é☃ "
    for _ in range(3400):
        name = "".join(numbers.choice(alphabet) for _ in range(numbers.randrange(30)))
        fuzz.send(
            numbers.choice(["GET", "HEAD"]), "/widget/" + quote(name, safe="%/\\" if numbers.random() < 0.5 else "")
        )


def test_the_same_through_the_proxy(stack):
    outside, numbers = stack.outside(CHAT), random.Random(22)
    for _ in range(400):
        path = "/" + "".join(numbers.choice("abw/.%25-") for _ in range(numbers.randrange(20)))
        answer = outside.ask(numbers.choice(["GET", "POST", "PUT", "DELETE"]), path, b"x")
        assert answer.status < 500, path
        assert not [leak for leak in LEAKS if leak in answer.data.lower()]


def test_there_were_enough_and_the_service_is_as_before(fuzz, stack):
    """Runs last: counts what the tests above sent."""
    assert fuzz.sent >= AT_LEAST
    assert {400, 401, 403, 404, 405} <= fuzz.statuses
    family = stack.outside(CHAT)
    answer = family.say(family.session(), text="what is asps")
    assert json.loads(answer.data)["messages"][0]["kind"] == "answer"
    for monitor in stack.monitors:
        assert requests.get(f"{monitor}/ready", timeout=20).ok
    assert "Traceback" not in stack.assistants[0].log.read_text()
