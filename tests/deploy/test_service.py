"""The whole service from outside: what families reach, and what nobody does."""

import http.client
import json
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from family_guide.releases import ReleaseError
from family_guide.rolling import roll_out
from family_guide.settings import ROOT
from family_guide.wording import EMERGENCY_LINE, WENT_WRONG
from tests.deploy.stack import CHAT, STAFF, wait_until
from tests.ports import free_port

RASAS = [
    ("GET", "/status"),
    ("GET", "/version"),
    ("GET", "/domain"),
    ("PUT", "/model"),
    ("DELETE", "/model"),
    ("POST", "/model/train"),
    ("POST", "/model/parse"),
    ("POST", "/model/predict"),
    ("POST", "/model/test/stories"),
    ("POST", "/model/test/intents"),
    ("GET", "/conversations/x/tracker"),
    ("POST", "/conversations/x/tracker/events"),
    ("PUT", "/conversations/x/tracker/events"),
    ("GET", "/conversations/x/story"),
    ("POST", "/conversations/x/execute"),
    ("POST", "/conversations/x/predict"),
    ("POST", "/conversations/x/messages"),
    ("POST", "/conversations/x/trigger_intent"),
    ("GET", "/webhooks/rest/"),
    ("POST", "/webhooks/rest/webhook"),
    ("POST", "/webhooks/callback/webhook"),
    ("GET", "/socket.io/"),
]
"""Rasa's HTTP API and its open channels, whole (rasa/server.py and rasa/core/channels of 3.6.21)."""
OURS = [("GET", path) for path in ("/metrics", "/ready", "/health", "/actions", "/webhook", "/.env", "/secrets")]
ROUND_ABOUT = [
    "//status",
    "/./status",
    "/webhooks/website/../../status",
    "/webhooks/website/..%2f..%2fstatus",
    "/webhooks/website/%2e%2e/%2e%2e/status",
    "/widget/../status",
    "/widget/..%2fstatus",
    "/widget/..%252fstatus",
    "/webhooks/../status",
    "/status/",
    "/STATUS",
    "/status%00",
    "/status;/webhooks/website/",
    "/webhooks/website/..;/status",
]
TELLING = (b"rasa", b"sanic", b"model_file", b"traceback", b"python", b"3.6.21", b"version")
WORDS = "what is a xylophone sarcoma"


@pytest.fixture
def family(stack):
    return stack.outside(CHAT)


def test_a_family_chats_over_tls_and_keeps_its_session_across_servers(stack, family):
    session = family.session()
    started = family.say(session, choice=None, text="i want to check symptoms")
    assert json.loads(started.data)["messages"][-1]["kind"] == "question"
    for _ in range(6):
        assert json.loads(family.say(session, text="what is asps").data)["messages"]
    served = {entry["server"] for entry in stack.proxy.entries() if entry.get("status") == 200}
    assert {f"127.0.0.1:{port}" for port in stack.ports} <= served
    page = family.ask("GET", "/")
    assert page.status == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "nginx/" not in page.headers.get("Server", "")


@pytest.mark.parametrize(("method", "path"), RASAS + OURS)
def test_neither_rasas_api_nor_the_inside_is_reachable(stack, family, method, path):
    answer = family.ask(method, path, {} if method in ("POST", "PUT") else None)
    assert answer.status == 404, answer.data
    assert not any(word in answer.data.lower() for word in TELLING)
    # And were the proxy not there, the assistant itself has no such address.
    for port in stack.ports:
        direct = requests.request(method, f"http://127.0.0.1:{port}{path}", json={}, timeout=20)
        assert direct.status_code in (404, 405)


def raw(stack, path, method="GET"):
    """Send a path as it is: libraries would tidy it up."""
    context = ssl.create_default_context(cafile=str(stack.certificates / "chat.pem"))
    with (
        socket.create_connection(("127.0.0.1", stack.https), timeout=20) as plain,
        context.wrap_socket(plain, server_hostname=CHAT) as connection,
    ):
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: {CHAT}\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while part := connection.recv(65536):
            received += part
    return int(received.split()[1]), received


@pytest.mark.parametrize("path", ROUND_ABOUT)
def test_there_is_no_way_round(stack, path):
    status, received = raw(stack, path)
    assert status in (400, 404)
    assert not any(word in received.lower() for word in TELLING)


def test_everything_that_the_assistant_serves_is_meant_to_be_reached(stack, tmp_path):
    """Every route of the application, however it came there, is one of ours."""
    from family_guide.server import create_app
    from family_guide.settings import Settings

    app = create_app(None, Settings(var=tmp_path))
    routes = {f"/{route.path}" for route in app.router.routes}
    assert "/webhooks/website/messages" in routes
    assert {r for r in routes if not f"{r}/".startswith("/webhooks/website/")} == {"/", "/widget/<name:str>"}


