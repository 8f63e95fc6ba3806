"""A real browser, and chats in it whose script errors fail the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import Assistant
from tests.widget.chat import Chat
from tests.widget.line import Line
from tests.widget.website import Embedded, Website

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

OpenChat = Callable[..., Chat]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which asks nobody on the internet for anything.

    One for each file: while it runs, its event loop keeps asynchronous tests of other files from theirs.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_chat(browser: Browser) -> Iterator[OpenChat]:
    """Make chats, each in a browser of its own; the options are Playwright's for a context."""
    opened: list[Chat] = []

    def make(**options: Any) -> Chat:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(15_000)
        chat = Chat.watch(context)
        opened.append(chat)
        return chat

    yield make
    for chat in opened:
        chat.page.context.close()
    assert [problem for chat in opened for problem in chat.problems] == []


@pytest.fixture
def chat(new_chat: OpenChat, assistant: Assistant) -> Chat:
    """A chat with the assistant on a desktop, opened."""
    return new_chat().open(assistant.url)


@pytest.fixture(scope="session")
def website() -> Iterator[Website]:
    """The website of somebody else; a test sets what its page shows."""
    website = Website()
    yield website
    website.close()


@pytest.fixture(scope="session")
def embedded(website: Website, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """An assistant that lets the website use it, and that a test may kill and start again."""
    embedded = Embedded(tmp_path_factory.mktemp("embedded"), model.parent, website)
    yield embedded
    embedded.close()


@pytest.fixture
def line(assistant: Assistant) -> Iterator[Line]:
    """A line to the assistant that can be cut."""
    with Line(assistant.url) as line:
        yield line
