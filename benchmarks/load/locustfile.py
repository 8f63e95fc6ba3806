"""Virtual families for Locust; `python -m benchmarks.faults` and `make load` start it.

FAMILIES_EXPECTED: file with what each step is answered with. FAMILIES_RECORDS: file that
gets a line for each message.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task
from locust.exception import StopUser

from benchmarks.load.families import SCRIPTS, WEIGHTS, converse

_EXPECTED = json.loads(Path(os.environ["FAMILIES_EXPECTED"]).read_text("utf-8"))
_RECORDS = open(os.environ["FAMILIES_RECORDS"], "a", encoding="utf-8", buffering=1)  # noqa: SIM115, kept open
_REQUEST_SECONDS = 15
_AGAIN_SECONDS = 1.0


class Family(HttpUser):
    """A family after another, each with a conversation of its own."""

    wait_time = between(0.5, 1.5)
    stopping = False

    @task
    def have_a_conversation(self) -> None:
        """Have one conversation to its end."""
        script = random.choices(list(SCRIPTS), [WEIGHTS[name] for name in SCRIPTS])[0]
        for family, step, attempt in converse(self._post, script, _EXPECTED[script], self._wait, time.monotonic):
            record = {
                "at": time.time(),
                "family": family,
                "script": script,
                "step": step,
                "id": attempt.id,
                "outcome": attempt.outcome,
                "seconds": round(attempt.seconds, 3),
            }
            if attempt.outcome == "wrong":
                record |= {"replies": attempt.replies, "expected": _EXPECTED[script][step]}
            _RECORDS.write(json.dumps(record) + "\n")
            if attempt.outcome == "right":
                if self.stopping:
                    raise StopUser
                time.sleep(self.wait_time())

    def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self.client.post(
            f"/webhooks/website/{path}", json=body, timeout=_REQUEST_SECONDS, name=path, catch_response=True
        ) as response:
            if response.status_code == 0:
                raise ConnectionError
            try:
                return response.status_code, response.json()
            except ValueError:
                return response.status_code, {}

    def _wait(self) -> bool:
        time.sleep(_AGAIN_SECONDS)
        return self.stopping


@events.test_stopping.add_listener
def _stop(**_: Any) -> None:
    Family.stopping = True