def test_other_names_get_no_certificate_and_no_page(stack):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", stack.https), timeout=20) as plain,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        context.wrap_socket(plain, server_hostname="other.test")
    asked = http.client.HTTPConnection("127.0.0.1", stack.http, timeout=20)
    asked.request("GET", "/", headers={"Host": "other.test"})
    # A closed connection, as a RemoteDisconnected or before that.
    with pytest.raises(ConnectionResetError):
        asked.getresponse()


def test_plain_http_only_leads_to_tls(stack):
    answer = requests.get(
        f"http://127.0.0.1:{stack.http}/status", headers={"Host": CHAT}, allow_redirects=False, timeout=20
    )
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{CHAT}:{stack.https}/status")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(stack, version):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", stack.https), timeout=20) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname=CHAT)


def test_bodies_have_a_limit(family):
    assert family.ask("POST", "/webhooks/website/messages", b"x" * 70_000).status == 413
    assert family.ask("POST", "/webhooks/messenger/webhook", b"x" * 1_100_000).status == 413


def test_pages_take_no_other_methods(family):
    assert {family.ask(method, "/", b"").status for method in ("POST", "PUT", "DELETE")} == {403}


def test_one_address_is_slowed_down_with_a_kind_word(stack):
    port = free_port()
    proxy = stack.start_proxy("slow-proxy", HTTPS_PORT=str(port), HTTP_PORT=str(free_port()), RATE="1", BURST="2")
    try:
        someone = stack.outside(CHAT, port)
        answers = [someone.ask("POST", "/webhooks/website/sessions", {}) for _ in range(6)]
        assert {answer.status for answer in answers} == {201, 429}
        refused = next(answer for answer in answers if answer.status == 429)
        assert EMERGENCY_LINE in json.loads(refused.data)["error"]["message"]
        assert refused.headers["Retry-After"]
    finally:
        assert proxy.stop(3) == 0


def test_without_any_assistant_the_family_is_told_what_to_do(stack):
    port = free_port()
    nobody = f"127.0.0.1:{free_port()}"
    proxy = stack.start_proxy("lone-proxy", HTTPS_PORT=str(port), HTTP_PORT=str(free_port()), ASSISTANTS=nobody)
    try:
        answer = stack.outside(CHAT, port).ask("POST", "/webhooks/website/messages", {})
        assert answer.status == 503
        assert json.loads(answer.data) == {"error": {"code": "unavailable", "message": WENT_WRONG}}
    finally:
        proxy.stop(3)


def test_staff_sign_in_on_their_own_name_from_their_own_network(stack):
    staff = stack.outside(STAFF)

    def answers():
        return staff.ask("GET", "/login/").status == 200

    wait_until(answers, 120, "the staff app answers")
    assert b"csrfmiddlewaretoken" in staff.ask("GET", "/login/").data
    assert {staff.ask("GET", path).status for path in ("/health", "/ready", "/health/")} == {404}
    assert stack.outside(CHAT).ask("GET", "/login/").status == 404
    # Everything there is behind the sign-in, and nothing of the chat is there.
    assert staff.ask("GET", "/webhooks/website/").headers["Location"].startswith("/login/")
    port = free_port()
    proxy = stack.start_proxy(
        "far-proxy", HTTPS_PORT=str(port), HTTP_PORT=str(free_port()), STAFF_NETWORK="10.1.2.0/24"
    )
    try:
        assert stack.outside(STAFF, port).ask("GET", "/login/").status == 403
        assert stack.outside(CHAT, port).ask("GET", "/").status == 200
    finally:
        proxy.stop(3)


def test_the_proxy_refuses_to_start_without_its_settings(stack):
    import subprocess

    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "PROXY_RUN": str(stack.folder / "none")}
    done = subprocess.run([ROOT / "deploy/proxy/start.sh"], env=environment, capture_output=True, text=True)
    assert done.returncode != 0
    assert "CHAT_HOST is missing" in done.stderr


def test_logs_are_json_share_the_requests_number_and_hold_no_words(stack, family):
    session = family.session()
    answer = family.say(session, text=WORDS)
    number = answer.headers["X-Request-ID"]

    def logged(*programs):
        entries = [entry for program in programs for entry in program.entries()]
        return [entry for entry in entries if entry.get("request_id") == number]

    wait_until(lambda: logged(*stack.assistants), 10, "the request is in the log of an assistant")
    [entry] = logged(*stack.assistants)
    assert (entry["event"], entry["route"], entry["status"]) == ("request", "webhooks/website/messages", 200)
    # The proxy writes its line once the answer is sent: the family may have it first.
    wait_until(lambda: logged(stack.proxy), 10, "the request is in the log of the proxy")
    for program in (*stack.assistants, stack.proxy, stack.staff):
        assert "xylophone" not in program.log.read_text()
        assert session not in program.log.read_text()


