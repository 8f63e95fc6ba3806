"""Two servers with the real model that share PostgreSQL and Redis, as one assistant to a family."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import UserUttered
from rasa.shared.exceptions import ConnectionException
from rasa.utils.endpoints import EndpointConfig

from family_guide.assistant import Assistant
from family_guide.channels.conversation import Conversations
from family_guide.channels.payload import payload
from family_guide.privacy.tracker_store import PrivateSQLTrackerStore
from family_guide.server import load_assistant
from family_guide.settings import Settings, settings
from family_guide.wording import WENT_WRONG
from tests.services import Postgres, Redis, postgres, postgres_url, redis_server  # noqa: F401


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(
    model: Path,
    postgres_url: str,  # noqa: F811
    redis_server: Redis,  # noqa: F811
) -> AsyncIterator[list[Assistant]]:
    """Two assistants, each with connections of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAMILY_GUIDE_DATABASE_URL", postgres_url)
        patch.setenv("FAMILY_GUIDE_REDIS_URL", redis_server.url)
        settings.cache_clear()
        started = [await load_assistant(model, Settings()) for _ in range(2)]
    settings.cache_clear()
    yield started
    for server in started:
        server.tracker_store.close()


@pytest.fixture
def channels(servers: list[Assistant]) -> list[Conversations]:
    """The website channel of each server."""
    return [Conversations("website", server.handle_message, 20) for server in servers]


@pytest.fixture
def family() -> str:
    """Id of a new conversation."""
    return f"website-{uuid.uuid4().hex}"


async def said(servers: list[Assistant], family: str) -> list[str]:
    """What is stored of what a family said."""
    tracker = await servers[0].tracker_store.retrieve_full_tracker(family)
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_message_sent_to_both_servers_at_once_is_taken_once(servers, channels, family):
    first, second = await asyncio.gather(*(channel.typed(family, "can it spread", "id-1") for channel in channels))
    assert [reply.text for reply in first] == [reply.text for reply in second]
    assert [reply.id for reply in first] == [reply.id for reply in second]
    assert first[0].kind == "answer"
    assert await said(servers, family) == ["can it spread"]


async def test_a_message_sent_again_later_gets_the_same_replies_from_any_server(servers, channels, family):
    first = await channels[0].typed(family, "check symptoms", "id-1")
    await channels[1].typed(family, "my child", "id-2")
    again = await channels[1].typed(family, "check symptoms", "id-1")
    assert [(reply.text, reply.buttons, reply.data) for reply in again] == [
        (reply.text, reply.buttons, reply.data) for reply in first
    ]
    assert await said(servers, family) == ["check symptoms", "my child"]


async def test_messages_without_an_id_are_all_taken(servers, channels, family):
    for _ in range(2):
        await channels[0].typed(family, "thanks")
    assert await said(servers, family) == ["thanks", "thanks"]


async def test_several_messages_at_once_over_two_servers_are_answered_in_order(servers, channels, family):
    sent = ["check symptoms", "my child", "10", "yes", "no", "I don't know"]
    tasks = []
    for number, text in enumerate(sent):
        tasks.append(asyncio.create_task(channels[number % 2].typed(family, text, f"id-{number}")))
        await asyncio.sleep(0.05)
    replies = await asyncio.gather(*tasks)
    assert WENT_WRONG not in [reply.text for answer in replies for reply in answer]
    assert await said(servers, family) == sent
    alone = f"{family}-alone"
    for text, answer in zip(sent, replies, strict=True):
        expected = await channels[0].typed(alone, text)
        assert [reply.text for reply in answer] == [reply.text for reply in expected]


async def test_a_family_sees_all_that_is_stored_of_a_long_conversation(servers, channels, family):
    for number in range(16):
        await channels[number % 2].typed(family, f"thank you {number}")
    (reply,) = await channels[0].chosen(family, payload("show_my_data"), "Show my data")
    for number in range(16):
        assert f"- thank you {number}\n" in reply.text + "\n"
    assert (await said(servers, family))[-1] == "Show my data"
    await channels[1].typed(family, "can it spread")
    assert len(await said(servers, family)) == 18


async def test_a_message_that_is_not_stored_is_not_acknowledged(
    servers,
    channels,
    family,
    postgres: Postgres,  # noqa: F811
):
    await channels[0].typed(family, "check symptoms")
    postgres.stop("immediate")
    (failed,) = await channels[0].typed(family, "my child")
    postgres.start()
    assert failed.text == WENT_WRONG
    replies = await channels[1].typed(family, "my child")
    assert replies[-1].kind == "question"
    assert "2 of" in replies[-1].text
    assert await said(servers, family) == ["check symptoms", "my child"]


async def test_redis_restarted_between_two_messages(servers, channels, family, redis_server: Redis):  # noqa: F811
    await channels[0].typed(family, "check symptoms")
    redis_server.kill()
    assert (await channels[0].typed(family, "my child"))[-1].kind == "question"
    redis_server.start()
    await channels[1].typed(family, "10")
    assert await said(servers, family) == ["check symptoms", "my child", "10"]


async def test_no_store_in_memory_stands_in(servers):
    assert isinstance(servers[0].tracker_store, PrivateSQLTrackerStore)
    assert servers[0].processor.tracker_store is servers[0].tracker_store


@pytest.mark.parametrize("store", [None, EndpointConfig(type="family_guide.misspelt.Store")])
@pytest.mark.filterwarnings("ignore:Tracker store with type")
async def test_a_missing_or_misspelt_store_is_refused(store):
    with pytest.raises(ConnectionException, match=r"endpoints\.yml"):
        await Assistant.prepared(AvailableEndpoints(tracker_store=store))
