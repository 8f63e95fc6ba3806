"""XMPP end to end: a real client asks over a real server."""

import asyncio
from types import SimpleNamespace

import pytest
from slixmpp import ClientXMPP

from tests.messaging.conftest import stays, until
from tests.messaging.prosody import Prosody

GUIDE, ANN = "guide@localhost", "ann@localhost"


class Family(ClientXMPP):
    """A family's client."""

    def __init__(self, prosody, user):
        super().__init__(f"{user}@localhost", "family-password")
        self.ca_certs = prosody.ca_file
        self.got = []
        self.ready = asyncio.Event()
        self.add_event_handler("session_start", self._session)
        self.add_event_handler("message", self._message)
        self.connect("127.0.0.1", prosody.port)

    async def _session(self, _):
        self.send_presence()
        self.ready.set()

    def _message(self, message):
        self.got.append(message["body"])

    def says(self, text, **attributes):
        message = self.make_message(mto=GUIDE, mbody=text, mtype="chat")
        for name, value in attributes.items():
            message[name] = value
        message.send()


@pytest.fixture(scope="module")
def prosody(tmp_path_factory):
    server = Prosody(tmp_path_factory.mktemp("prosody"))
    server.register("guide", "guide-password")
    server.register("ann", "family-password")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def ann(prosody):
    client = Family(prosody, "ann")
    await asyncio.wait_for(client.ready.wait(), 15)
    yield client
    await client.disconnect(wait=0.5)


@pytest.fixture
def guide(prosody):
    variables = {
        "FAMILY_GUIDE_XMPP_ADDRESS": GUIDE,
        "FAMILY_GUIDE_XMPP_PASSWORD": "guide-password",
        "FAMILY_GUIDE_XMPP_SERVER": f"127.0.0.1:{prosody.port}",
        "FAMILY_GUIDE_XMPP_CA_FILE": str(prosody.ca_file),
    }
    return SimpleNamespace(variables=lambda: variables, server="")


async def test_a_client_asks_and_chooses_by_number(serve, guide, ann, assistant):
    options = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
    assistant.says = [[{"text": "Is there a lump?", "buttons": options}]]
    async with serve(guide):
        ann.says("check her symptoms")
        await until(lambda: ann.got)
        assert ann.got == ["Is there a lump?\n\n1. Yes\n2. No\n\nReply 1 or 2."]
        ann.says("2")
        await until(lambda: len(ann.got) == 2)
    assert assistant.heard[1][1] == "deny"
    assert assistant.heard[0][0].startswith("xmpp-")
    assert "ann" not in assistant.heard[0][0]


async def test_a_message_sent_twice_is_answered_once(serve, guide, ann):
    async with serve(guide):
        for _ in range(2):
            ann.says("hello", id="the-same")
        await until(lambda: ann.got)
        await stays(lambda: len(ann.got) == 1)


async def test_what_is_written_while_the_assistant_is_away_is_answered_later(serve, guide, ann):
    ann.says("is anybody there")
    await asyncio.sleep(0.5)
    assert not [text for text in ann.got if text.startswith("You said")]
    async with serve(guide):
        await until(lambda: "You said: is anybody there" in ann.got)


async def test_after_the_server_was_away_the_assistant_is_back(serve, guide, prosody, assistant):
    async with serve(guide):
        prosody.stop()
        await asyncio.sleep(0.5)
        prosody.start()
        client = Family(prosody, "ann")
        await asyncio.wait_for(client.ready.wait(), 15)
        client.says("hello again")
        await until(lambda: client.got, 20)
        await client.disconnect(wait=0.5)
    assert client.got == ["You said: hello again"]
