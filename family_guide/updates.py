"""A running server takes up the current release: one server after another, and no message waits for it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import structlog
from rasa.core.channels.channel import UserMessage

from family_guide.assistant import Assistant, Processor
from family_guide.monitoring.metrics import MODEL_UPDATES, count_failure, show_model
from family_guide.monitoring.stages import measure_processor
from family_guide.releases import ReleaseError, Releases

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks at which release is current."""
_WARM_UP = "Hello"


class Updates:
    """Keeps an agent at the current release.

    Args:
        releases: the folder of releases.
        loaded: name of the release that the agent was started with.

    Attributes:
        loaded: name of the release that answers.
        refused: name of the last release that could not be loaded, if any since.
    """

    def __init__(self, releases: Releases, loaded: str) -> None:
        self._releases = releases
        self.loaded = loaded
        self.refused = ""

    async def follow(self, agent: Assistant) -> None:
        """Look for a new release until cancelled; what fails leaves the model as it is."""
        while True:
            try:
                await self.look(agent)
            except Exception as error:  # a release that cannot be used must not stop the one that can
                log.error("model.look_failed", error=type(error).__name__)
                count_failure("model")
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, agent: Assistant) -> None:
        """Take up the current release if it is another one and this server's turn."""
        wanted = self._releases.current()
        if wanted in (self.loaded, self.refused):
            return
        with self._releases.turn() as mine:
            if not mine:
                return
            try:
                processor = await asyncio.to_thread(self._load, agent, wanted)
            except Exception as error:
                self.refused = wanted
                MODEL_UPDATES.labels("refused").inc()
                count_failure("model")
                why = str(error) if isinstance(error, ReleaseError) else type(error).__name__
                log.error("model.refused", release=wanted, why=why)
                return
            # Between two messages' steps: those under way end with the processor that they began with.
            agent.processor, agent.domain = processor, processor.domain
            agent.tracker_store.domain = processor.domain
            agent.nlg.responses = processor.domain.responses
        self.loaded, self.refused = wanted, ""
        show_model(wanted)
        MODEL_UPDATES.labels("taken").inc()
        log.warning("model.taken", release=wanted)

    def _load(self, agent: Assistant, name: str) -> Processor:
        with tempfile.TemporaryDirectory() as folder, self._releases.model(name, Path(folder)) as model:
            processor = agent.processor_of(str(model))
        # The first message pays for what libraries load late; let it not be a family's.
        asyncio.run(processor.parse_message(UserMessage(_WARM_UP)))
        measure_processor(processor)
        return processor
