"""Attempts to get in: with made-up tokens, with somebody else's, past the limits, from other websites."""

import socket
import time
from unittest import mock

import pytest
import requests
from itsdangerous import TimestampSigner

from family_guide.channels.session import Sessions, server_key
from family_guide.settings import Settings
from tests.channels.small_website import bearer, small_website

FRIEND, STRANGER = "https://www.hospital.example", "https://hospital.example.evil.example"


@pytest.fixture(scope="module")
def website(tmp_path_factory):
    settings = Settings(
        var=tmp_path_factory.mktemp("website"), rate_per_address=0, rate_per_session=0, allowed_origins=FRIEND
    )
    with small_website(settings) as running:
        running.settings = settings
        yield running


def everything(website, token):
    """Return the responses to every request that needs a token."""
    return [
        website.say(token, "hello"),
        website.ask("GET", "/history", headers=bearer(token)),
        website.ask("POST", "/feedback", json={"session": token, "about": "1", "rating": "up"}),
        website.forget(token),
    ]


def forged(website, kind):
    session = website.begin()
    key = server_key("", website.settings.var)
    number, stamp, signature = session.split(".")
    if kind == "of another server":
        return Sessions("another key", 3600, "website").issue()
    if kind == "of another channel":
        return Sessions(key, 3600, "sms").issue()
    if kind == "expired":
        with mock.patch.object(TimestampSigner, "get_timestamp", return_value=int(time.time()) - 100 * 86400):
            return Sessions(key, 1, "website").issue()
    if kind == "another number":
        return ".".join([Sessions(key, 1, "website").issue().split(".")[0], stamp, signature])
    if kind == "another time":
        return ".".join([number, "A" + stamp[1:], signature])
    if kind == "without signature":
        return f"{number}.{stamp}."
    return {"the conversation's id": Sessions(key, 1, "website").conversation(session), "empty": ""}[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "of another server",
        "of another channel",
        "expired",
        "another number",
        "another time",
        "without signature",
        "the conversation's id",
        "empty",
    ],
)
def test_a_token_that_is_not_ours_opens_nothing_and_a_fresh_start_is_offered(website, kind):
    heard = list(website.agent.heard)
    for answer in everything(website, forged(website, kind)):
        assert answer.status_code == 401
        assert "start a new one" in answer.json()["error"]["message"]
    assert website.agent.heard == heard


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic x", "x", "Bearer x y", "Token x", "Bearer \u00e9"])
def test_odd_headers_open_nothing(website, header):
    answer = website.ask("GET", "/history", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_a_token_that_is_used_again_after_deletion_finds_nothing(website):
    session = website.begin()
    website.say(session, "a private question")
    website.forget(session)

    assert website.history(session) == []
    website.say(session, "hello")
    assert website.history(session) == ["hello", "You said: hello"]


def test_the_id_of_a_conversation_never_leaves_the_server(website):
    session = website.begin()
    conversation = Sessions(server_key("", website.settings.var), 0, "website").conversation(session)
    answers = [website.begin(), website.say(session, "hello").text, *website.history(session)]
    assert not any(conversation in answer or conversation.split("-")[1] in answer for answer in answers)


def test_one_family_cannot_read_continue_rate_or_delete_what_is_anothers(website):
    mine, theirs = website.begin(), website.begin()
    about = website.say(theirs, "a private question").json()["messages"][0]["id"]
    menu = website.ask("GET", "/history", headers=bearer(theirs)).json()["menu"]

    assert website.history(mine) == []
    stolen = website.ask("POST", "/messages", json={"session": mine, "choice": menu["show_my_data"]})
    assert (stolen.status_code, stolen.json()["error"]["code"]) == (404, "unknown_choice")
    rated = website.ask("POST", "/feedback", json={"session": mine, "about": about, "rating": "down"})
    assert rated.status_code == 404
    website.forget(mine)
    assert website.history(theirs) == ["a private question", "You said: a private question"]


def test_a_token_in_the_wrong_place_opens_nothing(website):
    session = website.begin()
    website.say(session, "a private question")
    for place in ({"params": {"session": session}}, {"cookies": {"session": session}}, {"json": {"session": session}}):
        assert website.ask("GET", "/history", **place).status_code == 401


SPOOFED = [
    {"X-Forwarded-For": "198.51.100.{n}"},
    {"X-Forwarded-For": "198.51.100.{n}, 127.0.0.1"},
    {"Forwarded": "for=198.51.100.{n}"},
    {"X-Real-IP": "198.51.100.{n}"},
    {"True-Client-IP": "198.51.100.{n}", "CF-Connecting-IP": "198.51.100.{n}", "Client-IP": "198.51.100.{n}"},
]


@pytest.mark.parametrize("headers", SPOOFED, ids=lambda headers: ", ".join(headers))
def test_no_header_gives_an_address_more_than_its_share(tmp_path, headers):
    with small_website(Settings(var=tmp_path, rate_per_address=3)) as website:
        answers = [
            website.ask("POST", "/sessions", headers={k: v.format(n=n) for k, v in headers.items()}) for n in range(5)
        ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429, 429]


def raw(website, *lines):
    """Send a request as it is written, and return the first line of the response."""
    host, port = website.url.split("/")[2].split(":")
    request = "\r\n".join(["POST /webhooks/website/sessions HTTP/1.1", "Host: x", "Content-Length: 0", *lines, "", ""])
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode("latin-1"))
        return connection.recv(65536).decode("latin-1").split("\r\n")[0]


