"""Custom actions in the assistant's own process, or on an action server.

Rasa's configuration knows only the address of an action server: a hop that costs
half the time of a step, and a second process whose outage leaves a family without
a reply. This endpoint runs rasa-sdk's own executor instead.
"""

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

from family_guide.monitoring.metrics import count_failure
from family_guide.monitoring.requests import HEADER
from family_guide.wording import WENT_WRONG

log = structlog.get_logger(__name__)

_THREADS = 8


class ActionsElsewhere(EndpointConfig):
    """An action server; it is told the number of the request that it works for, so that both logs can be read as one.

    Args:
        url: of the action server.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url=url, enable_selective_domain=True)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Send the call, as Rasa does, with the number.

        Raises:
            aiohttp.ClientError, TimeoutError: the action server did not answer, or answered with a failure.
        """
        number = structlog.contextvars.get_contextvars().get("request_id")
        headers = {**kwargs.pop("headers", {}), **({HEADER: number} if number else {})}
        return await super().request(*args, headers=headers, **kwargs)


class ActionsInProcess(EndpointConfig):
    """Runs actions where Rasa would send a request to an action server.

    Args:
        package: the package whose actions are registered.
        seconds: after which an action is given up and the safe reply said.
    """

    def __init__(self, package: str, seconds: float) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._seconds = seconds
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        # Threads, so that an action that hangs holds up its own family alone.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="action")

    async def request(self, *args: Any, json: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Run the action that Rasa asks for.

        Args:
            json: the call, as an action server would get it.

        Returns:
            Its events and messages; the safe reply, and no event, if it raises or
            takes too long.
        """
        call = json or {}
        loop = asyncio.get_running_loop()
        try:
            # The thread logs under the number of the request.
            run = contextvars.copy_context().run
            result = await asyncio.wait_for(loop.run_in_executor(self._threads, run, self._run, call), self._seconds)
            if result is None:
                raise ValueError("the call names no action")
            return result
        except Exception as error:  # whatever an action does, the family gets a reply
            log.error("action.failed", action=call.get("next_action"), error=type(error).__name__)
            count_failure("action")
            return {
                "events": [],
                "responses": [{"text": WENT_WRONG, "metadata": {"kind": "info", "failed": True}}],
            }

    def _run(self, call: dict[str, Any]) -> Any:
        return asyncio.run(self._executor.run(call))
