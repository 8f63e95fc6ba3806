"""Times of the stages of a message. Rasa offers no place for them, so its objects' own methods are wrapped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import wraps
from typing import Any

from rasa.core.agent import Agent
from rasa.core.processor import MessageProcessor

from family_guide.monitoring.metrics import timed


def measure_agent(agent: Agent) -> None:
    """Have the stages of every message measured.

    Args:
        agent: an agent with its processor; its stores and its action endpoint are measured too.
    """
    _measure(agent.tracker_store, "retrieve", "load")
    _measure(agent.tracker_store, "save", "save")
    if agent.processor is not None:
        measure_processor(agent.processor)
        if agent.processor.action_endpoint is not None:
            _measure(agent.processor.action_endpoint, "request", "action")
    lock = agent.lock_store.lock

    @asynccontextmanager
    async def measured(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            with timed("lock"):
                held = await stack.enter_async_context(lock(*args, **kwargs))
            yield held

    agent.lock_store.lock = measured


def measure_processor(processor: MessageProcessor) -> None:
    """Have the understanding of messages measured, of the first model and of each that follows it."""
    _measure(processor, "parse_message", "understanding")


def _measure(owner: Any, method: str, stage: str) -> None:
    whole: Callable[..., Awaitable[Any]] = getattr(owner, method)

    @wraps(whole)
    async def measured(*args: Any, **kwargs: Any) -> Any:
        with timed(stage):
            return await whole(*args, **kwargs)

    setattr(owner, method, measured)