def test_behind_a_proxy_each_family_has_its_share_and_no_header_of_theirs_counts(tmp_path):
    with small_website(Settings(var=tmp_path, rate_per_address=2, trusted_proxies="127.0.0.1")) as website:

        def statuses(*headers):
            return [raw(website, *headers).split()[1] for _ in range(3)]

        assert statuses("X-Forwarded-For: 198.51.100.1") == ["201", "201", "429"]
        assert statuses("X-Forwarded-For: 198.51.100.2") == ["201", "201", "429"]
        # What a client writes in front of its own address, in the same header or in one above it.
        assert statuses("X-Forwarded-For: 203.0.113.7, 198.51.100.1") == ["429"] * 3
        assert statuses("X-Forwarded-For: 203.0.113.8", "X-Forwarded-For: 198.51.100.1") == ["429"] * 3
        # One home has as many addresses of IPv6 as it likes.
        assert statuses("X-Forwarded-For: 2001:db8:1:2::1") == ["201", "201", "429"]
        assert statuses("X-Forwarded-For: 2001:db8:1:2:ffff::2") == ["429"] * 3


def asked_first(website, origin, method, path, headers):
    """Return the response to what a browser asks before a request to another website."""
    asks = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return requests.options(website.url + path, headers=asks, timeout=10)


def test_a_friendly_website_may_use_the_api_and_read_its_refusals(website):
    for answer in (
        website.ask("POST", "/sessions", headers={"Origin": FRIEND}),
        website.ask("GET", "/history", headers={"Origin": FRIEND}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    asks = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = requests.options(website.url + "/conversation", headers=asks, timeout=10)
    assert preflight.status_code in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    assert "PUT" not in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"].lower() == "authorization"


@pytest.mark.parametrize("origin", [STRANGER, "null", "http://www.hospital.example", FRIEND + ".evil.example", "*"])
def test_no_other_website_may(website, origin):
    answer = website.ask("POST", "/sessions", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
    preflight = asked_first(website, origin, "POST", "/messages", "content-type")
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_a_widget_file_names_its_reader_once(website):
    answer = requests.get(
        website.url.replace("/webhooks/website", "/widget/family-guide.js"), headers={"Origin": FRIEND}, timeout=10
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_without_origins_no_website_may(tmp_path):
    with small_website(Settings(var=tmp_path)) as website:
        answer = website.ask("POST", "/sessions", headers={"Origin": FRIEND})
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
