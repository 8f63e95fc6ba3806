"""A real browser, and chats in it whose script errors fail the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import Assistant
from tests.widget.chat import Chat
from tests.widget.line import Line

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which asks nobody on the internet for anything."""
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


@pytest.fixture
def line(assistant: Assistant) -> Iterator[Line]:
    """A line to the assistant that can be cut."""
    with Line(assistant.url) as line:
        yield line
