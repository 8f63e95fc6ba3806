"""The figures that a process gives to Prometheus. Counts and times only: no label names a family or holds its words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

MESSAGES = Counter(
    "family_guide_messages",
    "Messages of families that were answered, by channel and by the kind of the reply.",
    ["channel", "kind"],
)
FAILURES = Counter(
    "family_guide_failures",
    "What failed and was caught: message (the safe reply was given), action, request (status 5xx), retention, model.",
    ["where"],
)
STAGES = Histogram(
    "family_guide_stage_seconds",
    "Seconds by stage: reply (a message, whole), lock, load, understanding, action, save.",
    ["stage"],
    buckets=_SECONDS,
)
UNDER_WAY = Gauge("family_guide_messages_under_way", "Messages that are being answered now.")
WAITING = "family_guide_outbox_waiting"
"""Messages of messaging channels that wait, by queue (in: to be answered, out: to be delivered)."""
REQUESTS = Counter(
    "family_guide_requests",
    "HTTP requests by route and status.",
    ["route", "status"],
)
MODEL = Gauge("family_guide_model_info", "1 for the model that answers.", ["model"])
MODEL_UPDATES = Counter("family_guide_model_updates", "Models taken up while running.", ["outcome"])

_SERIOUS = ("emergency", "crisis")


def count_message(channel: str, kinds: Sequence[str]) -> None:
    """Count an answered message.

    Args:
        channel: name of the channel.
        kinds: kinds of the replies; safety's kind counts before the first one's.
    """
    kind = next((k for k in kinds if k in _SERIOUS), kinds[0] if kinds else "none")
    MESSAGES.labels(channel, kind).inc()


def count_failure(where: str) -> None:
    """Count something that failed and was caught; `where` is one of those that the help of the metric names."""
    FAILURES.labels(where).inc()


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Measure the seconds that a stage takes, also when it raises."""
    began = time.perf_counter()
    try:
        yield
    finally:
        STAGES.labels(stage).observe(time.perf_counter() - began)


def show_model(name: str) -> None:
    """Make a model the one that is shown as answering."""
    MODEL.clear()
    MODEL.labels(name).set(1)


def prepare() -> None:
    """Show every failure as 0 before the first, so that an alert sees it rise."""
    for where in ("message", "action", "request", "retention", "model"):
        FAILURES.labels(where)
    for outcome in ("taken", "refused"):
        MODEL_UPDATES.labels(outcome)