def figure(stack, name, **labels):
    """Return a figure's sum over both servers."""
    total = 0.0
    for monitor in stack.monitors:
        for line in requests.get(f"{monitor}/metrics", timeout=20).text.splitlines():
            if line.startswith(f"{name}{{") and all(f'{k}="{v}"' in line for k, v in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
    return total


def test_messages_emergencies_and_fallbacks_are_counted(stack, family):
    before = {kind: figure(stack, "family_guide_messages_total", kind=kind) for kind in ("emergency", "answer")}
    stages = figure(stack, "family_guide_stage_seconds_count", stage="understanding")
    session = family.session()
    family.say(session, text="she cannot breathe")
    family.say(session, text="what is asps")
    assert figure(stack, "family_guide_messages_total", kind="emergency") == before["emergency"] + 1
    assert figure(stack, "family_guide_messages_total", kind="answer") == before["answer"] + 1
    assert figure(stack, "family_guide_stage_seconds_count", stage="understanding") == stages + 2
    assert figure(stack, "family_guide_outbox_waiting", queue="in") == 0


class Families:
    """Families that go on asking, one message after another."""

    def __init__(self, stack, count=4):
        self._stack, self._stopped = stack, False
        self.answers: list[tuple[int, bytes]] = []
        self._pool = ThreadPoolExecutor(count)
        self._asking = [self._pool.submit(self._ask) for _ in range(count)]

    def _ask(self):
        family = self._stack.outside(CHAT)
        session = family.session()
        while not self._stopped:
            answer = family.say(session, text="what is asps")
            self.answers.append((answer.status, answer.data))

    def __enter__(self):
        wait_until(lambda: len(self.answers) > 8, 60, "families are answered")
        return self

    def __exit__(self, *_):
        self._stopped = True
        for asking in self._asking:
            asking.result(60)
        self._pool.shutdown()

    def all_answered(self):
        assert {status for status, _ in self.answers} == {200}
        assert all(b"soft part" in data for _, data in self.answers)


def test_a_server_that_is_stopped_loses_no_message(stack):
    with Families(stack) as families:
        assert stack.assistants[0].stop() == 0
        asked = len(families.answers)
        wait_until(lambda: len(families.answers) > asked + 8, 60, "the other server answers")
        stack.assistants[0] = stack.start_assistant(0)
        stack.wait_for_assistant(0)
        asked = len(families.answers)
        wait_until(lambda: len(families.answers) > asked + 8, 60, "both answer")
    families.all_answered()


def said_models(stack):
    return [requests.get(f"{monitor}/ready", timeout=20).json()["model"] for monitor in stack.monitors]


def test_a_new_model_is_rolled_out_and_back_without_losing_a_message(stack, model):
    new = stack.releases.add(model, stack.signing_key, ("tests",)).name
    before = stack.releases.current()
    with Families(stack) as families:
        roll_out(stack.releases, new, stack.monitors)
        assert said_models(stack) == [new, new]
        roll_out(stack.releases, stack.releases.before_current(), stack.monitors)
        assert said_models(stack) == [before, before]
        asked = len(families.answers)
        wait_until(lambda: len(families.answers) > asked + 8, 60, "families are answered")
    families.all_answered()
    taken = [e for p in stack.assistants for e in p.entries() if e.get("event") == "model.taken"]
    assert [e["release"] for e in sorted(taken, key=lambda e: e["timestamp"])][-4:] == [new, new, before, before]


def test_a_model_that_is_not_as_released_is_never_loaded(stack, model):
    new = stack.releases.add(model, stack.signing_key, ("tests",)).name
    current = stack.releases.current()
    file = stack.folder / "releases" / f"{new}.tar.gz"
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(ReleaseError, match="not the file that was released"):
        roll_out(stack.releases, new, stack.monitors)
    # Nor by somebody who writes the file that says which is current.
    (stack.folder / "releases" / "current").write_text(new + "\n")
    wait_until(
        lambda: all(requests.get(f"{m}/ready", timeout=20).json()["refused"] == new for m in stack.monitors),
        60,
        "both refuse it",
    )
    assert said_models(stack) == [current, current]
    assert json.loads(stack.outside(CHAT).say(stack.outside(CHAT).session(), text="what is asps").data)["messages"]
    assert figure(stack, "family_guide_failures_total", where="model") >= 2
    program = stack.start_assistant(1, FAMILY_GUIDE_PORT=str(free_port()), FAMILY_GUIDE_MONITOR_PORT="0")
    assert program.process.wait(120) == 1
    assert "not the file that was released" in program.log.read_text()
    (stack.folder / "releases" / "current").write_text(current + "\n")


def test_the_programs_write_nothing_beside_their_own_folders(stack):
    """As their containers' read-only file systems demand."""
    begun = (stack.secrets / "redis.conf").stat().st_mtime
    kept = {"var", ".git", "tests", ".hypothesis", ".venv", ".mypy_cache", ".ruff_cache", ".cache"}
    changed = [
        path
        for path in ROOT.rglob("*")
        if not kept & set(path.relative_to(ROOT).parts)
        and path.is_file()
        and "__pycache__" not in path.parts
        and path.stat().st_mtime > begun
    ]
    assert changed == []
