"""A chat in the terminal, with the same guard around the assistant as on the website."""

import asyncio
import logging
import secrets
from pathlib import Path

from rasa.core.agent import Agent

from family_guide.channels.conversation import Conversations
from family_guide.channels.replies import Button, Reply, welcome
from family_guide.content import shared_answers
from family_guide.logs import configure_logs
from family_guide.server import load_assistant
from family_guide.settings import Settings

NAME = "terminal"
_GOODBYE = {"/quit", "quit", "exit"}


def chat(model: Path, configured: Settings) -> None:
    """Chat until the end of input, Ctrl-C or "quit".

    Args:
        model: the trained model.
        configured: the deployment's settings; conversations are stored as on the website.
    """
    configure_logs(logging.WARNING)
    asyncio.run(_chat(model, configured))


async def _chat(model: Path, configured: Settings) -> None:
    agent: Agent = await load_assistant(model, configured)
    conversations = Conversations(NAME, agent.handle_message, configured.reply_seconds)
    conversation = f"{NAME}-{secrets.token_hex(16)}"
    assert agent.domain is not None
    offered = _show([welcome(agent.domain.responses, shared_answers())])
    while True:
        try:
            typed = (await asyncio.to_thread(input, "\nYou: ")).strip()
        except EOFError:
            return
        if typed.lower() in _GOODBYE:
            return
        if typed.isdigit() and 1 <= int(typed) <= len(offered):
            button = offered[int(typed) - 1]
            replies = await conversations.chosen(conversation, button.payload, button.title)
        else:
            replies = await conversations.typed(conversation, typed)
        offered = _show(replies)


def _show(replies: list[Reply]) -> list[Button]:
    """Print replies; return their buttons, which are chosen by number."""
    offered: list[Button] = []
    for reply in replies:
        print(f"\n{reply.text}")
        if reply.source:
            print(f"(From: {reply.source['page']}, {reply.source['heading']})")
        for button in reply.buttons:
            offered.append(button)
            print(f"  {len(offered)}. {button.title}")
    return offered
